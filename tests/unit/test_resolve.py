"""Resolution and planning on values alone: an analyzer that reads edges from a dictionary, no Spark."""

from __future__ import annotations

import pytest

from weir.fakes import EdgeAnalyzer, FakeState, pipeline_of
from weir.graph.resolve import resolve
from weir.model.settings import Selection
from weir.plan.steps import build


def test_the_order_of_definitions_does_not_matter():
    reads = {"gold": ["silver"], "silver": ["v"], "v": ["bronze"], "bronze": ["outside"]}
    analyzer = EdgeAnalyzer(reads, streams={"v", "bronze"})
    graph = resolve(pipeline_of(reads, views={"v"}), analyzer)
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
    graph = resolve(pipeline_of(reads), EdgeAnalyzer(reads))
    assert next(iter(graph.datasets)) == "d999"
    assert len(graph.datasets) == 1000


def test_a_cause_names_what_it_took_along_and_siblings_resolve():
    reads = {"a": ["missing"], "b": ["a"], "c": ["b"], "d": ["missing"], "ok": []}
    graph = resolve(pipeline_of(reads), EdgeAnalyzer(reads))
    assert [p.message for p in graph.problems] == ["no missing Not resolved because of it: `d`, `b`, `c`."]
    assert list(graph.datasets) == ["ok"]


def test_a_cycle_prints_its_path_once():
    reads = {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["c"]}
    graph = resolve(pipeline_of(reads), EdgeAnalyzer(reads))
    assert [p.message for p in graph.problems] == [
        "Circular dependencies are not supported in a pipeline: `a` -> `b` -> `c` -> `a`."
    ]
    assert graph.failed == {"a", "b", "c", "d"}


def test_only_what_is_wanted_and_what_it_reads_is_called():
    reads = {"a": [], "b": ["a"], "c": ["missing"]}
    analyzer = EdgeAnalyzer(reads)
    assert list(resolve(pipeline_of(reads), analyzer, ["b"]).datasets) == ["a", "b"]
    assert "c" not in analyzer.calls


@pytest.fixture
def medallion():
    reads = {"bronze": [], "v": ["bronze"], "silver": ["v"], "gold": ["silver"]}
    made = pipeline_of(reads, {"v"}, {"bronze": {"pipelines.reset.allowed": "false"}})
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
