"""From what shall be, what is remembered and what is there to a list of steps: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from deploy.difference import BY_HAND, Classes, differences, recreates
from deploy.values import Change, Entry, Remote, Resource, Step, Verb, resolved
from weir.model.problems import Problem

ORDER = (
    "destinations", "external_locations", "catalogs", "schemas", "volumes", "secret_scopes", "sql_warehouses",
    "clusters", "grants", "scope_acls", "secrets", "folders", "functions", "files", "pipelines", "jobs",
    "updates", "table_grants", "tags", "masks", "alerts", "dashboards", "permissions",
)  # fmt: skip
SHARED = frozenset({"grants", "table_grants", "permissions"})  # others have entries of their own there
LOSSES = {
    "catalogs": "all schemas, tables and files of the catalog",
    "schemas": "all tables and files of the schema",
    "volumes": "all files of the volume",
    "secret_scopes": "all secrets of the scope",
    "pipelines": "the checkpoints of its streams; its tables stay and are refreshed no more",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one resource before anything is done.

    Attributes:
        remote: As the workspace has it; None where it is not.
        others: How many more have its name.
    """

    resource: Resource
    entry: Entry | None
    remote: Remote | None
    others: int = 0


def ordered(resources: Iterable[Resource]) -> list[Resource]:
    """Each resource after those that it refers to, otherwise by kind."""
    waiting = sorted(resources, key=lambda r: ORDER.index(r.kind))
    known, done, result = {r.address for r in waiting}, set[str](), list[Resource]()
    while waiting:
        ready = next((r for r in waiting if r.references & known <= done), waiting[0])
        waiting.remove(ready)
        result.append(ready)
        done.add(ready.address)
    return result


def steps_of(
    known: Sequence[Known], gone: Sequence[Known], classes: Mapping[str, Classes], ids: Mapping[str, str]
) -> tuple[Step, ...]:
    """What has to be done.

    Args:
        known: The resources that shall be, in order.
        gone: Those that are remembered and that our files no longer name, in order.
        classes: What is known of the fields, by kind.
        ids: Address -> id of what exists.
    """
    kept = [step for k in known if (step := _step(k, ids, classes[k.resource.kind]))]
    return (*kept, *deletions(gone, "our files no longer name it"))


def deletions(gone: Iterable[Known], why: str) -> tuple[Step, ...]:
    """The steps that remove things, those first that refer to others; nothing for what is gone already."""
    return tuple(_deletion(k, why) for k in reversed(list(gone)))


def _deletion(known: Known, why: str) -> Step:
    resource, remote = known.resource, known.remote
    shared = resource.fields.items() if resource.kind in SHARED and remote else ()
    ours = tuple(Change(principal, held, None) for principal, held in shared)
    loses = LOSSES.get(resource.kind, "") if remote else ""
    key = remote.id if remote else None
    return Step(Verb.DELETE, resource.kind, resource.key, resource.name, why, key, ours, loses)


def uncovered(steps: Iterable[Step], agreed: Iterable[str]) -> list[Step]:
    """The steps whose losses nobody agreed to: what lies in a container goes with it.

    Args:
        agreed: Addresses, or patterns of them.
    """
    losses = [step for step in steps if step.loses]
    named = [step for step in losses if any(fnmatchcase(step.address, pattern) for pattern in agreed)]
    inside = tuple(f"{step.name}." for step in named if step.kind in {"catalogs", "schemas"})
    return [step for step in losses if step not in named and not step.name.startswith(inside or ("\0",))]


def _step(known: Known, ids: Mapping[str, str], classes: Classes) -> Step | None:
    resource, entry, remote = known.resource, known.entry, known.remote
    fields = resolved(resource.fields, ids)
    name = resolved(resource.name, ids)
    if remote is None:
        outside = entry is not None and entry.id is not None
        why = "it was deleted in the workspace" if outside else "it does not exist"
        changes = tuple(Change(path, None, value) for path, value in fields.items())
        return Step(Verb.CREATE, resource.kind, resource.key, name, why, None, changes, "", outside)
    last = resolved(entry.fields, ids) if entry else None
    changes = differences(fields, remote.fields, last, classes)
    known_before = entry is not None and entry.id == remote.id
    if not changes:
        same = known_before and entry is not None and resolved(entry.fields, ids) == fields
        why = (
            "it exists and is taken over" if not known_before else "what is remembered is brought up to date"
        )
        return None if same else Step(Verb.ADOPT, resource.kind, resource.key, name, why, remote.id)
    anew = recreates(changes, classes)
    outside = known_before and all(c.why == BY_HAND for c in changes)
    why = BY_HAND if outside else "our files changed" if known_before else "it exists and differs"
    verb, loses = (Verb.RECREATE, LOSSES.get(resource.kind, "")) if anew else (Verb.UPDATE, "")
    return Step(verb, resource.kind, resource.key, name, why, remote.id, changes, loses, outside)


def without_own_rights(step: Step, callers: AbstractSet[str]) -> Step:
    """A step that takes the right to manage from whoever deploys, as one that loses it.

    Args:
        callers: Names of who deploys, and of the groups that this is a member of.
    """
    taken = [
        change.path
        for change in step.changes
        if step.kind in SHARED and step.verb is Verb.UPDATE and change.path.rpartition("/")[2] in callers
        if "MANAGE" in str(change.old) and "MANAGE" not in str(change.new)
    ]
    return replace(step, loses=f"the right of {taken[0]} to manage it, which is yours") if taken else step


def ambiguous(known: Iterable[Known]) -> Iterator[Problem]:
    """A problem for each name that several things have, of which none is remembered."""
    for one in known:
        if one.others:
            text = f"{one.others + 1} {one.resource.kind} are called `{one.resource.name}`."
            hint = "rename or remove all but one in the workspace"
            yield Problem("RESOURCE_AMBIGUOUS", text, one.resource.origin, hint)


def undeletable(steps: Iterable[Step], protected: Mapping[str, bool]) -> Iterator[Problem]:
    """A problem for each step that deletes what is protected."""
    for step in steps:
        if step.verb in {Verb.DELETE, Verb.RECREATE} and protected.get(step.address):
            text = f"`{step.address}` is protected (lifecycle.prevent_destroy) and would be deleted."
            yield Problem(
                "RESOURCE_PROTECTED", text, hint="take the protection away first, in a step of its own"
            )
