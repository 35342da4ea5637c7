"""What needs the rows of a table: in this pipeline by its graph, in others of the storage by their traces.

A stream leaves the table's id in its checkpoint, a materialized view in the commit that writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from deltalake import DeltaTable

from weir.graph.analysis import Graph
from weir.graph.walk import reached
from weir.model.definitions import DatasetKind
from weir.model.maintenance import KEPT
from weir.model.names import by_ends, meant
from weir.plan.keepers import promises, streams_from
from weir.plan.maintenance import StreamReader
from weir.run.lake.commits import commit_of
from weir.run.lake.existing import KIND
from weir.run.lake.past import next_version, offsets
from weir.run.lake.paths import local_folder
from weir.run.lake.refreshes import last_refresh
from weir.run.lake.storage import Storage
from weir.run.lake.world import World

Offset = Mapping[str, Any]
Value = TypeVar("Value")


class Dependents:
    """The streams and materialized views over the tables of a storage."""

    def __init__(self, world: World, graph: Graph, skipping: frozenset[str]) -> None:
        """Look once at all that lies in the storage.

        Args:
            skipping: Flows of other pipelines that go on when rows are deleted, as their users say; short
                names suffice.
        """
        self.pipeline = world.pipeline.name
        self.storage = world.storage
        self.graph = graph
        self.streams = _by_id(_checkpoints(world.storage))
        ends = by_ends({flow for streams in self.streams.values() for _, flow, _ in streams})
        self.skipping = frozenset(flow for typed in skipping for flow in meant(typed, ends))
        self.views = _by_id(_views(world.storage))
        self.ids: dict[str, str] = {}

    def readers(self, name: str) -> tuple[StreamReader, ...]:
        """The streams over a table: those that this pipeline defines, and those of others that have run."""
        read = self.streams.get(self._id(name), ())
        table = DeltaTable(self.storage.table(name))
        known = {(p, f): _unread(table, offset) for p, f, offset in read}
        own = streams_from(self.graph, name).items()
        others = [(p, f) for p, f in known if p != self.pipeline]
        return (
            *(StreamReader(f, None, known.get((self.pipeline, f)), goes_on) for f, goes_on in own),
            *(StreamReader(f, p, known[p, f], f in self.skipping) for p, f in others),
        )

    def promises(self, name: str) -> Mapping[str, str]:
        """The materialized views that are computed from a table -> for how long they keep rows."""
        views = reached(name, lambda n: self.views.get(self._id(n), ()))
        states = {view: self.storage.state(view) for view in views}
        periods = {v: s.properties[KEPT] for v, s in states.items() if s and KEPT in s.properties}
        return {**periods, **promises(self.graph, name)}

    def _id(self, name: str) -> str:
        if name not in self.ids:
            self.ids[name] = str(DeltaTable(self.storage.table(name)).metadata().id)
        return self.ids[name]


def _by_id(pairs: Iterable[tuple[str, Value]]) -> Mapping[str, list[Value]]:
    """Id of a table -> all that was found of it."""
    known: dict[str, list[Value]] = {}
    for identity, what in pairs:
        known.setdefault(identity, []).append(what)
    return known


def _checkpoints(storage: Storage) -> Iterator[tuple[str, tuple[str, str, Offset]]]:
    """Id of a table, a pipeline and a flow of it, and how far that has read it in its newest generation."""
    for pipeline in storage.pipelines():
        for flow, folder in storage.checkpoints(pipeline):
            newest = max((int(g.name) for g in folder.iterdir() if g.name.isdigit()), default=0)
            for identity, offset in offsets(folder / str(newest)).items():
                yield identity, (pipeline, flow, offset)


def _views(storage: Storage) -> Iterator[tuple[str, str]]:
    """Id of a table, and a materialized view that was made of it."""
    for name in storage.tables():
        state = storage.state(name)
        if state is not None and state.properties.get(KIND) == DatasetKind.MATERIALIZED_VIEW:
            inputs = last_refresh(storage, name)
            ids = dict.fromkeys(t.id for t in inputs.tables) if inputs else {}
            yield from ((identity, name) for identity in ids if identity)


def _unread(table: DeltaTable, offset: Offset) -> int | None:
    """The first version with rows that a stream has not read; one that was cleaned up may be one."""
    for version in range(next_version(offset), table.version() + 1):
        commit = commit_of(local_folder(table.table_uri), version)
        if commit is None or commit.only_appends:
            return version
    return None
