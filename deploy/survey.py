"""What shall be, what is remembered and what is there, gathered for a plan; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.api import Api
from deploy.beyond import files_of, functions_of, resources_beyond
from deploy.bundle import pipelines_in_order, resources_of, unknown_kinds
from deploy.facts import Facts
from deploy.kinds.all import kinds
from deploy.kinds.kind import Kind
from deploy.kinds.updates import COMPLETED
from deploy.planning import Known, ambiguous, deletions, ordered, steps_of, undeletable
from deploy.state import State, read_state
from deploy.values import Entry, Plan, Remote, Resource, Step, resolved
from weir.bundle.located_yaml import LocatedValue
from weir.model.problems import Problem, WeirError


@dataclass(frozen=True, slots=True)
class Survey:
    """All of it.

    Attributes:
        known: The resources that shall be, in order.
        gone: Those that are remembered and that our files no longer name, in order.
    """

    facts: Facts
    kinds: Mapping[str, Kind]
    state: State
    known: tuple[Known, ...]
    gone: tuple[Known, ...]

    @property
    def ids(self) -> dict[str, str]:
        """Address -> id of everything that exists."""
        return {k.resource.address: k.remote.id for k in self.known if k.remote}

    def plan(self) -> Plan:
        """What apply would do.

        Raises:
            WeirError: A name is not unique, or what is protected would be deleted.
        """
        classes = {name: kind.classes for name, kind in self.kinds.items()}
        return self._checked(steps_of(self.known, self.gone, classes))

    def destruction(self) -> Plan:
        """What destroy would do: remove everything that is remembered.

        Raises:
            WeirError: Something of it is protected.
        """
        remembered = [k for k in self.known if k.entry]
        return self._checked(deletions([*remembered, *self.gone], "everything is removed"))

    def _checked(self, steps: tuple[Step, ...]) -> Plan:
        protected = {a: e.protected for a, e in self.state.entries.items()}
        protected |= {k.resource.address: k.resource.protected for k in self.known}
        problems = (*ambiguous(self.known), *undeletable(steps, protected))
        if problems:
            raise WeirError(*problems)
        return Plan(self.facts.bundle.target, self.state.lineage, self.state.serial, steps)


def declared(facts: Facts, settings: LocatedValue, *, by_cli: bool = False) -> list[Resource]:
    """All resources that shall be, in order.

    Args:
        by_cli: Does the Databricks CLI deploy the bundle? Then only the others are ours.

    Raises:
        WeirError: The bundle has what this does not deploy, or names what has no value.
    """
    bundle = facts.bundle
    updates = [
        Resource("updates", key, f"${{resources.pipelines.{key}.id}}", COMPLETED)
        for key in pipelines_in_order(bundle)
    ]
    own = [*functions_of(bundle), *updates, *resources_beyond(facts, settings)]
    of_bundle = [] if by_cli else [*resources_of(facts), *files_of(facts)]
    resources = ordered([*of_bundle, *own])
    problems = [*([] if by_cli else unknown_kinds(bundle)), *_unresolved(resources)]
    if problems:
        raise WeirError(*problems)
    return resources


def _unresolved(resources: list[Resource]) -> Iterator[Problem]:
    known = {r.address for r in resources}
    for resource in resources:
        for address in sorted(resource.references - known):
            text = f"`{resource.address}` refers to `{address}`, which nothing declares."
            yield Problem(
                "BUNDLE_REFERENCE_NOT_FOUND", text, resource.origin, "declare it, or name another one"
            )


def survey(api: Api, facts: Facts, resources: list[Resource]) -> Survey:
    """Ask the workspace for everything that shall be and everything that is remembered."""
    state = read_state(api, facts.state)
    available = kinds(Path(facts.bundle.file).parent)
    known, ids = list[Known](), dict[str, str]()
    for resource in resources:
        one = look(api, available[resource.kind], resource, state.entries.get(resource.address), ids)
        known.append(one)
        if one.remote:
            ids[resource.address] = one.remote.id
    wanted = {r.address for r in resources}
    left = ordered([_of_entry(e) for a, e in state.entries.items() if a not in wanted])
    gone = [look(api, available[r.kind], r, state.entries[r.address], ids) for r in left]
    return Survey(facts, available, state, tuple(known), tuple(gone))


def _of_entry(entry: Entry) -> Resource:
    return Resource(entry.kind, entry.key, entry.name, entry.fields, None, entry.protected)


def look(api: Api, kind: Kind, resource: Resource, entry: Entry | None, ids: Mapping[str, str]) -> Known:
    """A resource as it is: by the id that is remembered, else by its name."""
    if entry is not None and entry.id is not None:
        remote = kind.get(api, entry.id)
        if remote is not None:
            return Known(resource, entry, remote)
    name = resolved(resource.name, ids)
    if "${" in name:
        return Known(resource, entry, None)
    found: list[Remote] = kind.find(api, name)
    return Known(resource, entry, found[0] if found else None, max(0, len(found) - 1))
