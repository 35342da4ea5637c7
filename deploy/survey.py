"""What shall be, what is remembered and what is there, gathered for a plan; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.api import Api
from deploy.beyond import files_of, functions_of, resources_beyond
from deploy.bundle import pipelines_in_order, resources_of, unknown_kinds
from deploy.cli import Cli
from deploy.definitions import Definitions
from deploy.facts import Facts
from deploy.foresight import foretold
from deploy.kinds.all import kinds
from deploy.kinds.kind import Kind
from deploy.kinds.updates import COMPLETED
from deploy.planning import (
    Known,
    ambiguous,
    deletions,
    ordered,
    steps_of,
    undeletable,
    without_own_rights,
)
from deploy.state import State, read_state
from deploy.values import Entry, Json, Plan, Remote, Resource, Step, resolved
from weir.bundle.located_yaml import LocatedValue
from weir.model.problems import Problem, WeirError


@dataclass(frozen=True, slots=True)
class Survey:
    """All of it.

    Attributes:
        known: The resources that shall be, in order.
        gone: Those that are remembered and that our files no longer name, in order.
        tables: As the sources define them, by their names.
        theirs: The resources of the bundle, where the Databricks CLI deploys it.
        cli: Which does that; None where we do.
    """

    facts: Facts
    kinds: Mapping[str, Kind]
    state: State
    known: tuple[Known, ...]
    gone: tuple[Known, ...]
    tables: Mapping[str, Json]
    theirs: tuple[Known, ...] = ()
    cli: Cli | None = None

    @property
    def ids(self) -> dict[str, str]:
        """Address -> id of everything that exists."""
        return {k.resource.address: k.remote.id for k in (*self.theirs, *self.known) if k.remote}

    def plan(self) -> Plan:
        """What apply would do.

        Raises:
            WeirError: A name is not unique, or what is protected would be deleted.
        """
        classes = {name: kind.classes for name, kind in self.kinds.items()}
        steps = steps_of(self.known, self.gone, classes, self.ids)
        before = [step for step in steps if step.kind == "destinations"]
        bundle = self.cli.plan(self.ids) if self.cli else ()
        after = [step for step in steps if step.kind != "destinations"]
        callers = {self.facts.user, *self.facts.groups}
        steps = (*before, *bundle, *after, *foretold(self.tables, self.state.definitions))
        return self._checked(tuple(without_own_rights(step, callers) for step in steps))

    def destruction(self) -> Plan:
        """What destroy would do: remove everything that is remembered.

        Raises:
            WeirError: Something of it is protected.
        """
        remembered, why = [k for k in self.known if k.entry], "everything is removed"
        own = deletions([*remembered, *self.gone], why)
        theirs = [replace(step, by_cli=True) for step in deletions(self.theirs, why) if step.id]
        last = [step for step in own if step.kind == "destinations"]
        return self._checked((*(step for step in own if step not in last), *theirs, *last))

    def _checked(self, steps: tuple[Step, ...]) -> Plan:
        protected = {a: e.protected for a, e in self.state.entries.items()}
        protected |= {k.resource.address: k.resource.protected for k in (*self.known, *self.theirs)}
        problems = (*ambiguous(self.known), *undeletable(steps, protected))
        if problems:
            raise WeirError(*problems)
        return Plan(self.facts.bundle.target, self.state.lineage, self.state.serial, steps)


@dataclass(frozen=True, slots=True)
class Declared:
    """What shall be: the resources of the bundle, and the others."""

    bundle: list[Resource]
    beyond: list[Resource]


def declared(facts: Facts, settings: LocatedValue, definitions: Definitions, *, by_cli: bool) -> Declared:
    """All resources that shall be.

    Args:
        by_cli: Does the Databricks CLI deploy the bundle? It knows more kinds of resources.

    Raises:
        WeirError: The bundle has what this does not deploy, or refers to what nothing declares.
    """
    bundle = facts.bundle
    updates = [
        Resource("updates", key, f"${{resources.pipelines.{key}.id}}", COMPLETED)
        for key in pipelines_in_order(bundle)
    ]
    beyond = [*functions_of(bundle), *updates, *definitions.masks, *resources_beyond(facts, settings)]
    of_bundle = list(resources_of(facts)) if by_cli else [*resources_of(facts), *files_of(facts)]
    known = [] if by_cli else unknown_kinds(bundle)
    problems = [*known, *_unresolved([*of_bundle, *beyond])]
    if problems:
        raise WeirError(*problems)
    return Declared(of_bundle, beyond)


def _unresolved(resources: list[Resource]) -> Iterator[Problem]:
    known = {r.address for r in resources}
    for resource in resources:
        for address in sorted(resource.references - known):
            text = f"`{resource.address}` refers to `{address}`, which nothing declares."
            yield Problem(
                "BUNDLE_REFERENCE_NOT_FOUND", text, resource.origin, "declare it, or name another one"
            )


def survey(
    api: Api, facts: Facts, wanted: Declared, definitions: Definitions, cli: Cli | None = None
) -> Survey:
    """Ask the workspace for everything that shall be and everything that is remembered.

    Args:
        definitions: What the sources define; of pipelines that can't be read, what is remembered holds.
        cli: Deploys the bundle; None where we do.
    """
    state = read_state(api, facts.state)
    available, ids = kinds(Path(facts.bundle.file).parent), dict[str, str]()
    theirs = looked(api, available, ordered(wanted.bundle) if cli else [], state, ids)
    ours = wanted.beyond if cli else [*wanted.bundle, *wanted.beyond]
    known = looked(api, available, ordered(ours), state, ids)
    names = {k.resource.address for k in (*theirs, *known)}
    held = {"masks"} if definitions.unread else set()
    left = ordered([_of_entry(e) for a, e in state.entries.items() if a not in names and e.kind not in held])
    gone = looked(api, available, left, state, ids)
    kept = {n: t for n, t in state.definitions.items() if t["pipeline"] in definitions.unread}
    return Survey(facts, available, state, known, gone, {**kept, **definitions.tables}, theirs, cli)


def looked(
    api: Api, available: Mapping[str, Kind], resources: list[Resource], state: State, ids: dict[str, str]
) -> tuple[Known, ...]:
    """Each resource as it is; the ids of those that exist are added to `ids`."""
    known: list[Known] = []
    for resource in resources:
        entry = state.entries.get(resource.address)
        known.append(look(api, available[resource.kind], resource, entry, ids))
        if remote := known[-1].remote:
            ids[resource.address] = remote.id
    return tuple(known)


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
