"""What needs the rows of a table: in this pipeline by its graph, in others of the storage by their traces.

A stream leaves the table's id in its checkpoint, a materialized view in the commit that writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from deltalake import DeltaTable

from weir.graph.analysis import Graph
from weir.model.definitions import Kind
from weir.model.maintenance import KEPT
from weir.plan.keepers import promises, streams_from
from weir.plan.maintenance import Reader
from weir.run.flow.unchanged import recorded
from weir.run.lake.commits import commit_of
from weir.run.lake.existing import KIND
from weir.run.lake.past import next_version, offsets
from weir.run.lake.paths import local_file
from weir.run.lake.storage import Storage
from weir.run.lake.world import World

Offset = Mapping[str, Any]


class Dependents:
    """The streams and materialized views over the tables of a storage."""

    def __init__(self, world: World, graph: Graph, skipping: frozenset[str]) -> None:
        """Look once at all that lies in the storage.

        Args:
            skipping: Flows of other pipelines that go on when rows are deleted, as their users say.
        """
        self.pipeline = world.pipeline.name
        self.storage = world.storage
        self.graph = graph
        self.skipping = skipping
        self.streams = tuple(_checkpoints(world.storage))
        self.views = dict(_views(world.storage))

    def readers(self, name: str) -> tuple[Reader, ...]:
        """The streams over a table: those that this pipeline defines, and those of others that have run."""
        table, identity = self._table(name)
        known = {(p, f): _unread(table, read[identity]) for p, f, read in self.streams if identity in read}
        own = streams_from(self.graph, name).items()
        others = [(p, f) for p, f in known if p != self.pipeline]
        return (
            *(Reader(f, None, known.get((self.pipeline, f)), goes_on) for f, goes_on in own),
            *(Reader(f, p, known[p, f], f in self.skipping) for p, f in others),
        )

    def promises(self, name: str) -> Mapping[str, str]:
        """The materialized views that are computed from a table -> for how long they keep rows."""
        return {**self._promises(name), **promises(self.graph, name)}

    def _promises(self, name: str) -> dict[str, str]:
        identity = self._table(name)[1]
        views = [view for view, made_of in self.views.items() if any(identity in text for text in made_of)]
        states = {view: self.storage.state(view) for view in views}
        found = {v: s.properties[KEPT] for v, s in states.items() if s and KEPT in s.properties}
        for view in views:
            found |= self._promises(view)
        return found

    def _table(self, name: str) -> tuple[DeltaTable, str]:
        table = DeltaTable(self.storage.table(name))
        return table, str(table.metadata().id)


def _checkpoints(storage: Storage) -> Iterator[tuple[str, str, Mapping[str, Offset]]]:
    """Pipeline, flow, and how far it has read which table, in its newest generation."""
    for flow in sorted((storage.root / "checkpoints").glob("*/*")):
        newest = max((int(g.name) for g in flow.iterdir() if g.name.isdigit()), default=0)
        yield unquote(flow.parent.name), unquote(flow.name), offsets(flow / str(newest))


def _views(storage: Storage) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each materialized view and what it was made of."""
    for name in storage.tables():
        state = storage.state(name)
        if state is not None and state.properties.get(KIND) == Kind.MATERIALIZED_VIEW:
            made = recorded(storage, name)
            yield name, made.tables if made else ()


def _unread(table: DeltaTable, offset: Offset) -> int | None:
    """The first version with rows that a stream has not read; one that was cleaned up may be one."""
    for version in range(next_version(offset), table.version() + 1):
        commit = commit_of(local_file(table.table_uri), version)
        if commit is None or commit.only_appends:
            return version
    return None
