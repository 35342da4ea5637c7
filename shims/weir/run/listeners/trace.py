"""Follows an update: which versions of which tables its flows read, and what they wrote."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from weir.graph.analysis import Graph, ResolvedTable
from weir.model.definitions import AutoCdcFlow
from weir.model.lineage import FlowLineage, TableVersion, Trace
from weir.model.names import fold
from weir.run.flow.attempt import PreparedFlow
from weir.run.frames.flow_lineage import from_plan, versions_streamed
from weir.run.lake.world import World
from weir.run.listeners.definition_events import flow_type


class Tracer:
    """What is known so far; `reads` and `moved` may be called from any thread."""

    def __init__(self, world: World, graph: Graph) -> None:
        self._world = world
        tables = [n for n, d in graph.datasets.items() if isinstance(d, ResolvedTable)]
        self._before = {name: world.storage.version(name) for name in tables}
        self._flows: dict[str, FlowLineage] = {}
        self._streamed: dict[str, dict[str, int]] = {}

    def reads(self, prepared: PreparedFlow) -> None:
        """A flow is about to run."""
        name, dataset = prepared.flow.name, prepared.dataset
        resolved = next(f for f in dataset.flows if f.flow.name == name)
        sources = tuple(TableVersion(table) for table in sorted(resolved.analysis.inputs))
        declared = FlowLineage(name, dataset.name, flow_type(dataset, resolved), sources)
        self._flows[name] = declared
        with suppress(Exception):  # a plan that can't be read fails no flow: what is declared is told
            lineage = from_plan(self._world, declared, prepared.watched.df)
            if isinstance(prepared.flow, AutoCdcFlow) and dataset.schema is not None:
                columns = {fold(column) for column in dataset.schema.fieldNames()}
                lineage = replace(
                    lineage, columns={n: o for n, o in lineage.columns.items() if fold(n) in columns}
                )
            self._flows[name] = lineage

    def moved(self, flow: str, progress: str) -> None:
        """A micro-batch ended."""
        self._streamed.setdefault(flow, {}).update(versions_streamed(self._world, progress))

    def trace(self, completed: frozenset[str]) -> Trace:
        """All of it.

        Args:
            completed: The flows that came to their end.
        """
        flows = tuple(self._ended(f, completed) for f in self._flows.values())
        now = {name: self._world.storage.version(name) for name in self._before}
        written = (TableVersion(n, v) for n, v in now.items() if v != self._before[n])
        return Trace(flows, tuple(written))

    def _ended(self, flow: FlowLineage, completed: frozenset[str]) -> FlowLineage:
        streamed = self._streamed.get(flow.flow, {})
        sources = (replace(s, version=streamed.get(s.table, s.version)) for s in flow.sources)
        return replace(flow, sources=tuple(sources), completed=flow.flow in completed)
