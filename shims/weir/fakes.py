"""Stand-ins for Spark and storage: graphs of any shape are resolved and planned on values alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from weir.graph.analysis import (
    Analysis,
    AnalysisDeferred,
    AnalysisFailed,
    AnalysisPending,
    AnalyzedQuery,
    ResolvedDataset,
    ResolvedFlow,
    ResolvedTable,
)
from weir.model.definitions import Dataset, Flow, Pipeline, QueryFlow, Table, View
from weir.model.names import Namespace
from weir.model.origin import Origin
from weir.model.problems import Problem

HERE = Origin("p.py", 1)
Reads = Mapping[str, Collection[str]]


@dataclass
class EdgeAnalyzer:
    """The graph's `Analyzer` that reads edges from a mapping; `missing` is a table that nobody has.

    Attributes:
        reads: Dataset -> what its function reads, in this order.
        streams: The datasets whose functions return streams.
        deferred: The datasets whose functions look at data.
        calls: Every call of a function, in order.
    """

    reads: Reads
    streams: AbstractSet[str] = frozenset()
    deferred: AbstractSet[str] = frozenset()
    calls: list[str] = field(default_factory=list)

    def analyze(
        self, flow: Flow, dataset: Dataset, resolved: Mapping[str, ResolvedDataset], failed: AbstractSet[str]
    ) -> Analysis | AnalysisPending:
        """What the flow's function would do on empty frames."""
        del dataset
        self.calls.append(flow.name)
        inputs = frozenset(self.reads[flow.name])
        for name in self.reads[flow.name]:
            if name in failed:
                return AnalysisFailed(inputs)
            if name == "missing":
                return AnalysisFailed(inputs, Problem("NOT_FOUND", f"no {name}", HERE))
            if name in self.reads and name not in resolved:
                return AnalysisPending(name)
        if flow.name in self.deferred:
            return AnalysisDeferred(inputs, "looks at data")
        return AnalyzedQuery(inputs, "schema", flow.name in self.streams)

    def schema_of(self, dataset: Dataset, flows: tuple[ResolvedFlow, ...]) -> tuple[str, tuple[Problem, ...]]:
        """Any schema: the graph never looks into it."""
        del dataset, flows
        return "schema", ()


@dataclass(frozen=True)
class FakeTable:
    """A table that exists."""

    generation: int


@dataclass
class FakeState:
    """The plan's `StateReader`.

    Attributes:
        tables: What exists -> its generation.
        ran: The flows that have a checkpoint, or landed once.
        looks: How often each table was looked at.
    """

    tables: Mapping[str, int] = field(default_factory=dict)
    ran: AbstractSet[str] = frozenset()
    looks: Counter[str] = field(default_factory=Counter)

    def state(self, name: str) -> FakeTable | None:
        """The table, if it exists."""
        self.looks[name] += 1
        return FakeTable(self.tables[name]) if name in self.tables else None

    def has_checkpoint(self, flow: str, generation: int) -> bool:
        """Did the flow run in this generation of the table of its name?"""
        return flow in self.ran and generation == self.tables.get(flow)

    def was_run(self, name: str, flow: str, generation: int) -> bool:
        """Did a once flow land?"""
        del name, generation
        return flow in self.ran

    def has_ended(self, flow: str, generation: int) -> bool:
        """Did a once flow that streams come to its end?"""
        del generation
        return flow in self.ran

    def sink_generation(self, flow: str) -> int:
        """How often a flow into a sink was reset."""
        return self.tables.get(flow, 0)

    def difference(self, dataset: ResolvedTable) -> None:
        """Nothing ever differs from its definition."""
        del dataset

    def reset_breaks(self, dataset: ResolvedTable) -> None:
        """No schema ever changes."""
        del dataset


def pipeline_of(
    reads: Reads,
    views: Collection[str] = (),
    properties: Mapping[str, Mapping[str, str]] | None = None,
) -> Pipeline:
    """A pipeline of datasets with one flow each.

    Args:
        reads: The datasets in the order of their definition -> what they read.
        views: Which of them are temporary views.
        properties: Dataset -> table properties.
    """
    given = properties or {}
    datasets = {
        n: View(n, HERE) if n in views else Table(n, HERE, table_properties=given.get(n, {})) for n in reads
    }
    flows = tuple(QueryFlow(n, n, lambda: None, HERE) for n in reads)
    return Pipeline("p", Namespace(), datasets, flows)


def chain(length: int) -> dict[str, list[str]]:
    """Datasets d0, d1, ... of which each reads the one before."""
    return {f"d{n}": [f"d{n - 1}"] if n else [] for n in range(length)}


def layers(depth: int, width: int) -> dict[str, list[str]]:
    """Layers of datasets of which each reads all of the layer above: `d<layer>_<number>`."""
    names = [[f"d{row}_{n}" for n in range(width)] for row in range(depth)]
    return {name: list(names[row - 1]) if row else [] for row in range(depth) for name in names[row]}


def star(rays: int) -> dict[str, list[str]]:
    """A hub that as many datasets read, which all go into one: `hub`, `ray0`, ..., `sum`."""
    names = [f"ray{n}" for n in range(rays)]
    return {"hub": [], **{name: ["hub"] for name in names}, "sum": names}


def backwards(reads: Reads) -> dict[str, list[str]]:
    """The same graph, with what is read defined after what reads it."""
    return {name: list(reads[name]) for name in reversed([*reads])}
