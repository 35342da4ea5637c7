"""Which flow may run when, on steps alone."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from weir.fakes import EdgeAnalyzer, FakeState, chain, layers, pipeline_of, star
from weir.graph.resolve import resolve
from weir.model.settings import Selection
from weir.plan.schedule import Schedule
from weir.plan.steps import Step, Verb, build


def step(flow: str, *after: str, into: str | None = None) -> Step:
    return Step(Verb.STREAM, into or flow, "", flow, after=frozenset(after))


def names(steps) -> list[str]:
    return [s.flow_name for s in steps]


def test_a_flow_waits_for_every_flow_into_what_it_reads():
    schedule = Schedule([step("f", into="t"), step("g", into="t"), step("reader", "t"), step("other")])
    assert names(schedule.ready()) == ["f", "g", "other"]
    schedule.ended(step("g", into="t"))
    assert names(schedule.ready()) == []
    schedule.ended(step("f", into="t"))
    assert names(schedule.ready()) == ["reader"]


def test_what_is_not_refreshed_is_waited_for_by_nobody():
    assert names(Schedule([step("reader", "excluded")]).ready()) == ["reader"]


def test_a_failure_takes_along_what_reads_from_it_at_once_and_nothing_else():
    schedule = Schedule([step("a"), step("slow"), step("b", "a", "slow"), step("c", "b"), step("d", "slow")])
    assert names(schedule.ready()) == ["a", "slow"]
    assert names(schedule.doom(step("a"))) == ["b", "c"]
    schedule.ended(step("a"))
    assert names(schedule.ready()) == []
    schedule.ended(step("slow"))
    assert names(schedule.ready()) == ["d"]
    assert schedule.doomed == {"b", "c"}
    assert schedule.doom(step("a")) == ()


@pytest.mark.parametrize("reads", [chain(1000), layers(50, 20), star(998)], ids=["chain", "layers", "star"])
def test_a_thousand_flows_run_in_any_order_that_their_reads_allow(reads):
    pipeline = pipeline_of(reads)
    plan = build(pipeline, resolve(pipeline, EdgeAnalyzer(reads)), Selection(), FakeState())
    schedule, chance = Schedule(plan.flows), random.Random(11)
    ended = Counter[str]()
    running = list(schedule.ready())
    while running:
        step = running.pop(chance.randrange(len(running)))
        assert ended.keys() >= set(reads[step.flow_name])
        ended[step.flow_name] += 1
        schedule.ended(step)
        running += schedule.ready()
    assert ended == Counter(reads.keys())


def test_a_failure_at_the_top_of_a_thousand_is_told_to_all_of_them_once():
    reads = layers(50, 20)
    pipeline = pipeline_of(reads)
    plan = build(pipeline, resolve(pipeline, EdgeAnalyzer(reads)), Selection(), FakeState())
    schedule = Schedule(plan.flows)
    first, *others = schedule.ready()
    assert len(schedule.doom(first)) == 980
    for other in (first, *others):
        schedule.ended(other)
    assert names(schedule.ready()) == []
