"""What is told before data is touched: streams that will fail or read again, tables without a definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from weir.fakes import HERE, FakeTable, pipeline_of
from weir.graph.analysis import (
    AnalysisDeferred,
    AnalyzedQuery,
    Graph,
    ResolvedFlow,
    ResolvedTable,
    StreamRead,
)
from weir.model.definitions import MaterializedView, QueryFlow, StreamingTable
from weir.model.problems import Problem, WeirError
from weir.plan.foresight import ANOTHER, CHANGED, DELETED, Break, cure, foreseen
from weir.plan.inactive import with_left_over
from weir.plan.steps import Plan, Setup, SetupStep, Step, Verb

KEPT = {"pipelines.reset.allowed": "false"}
SKIPS = "leave such commits out (.option('skipChangeCommits', 'true') on the reader)"
ALL_CURES = f"{SKIPS}, read the change feed (readChangeFeed), or start over: weir run --full-refresh b"
RESET_A = SetupStep(Setup.RESET, "a", "full refresh", 1)
STREAM_B = Step(Verb.STREAM, "b", "continues at its checkpoint")


@dataclass
class Past:
    """Checkpoints and logs: every table is in its first generation."""

    ran: Mapping[str, str] = field(default_factory=dict)  # flow -> its table
    found: tuple[Break, ...] = ()

    def state(self, name):
        return FakeTable(0) if name in "abc" else None

    def has_checkpoint(self, flow, generation):
        return flow in self.ran and generation == 0

    def flows_that_wrote(self, table, generation):
        return tuple(f for f, written in self.ran.items() if written == table and generation == 0)

    def breaks(self, flow, generation, reads):
        assert (flow, generation, [r.name for r in reads]) == ("b", 0, ["a"])
        return self.found


def streaming(name, *sources, options=(), properties=None):
    """A streaming table whose only flow streams from others."""
    reads = tuple(StreamRead(s, frozenset(options)) for s in sources)
    flow = QueryFlow(name, name, lambda: None, HERE)
    analysis = AnalyzedQuery(frozenset(sources), "schema", streaming=True, streams=reads)
    table = StreamingTable(name, HERE, table_properties=properties or {})
    return ResolvedTable(table, (ResolvedFlow(flow, analysis),), "schema")


def view(name, *sources):
    flow = QueryFlow(name, name, lambda: None, HERE)
    analysis = AnalysisDeferred(frozenset(sources), "looks at data")
    return ResolvedTable(MaterializedView(name, HERE), (ResolvedFlow(flow, analysis),), None)


def notices(*datasets, steps=(STREAM_B,), past=None):
    graph = Graph({d.name: d for d in datasets})
    pipeline = pipeline_of({d.name: [] for d in datasets})
    plan = foreseen(Plan(tuple(steps), ("said before",)), pipeline, graph, past or Past({"b": "b"}))
    assert plan.steps == tuple(steps)
    said, *more = plan.notices
    assert said == "said before"
    return more


def test_a_stream_over_an_unchanged_source_is_no_news():
    assert notices(streaming("a"), streaming("b", "a")) == []


@pytest.mark.parametrize(
    ("condition", "what", "advice"),
    [
        (CHANGED, "version 3 (UPDATE) of its source a changes rows that it has read", ALL_CURES),
        (DELETED, "version 3 (UPDATE) of its source a changes rows that it has read", ALL_CURES),
        (
            ANOTHER,
            "its source a is a different table from the one that it has read",
            "read the table that it has read until now, or start over: weir run --full-refresh b",
        ),
    ],
)
def test_a_commit_that_a_stream_can_not_take_is_told_with_its_cure(condition, what, advice):
    past = Past({"b": "b"}, (Break(condition, "a", "version 3 (UPDATE)"),))
    told = f"The flow b will fail ({condition}): {what}. To fix it: {advice}"
    assert notices(streaming("a"), streaming("b", "a"), past=past) == [told]


def test_what_a_stream_has_not_begun_can_not_break():
    past = Past({}, (Break(CHANGED, "a", "version 3 (UPDATE)"),))
    assert notices(streaming("a"), streaming("b", "a"), past=past) == []
    assert notices(streaming("a"), streaming("new", "a"), steps=(), past=past) == []


def test_another_schema_is_cured_by_another_run():
    assert cure("DELTA_SCHEMA_CHANGED_WITH_VERSION", "c.s.my table") == (
        "run again; if a column was dropped, renamed or has another type, "
        "start over: weir run --full-refresh 'c.s.my table'"
    )


@pytest.mark.parametrize(
    ("verb", "anew", "when"),
    [
        (Verb.REFRESH, False, " if its inputs have changed"),
        (Verb.REFRESH, True, ""),
        (Verb.COMPLETE, False, ""),
    ],
)
def test_a_stream_from_what_is_computed_anew_will_fail(verb, anew, when):
    steps = (Step(verb, "a", "", anew=anew), STREAM_B)
    assert notices(view("a"), streaming("b", "a"), steps=steps) == [
        f"The flow b will fail ({CHANGED}): it streams from a, which this update recomputes{when}. "
        f"To fix it: read it as a batch (dlt.read), or {ALL_CURES}"
    ]
    assert notices(view("a"), streaming("b", "a", options=["skipchangecommits"]), steps=steps) == []


def test_a_new_flow_beside_rows_of_one_that_is_gone_may_have_another_name_only():
    assert notices(streaming("b", "a"), past=Past({"old": "b"})) == [
        "The flow b has no checkpoint; b holds rows of the flow old, which is no longer defined. If it was "
        "renamed, all that it has read is read again and appended: keep the old name "
        '(name="old"), or start over: weir run --full-refresh b'
    ]
    assert notices(streaming("a"), streaming("b", "a"), past=Past({"a": "b"})) == []  # still defined


def test_a_flow_that_starts_over_has_no_old_name():
    over = Step(Verb.STREAM, "b", "has no checkpoint yet: reads all there is", generation=1)
    assert notices(streaming("b", "a"), steps=(over,), past=Past({"old": "b"})) == []
    assert notices(view("b", "a"), steps=(Step(Verb.REFRESH, "b", ""),), past=Past({"old": "b"})) == []


@pytest.mark.parametrize(
    ("options", "what"), [((), f"will fail ({DELETED})"), (["ignoredeletes"], "will get all rows again")]
)
def test_whoever_resets_a_source_hears_of_all_that_streams_from_it(options, what):
    datasets = streaming("a"), streaming("b", "a", options=options), streaming("c", "b"), view("v", "c")
    assert notices(*datasets, steps=(RESET_A, STREAM_B)) == [
        f"The flow b {what}: it streams from a, which is reset. "
        "Reset what reads it, too: weir run --full-refresh a,b,c"
    ]


def test_a_reset_that_makes_another_table_breaks_every_stream_whatever_its_options():
    reset = replace(RESET_A, breaks=ANOTHER)
    datasets = streaming("a"), streaming("b", "a", options=["skipchangecommits"])
    assert notices(*datasets, steps=(reset, STREAM_B)) == [
        f"The flow b will fail ({ANOTHER}): it streams from a, which is reset. "
        "Reset what reads it, too: weir run --full-refresh a,b"
    ]


def test_a_source_of_a_protected_table_can_not_be_reset():
    with pytest.raises(WeirError) as told:
        notices(streaming("a"), streaming("b", "a", properties=KEPT), steps=(RESET_A,))
    assert told.value.problems == (
        Problem(
            "INVALID_RESETTABLE_DEPENDENCY",
            "`a` can't be reset: `b` streams from it, and its property pipelines.reset.allowed is false.",
            HERE,
            "set pipelines.reset.allowed to false for `a` too, or leave it out of the full refresh",
        ),
    )


def left_over(configuration, **tables):
    """The plan for tables whose definition is gone -> whether they are marked; `v` reads `a`."""
    pipeline = replace(pipeline_of({"v": []}), configuration=configuration)
    before = Plan((STREAM_B,), ("said before",))
    return with_left_over(before, pipeline, Graph({"v": view("v", "a")}), tables)


def test_a_table_without_a_definition_becomes_inactive_and_is_told_once():
    assert left_over({}, a=False, b=True) == Plan(
        (SetupStep(Setup.DEACTIVATE, "a", "its definition is gone"), STREAM_B),
        (
            "said before",
            "a is no longer defined: the table becomes inactive. It stays as it is, can be read, and is not "
            "refreshed; pipelines.dropInactiveTables=true drops such tables.",
        ),
    )


def test_inactive_tables_are_dropped_on_request_unless_they_are_read():
    why = "its definition is gone; pipelines.dropInactiveTables is true"
    plan = left_over({"pipelines.dropInactiveTables": "TRUE"}, a=True, b=True)
    assert plan == Plan(
        (SetupStep(Setup.DROP, "b", why), STREAM_B),
        (
            "said before",
            "b is no longer defined and is dropped: pipelines.dropInactiveTables is true.",
        ),
    )
