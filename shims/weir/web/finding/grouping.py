"""A large graph by its schemas or folders: groups, and what goes from one to the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from weir.model.names import BadNameError, join, split
from weir.web.states.state import UpdateState
from weir.web.states.status import Status

By = Literal["schema", "folder"]
OUTSIDE, NONE = "(outside)", "(none)"  # no name of a schema or folder
_WORST_FIRST = (Status.FAILED, Status.LOST, Status.SKIPPED, Status.RUNNING, Status.STARTING, Status.QUEUED)


@dataclass(frozen=True, slots=True)
class Group:
    """Some datasets of a graph.

    Attributes:
        members: Their full names, in the order of the graph.
        tally: How many of them stand where.
    """

    name: str
    members: tuple[str, ...]
    tally: Mapping[Status, int]

    @property
    def status(self) -> Status:
        """The one that matters most of those of its members."""
        return next((s for s in _WORST_FIRST if s in self.tally), next(iter(self.tally), Status.UNKNOWN))


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups of a graph, and how many edges lead from one to another."""

    groups: tuple[Group, ...]
    edges: Mapping[tuple[str, str], int]


def grouped(update: UpdateState, by: By) -> Grouping:
    """The graph of an update by the schemas of its datasets, or by the folders of their sources."""
    names = (*update.datasets, *update.outside)
    group_of = {name: _group(update, name, by) for name in names}
    members: dict[str, list[str]] = {}
    for name, group in group_of.items():
        members.setdefault(group, []).append(name)
    groups = tuple(Group(g, tuple(n), _tally(update, n)) for g, n in members.items())
    pairs = Counter((group_of[a], group_of[b]) for a, b in update.edges)
    return Grouping(groups, {pair: count for pair, count in pairs.items() if pair[0] != pair[1]})


def _tally(update: UpdateState, names: list[str]) -> Mapping[Status, int]:
    return Counter(update.datasets[n].status for n in names if n in update.datasets)


def _group(update: UpdateState, name: str, by: By) -> str:
    dataset = update.datasets.get(name)
    if dataset is None:
        return OUTSIDE
    if by == "folder":
        return str(PurePath(dataset.origin.file).parent) if dataset.origin else NONE
    return schema_of(name) or NONE


def schema_of(name: str) -> str:
    """The catalog and schema of a full name; empty for a view, which has none.

    >>> schema_of("main.`my schema`.t"), schema_of("a_view")
    ('main.`my schema`', '')
    """
    try:
        return join(split(name)[:-1])
    except BadNameError:
        return ""
