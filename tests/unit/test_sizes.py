"""Graphs of a thousand datasets: what is done for them is counted, and grows as they do."""

from __future__ import annotations

import pytest

from weir.fakes import EdgeAnalyzer, FakeState, backwards, chain, layers, pipeline_of, star
from weir.graph.resolve import resolve
from weir.model.settings import Selection
from weir.plan.keepers import promises, streams_from
from weir.plan.steps import build

SHAPES = {"chain": chain(1000), "layers": layers(50, 20), "star": star(998)}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_function_is_called_once_where_it_stands_below_what_it_reads(shape):
    reads = SHAPES[shape]
    analyzer = EdgeAnalyzer(reads)
    graph = resolve(pipeline_of(reads), analyzer)
    assert analyzer.calls == list(reads) == list(graph.datasets)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_function_is_called_twice_at_most_where_it_stands_above_what_it_reads(shape):
    reads = backwards(SHAPES[shape])
    analyzer = EdgeAnalyzer(reads)
    graph = resolve(pipeline_of(reads), analyzer)
    assert max(map(analyzer.calls.count, reads)) == 2
    places = {name: place for place, name in enumerate(graph.datasets)}
    assert all(places[source] < places[name] for name in reads for source in reads[name])


def test_one_that_reads_every_link_of_a_chain_below_it_is_called_a_few_times():
    reads = {"all": list(chain(1000)), **backwards(chain(1000))}
    analyzer = EdgeAnalyzer(reads)
    assert len(resolve(pipeline_of(reads), analyzer).datasets) == 1001
    assert len(analyzer.calls) < 2100


def test_views_of_views_need_no_stack():
    reads = {**chain(1100), "end": ["d1099"]}
    views = {f"d{n}" for n in range(1, 1100)}
    pipeline = pipeline_of(reads, views)
    graph = resolve(pipeline, EdgeAnalyzer(reads))
    assert graph.upstream_tables("end") == {"d0"}
    plan = build(pipeline, graph, Selection(), FakeState())
    assert [str(s) for s in plan.flows] == ["refresh d0", "refresh end"]
    assert plan.flows[1].after == {"d0"}


def test_what_many_paths_lead_to_is_found_once():
    reads = layers(12, 8)
    views = {name for name in reads if not name.startswith(("d0_", "d11_"))}
    keeps = {f"d11_{n}": {"retention.period": "1 year"} for n in range(8)}
    graph = resolve(pipeline_of(reads, views, keeps), EdgeAnalyzer(reads))
    assert graph.upstream_tables("d11_3") == {f"d0_{n}" for n in range(8)}
    assert promises(graph, "d0_0") == dict.fromkeys(keeps, "1 year")
    assert streams_from(graph, "d0_0") == {}


def test_what_failed_first_takes_a_thousand_along():
    reads = {**chain(1000), "d0": ["missing"], "other": ["missing"]}
    problem, *others = resolve(pipeline_of(reads), EdgeAnalyzer(reads)).problems
    assert others == []
    took = ", ".join(f"`{name}`" for name in ("other", *(f"d{n}" for n in range(1, 1000))))
    assert problem.message == f"no missing Not resolved because of it: {took}."


@pytest.mark.parametrize("shape", SHAPES)
def test_a_plan_looks_at_each_table_a_few_times(shape):
    reads = SHAPES[shape]
    pipeline = pipeline_of(reads)
    graph = resolve(pipeline, EdgeAnalyzer(reads, streams=set(reads)))
    state = FakeState(dict.fromkeys(reads, 0), set(reads))
    plan = build(pipeline, graph, Selection(full_refresh_all=True), state)
    assert len(plan.flows) == len(plan.setup) == len(reads)
    assert max(state.looks.values()) <= 3
