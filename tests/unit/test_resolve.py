"""Resolution and planning on values alone: an analyzer that reads edges from a dictionary, no Spark."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from weir.graph.analysis import AnalysisDeferred, AnalysisFailed, Analyzed, Pending
from weir.graph.resolve import resolve
from weir.model.definitions import Pipeline, QueryFlow, Table, View
from weir.model.names import Namespace
from weir.model.origin import Origin
from weir.model.problems import Problem
from weir.model.request import Selection
from weir.plan.steps import build

HERE = Origin("p.py", 1)


@dataclass
class EdgeAnalyzer:
    """Answers as user code would: `reads` are the edges, streams and deferred flows are named."""

    reads: dict[str, list[str]]
    streams: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    def analyze(self, flow, dataset, resolved, failed):
        self.calls.append(flow.name)
        inputs = frozenset(self.reads[flow.name])
        for name in self.reads[flow.name]:
            if name in failed:
                return AnalysisFailed(inputs)
            if name == "missing":
                return AnalysisFailed(inputs, Problem("NOT_FOUND", f"no {name}", HERE))
            if name in self.reads and name not in resolved:
                return Pending(name)
        if flow.name in self.deferred:
            return AnalysisDeferred(inputs, "looks at data")
        return Analyzed(inputs, "schema", flow.name in self.streams)

    def schema_of(self, dataset, flows):
        return "schema", ()


@dataclass
class FakeState:
    """What exists: table -> generation."""

    tables: dict[str, int] = field(default_factory=dict)
    ran: set[str] = field(default_factory=set)

    def state(self, name):
        return self if name in self.tables and self.at(name) else None

    def at(self, name):
        self.generation = self.tables[name]
        return True

    def has_checkpoint(self, flow, generation):
        return flow in self.ran and generation == self.tables.get(flow)

    def was_run(self, name, flow, generation):
        return flow in self.ran

    def sink_generation(self, flows):
        return max((self.tables.get(f, 0) for f in flows), default=0)

    def difference(self, dataset):
        return None


def pipeline(reads, views=(), properties=None):
    datasets = {
        n: View(n, HERE) if n in views else Table(n, HERE, table_properties=(properties or {}).get(n, {}))
        for n in reads
    }
    flows = tuple(QueryFlow(n, n, lambda: None, HERE) for n in reads)
    return Pipeline("p", Namespace(), datasets, flows)


def test_the_order_of_definitions_does_not_matter():
    reads = {"gold": ["silver"], "silver": ["v"], "v": ["bronze"], "bronze": ["outside"]}
    analyzer = EdgeAnalyzer(reads, streams={"v", "bronze"})
    graph = resolve(pipeline(reads, views={"v"}), analyzer)
    assert [(d.name, str(d.kind)) for d in graph.datasets.values()] == [
        ("bronze", "streaming_table"),
        ("v", "view"),
        ("silver", "materialized_view"),
        ("gold", "materialized_view"),
    ]
    assert graph.problems == ()
    assert graph.upstream_tables("silver") == {"bronze"}
    assert analyzer.calls.count("gold") == 2


def test_a_chain_of_a_thousand_needs_no_stack():
    reads = {f"d{n}": [f"d{n + 1}"] if n < 999 else [] for n in range(1000)}
    graph = resolve(pipeline(reads), EdgeAnalyzer(reads))
    assert next(iter(graph.datasets)) == "d999"
    assert len(graph.datasets) == 1000


def test_a_cause_names_what_it_took_along_and_siblings_resolve():
    reads = {"a": ["missing"], "b": ["a"], "c": ["b"], "d": ["missing"], "ok": []}
    graph = resolve(pipeline(reads), EdgeAnalyzer(reads))
    assert [p.message for p in graph.problems] == ["no missing Not resolved because of it: `d`, `b`, `c`."]
    assert list(graph.datasets) == ["ok"]


def test_a_cycle_prints_its_path_once():
    reads = {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["c"]}
    graph = resolve(pipeline(reads), EdgeAnalyzer(reads))
    assert [p.message for p in graph.problems] == [
        "Circular dependencies are not supported in a pipeline: `a` -> `b` -> `c` -> `a`."
    ]
    assert graph.failed == {"a", "b", "c", "d"}


def test_only_what_is_wanted_and_what_it_reads_is_called():
    reads = {"a": [], "b": ["a"], "c": ["missing"]}
    analyzer = EdgeAnalyzer(reads)
    assert list(resolve(pipeline(reads), analyzer, ["b"]).datasets) == ["a", "b"]
    assert "c" not in analyzer.calls


@pytest.fixture
def medallion():
    reads = {"bronze": [], "v": ["bronze"], "silver": ["v"], "gold": ["silver"]}
    made = pipeline(reads, {"v"}, {"bronze": {"pipelines.reset.allowed": "false"}})
    return made, resolve(made, EdgeAnalyzer(reads, streams={"bronze", "v", "silver"}))


def steps(plan):
    return [(str(s), s.generation, sorted(s.after)) for s in plan.steps]


def test_a_first_plan_creates_then_runs_each_after_what_it_reads(medallion):
    assert steps(build(*medallion, Selection(), FakeState())) == [
        ("create bronze", 0, []),
        ("create silver", 0, []),
        ("create gold", 0, []),
        ("stream bronze", 0, []),
        ("stream silver", 0, ["bronze"]),
        ("refresh gold", 0, ["silver"]),
    ]


def test_a_full_refresh_of_all_moves_on_a_generation_but_for_protected_tables(medallion):
    exists = FakeState({"bronze": 0, "silver": 3, "gold": 0}, {"bronze", "silver"})
    plan = build(*medallion, Selection(full_refresh_all=True), exists)
    assert steps(plan)[:3] == [
        ("reset silver", 4, []),
        ("stream bronze", 0, []),
        ("stream silver", 4, ["bronze"]),
    ]
    assert [s.why for s in plan.flows if s.dataset == "silver"] == [
        "has no checkpoint yet: reads all there is"
    ]


def test_a_selection_excludes_the_rest(medallion):
    plan = build(*medallion, Selection(refresh=frozenset({"gold"})), FakeState({"bronze": 0, "silver": 0}))
    assert [str(s) for s in plan.steps] == ["create gold", "exclude bronze", "exclude silver", "refresh gold"]
