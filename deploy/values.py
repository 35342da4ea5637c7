"""What is deployed and what is to be done, as frozen values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from weir.model.origin import Origin

Json = dict[str, Any]
REFERENCE = re.compile(r"\$\{resources\.([a-z_]+\.[\w-]+)\.id\}")


class Verb(StrEnum):
    """What a step does with one resource."""

    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    RECREATE = "recreate"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that shall exist in a workspace.

    Attributes:
        kind: As a bundle calls it, or one of the kinds that no bundle has.
        key: What tells it from others of its kind in our files.
        name: By which the workspace finds it; may refer to the id of another resource.
        fields: The values that it shall have; may refer to ids, too.
        protected: Must it never be deleted?
    """

    kind: str
    key: str
    name: str
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    origin: Origin | None = None
    protected: bool = False

    @property
    def address(self) -> str:
        """Its kind and key, which tell it from everything else."""
        return f"{self.kind}.{self.key}"

    @property
    def references(self) -> frozenset[str]:
        """The addresses of the resources whose ids it needs."""
        return frozenset(_references([self.name, self.fields]))


@dataclass(frozen=True, slots=True)
class Remote:
    """A thing as the workspace has it."""

    id: str
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Entry:
    """What is remembered of a resource: written before and after each call.

    Attributes:
        id: None while the call that makes it was begun and its answer was not seen.
        fields: As they were applied last.
    """

    kind: str
    key: str
    name: str
    id: str | None
    fields: Mapping[str, Any]
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One field that is not as it shall be.

    Attributes:
        path: Dotted, with the keys of lists in brackets: `tasks[update].timeout_seconds`.
        why: Why it differs.
    """

    path: str
    old: Any
    new: Any
    why: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One call, with what it changes and which data it loses.

    Attributes:
        loses: What nobody can bring back, in a sentence; empty where nothing is lost.
        outside: Was the difference made by somebody else since the last deployment?
        by_cli: Does the Databricks CLI take it, together with all others that it takes?
    """

    verb: Verb
    kind: str
    key: str
    name: str
    why: str
    id: str | None = None
    changes: tuple[Change, ...] = ()
    loses: str = ""
    outside: bool = False
    by_cli: bool = False

    @property
    def address(self) -> str:
        """The address of its resource."""
        return f"{self.kind}.{self.key}"

    def to_json(self) -> Json:
        """The step as data."""
        return {
            "action": str(self.verb),
            "resource": self.address,
            "name": self.name,
            "id": self.id,
            "why": self.why,
            "changes": [{"field": c.path, "old": c.old, "new": c.new, "why": c.why} for c in self.changes],
            "loses": self.loses,
            "outside": self.outside,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What apply would do, in this order.

    Attributes:
        lineage: Which history of deployments the plan continues.
        serial: After how many writes of its state.
        notices: Which data an update will lose or read again, as the definitions foretell it.
    """

    target: str
    lineage: str
    serial: int
    steps: tuple[Step, ...] = ()
    notices: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """The plan as data; two are the same if their data is."""
        return {
            "version": 1,
            "target": self.target,
            "lineage": self.lineage,
            "serial": self.serial,
            "steps": [step.to_json() for step in self.steps],
            "notices": list(self.notices),
        }

    def to_text(self) -> str:
        """The plan as JSON."""
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1, default=str)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from REFERENCE.findall(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _references(inner)


def resolved(value: Any, ids: Mapping[str, str]) -> Any:
    """A value with the ids for the references to them; those that are not known stay.

    >>> resolved({"job_id": "${resources.jobs.a.id}"}, {"jobs.a": "12"})
    {'job_id': 12}
    """
    if isinstance(value, str):
        alone = REFERENCE.fullmatch(value)
        if alone and alone[1] in ids:
            return int(ids[alone[1]]) if alone[1].startswith("jobs.") else ids[alone[1]]
        return REFERENCE.sub(lambda match: ids.get(match[1], match[0]), value)
    if isinstance(value, Mapping):
        return {key: resolved(inner, ids) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolved(inner, ids) for inner in value]
    return value
