"""What an update does, as data: which tables are made ready, which flows run, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from weir.fakes import HERE, FakeState, pipeline_of
from weir.graph.analysis import (
    AnalysisDeferred,
    AnalyzedQuery,
    Graph,
    ResolvedFlow,
    ResolvedSink,
    ResolvedTable,
)
from weir.model.changes import Changes, Feed
from weir.model.definitions import (
    ChangesFlow,
    MaterializedView,
    OnceFlow,
    QueryFlow,
    Sink,
    SnapshotFlow,
    StreamingTable,
)
from weir.model.problems import Problem, WeirError
from weir.model.settings import Selection
from weir.plan.retry import selection_of_retry
from weir.plan.steps import Plan, Setup, SetupStep, Step, Verb, build, full_names

STREAM = AnalyzedQuery(frozenset(), "schema", streaming=True)
BATCH = AnalyzedQuery(frozenset(), "schema", streaming=False)
KEPT = {"pipelines.reset.allowed": "False"}
FIRST = "has no checkpoint yet: reads all there is"
AGAIN = "continues at its checkpoint"


class Altered(FakeState):
    """Every table that exists differs from its definition."""

    def difference(self, dataset):
        return f"{dataset.name} has a new comment"


def filled(dataset, flow, analysis=STREAM):
    kind = ResolvedSink if isinstance(dataset, Sink) else ResolvedTable
    return kind(dataset, (ResolvedFlow(flow, analysis),), None if kind is ResolvedSink else "schema")


def appended(name, properties=None, analysis=STREAM):
    table = StreamingTable(name, HERE, table_properties=properties or {})
    return filled(table, QueryFlow(name, name, lambda: None, HERE), analysis)


def planned(*datasets, state=None, selection=None):
    graph = Graph({d.name: d for d in datasets})
    defined = {d.name: d.dataset for d in datasets}
    pipeline = replace(
        pipeline_of({}), datasets=defined, flows=tuple(f.flow for d in datasets for f in d.flows)
    )
    return build(pipeline, graph, selection or Selection(), state or FakeState())


def moves(dataset, state=None):
    """What the only flow of a dataset does, and why."""
    (step,) = planned(dataset, state=state).flows
    return step.verb, step.why


def refused(call, *args, **kwargs):
    with pytest.raises(WeirError) as told:
        call(*args, **kwargs)
    return told.value.problems


def test_a_new_table_is_created_and_reads_all_there_is():
    assert planned(appended("a")) == Plan(
        (SetupStep(Setup.CREATE, "a", "does not exist yet"), Step(Verb.STREAM, "a", FIRST, "a"))
    )


def test_a_table_that_differs_is_altered_and_goes_on():
    state = Altered({"a": 2}, {"a"})
    assert planned(appended("a"), state=state) == Plan(
        (SetupStep(Setup.ALTER, "a", "a has a new comment", 2), Step(Verb.STREAM, "a", AGAIN, "a", 2))
    )


def test_a_full_refresh_resets_only_what_streams_and_makes_all_anew():
    view = filled(MaterializedView("v", HERE), QueryFlow("v", "v", lambda: None, HERE), BATCH)
    state, everything = Altered({"a": 2, "v": 0}, {"a"}), Selection(full_refresh_all=True)
    plan = planned(appended("a"), view, state=state, selection=everything)
    assert list(map(str, plan.steps)) == ["reset a", "stream a", "refresh v"]
    assert plan.setup == (SetupStep(Setup.RESET, "a", "full refresh", 3),)
    assert [(s.anew, s.generation, s.why) for s in plan.flows] == [
        (True, 3, FIRST),
        (True, 0, "recomputes its query unless its inputs are unchanged"),
    ]


def test_a_full_refresh_of_all_leaves_out_protected_tables_and_says_so():
    state, everything = FakeState({"a": 0, "b": 0}), Selection(full_refresh_all=True)
    plan = planned(appended("a", KEPT), appended("b"), state=state, selection=everything)
    assert list(map(str, plan.setup)) == ["reset b"]
    assert [(s.dataset, s.anew) for s in plan.flows] == [("a", False), ("b", True)]
    assert plan.notices == (
        "Skipping full refresh on some tables because pipelines.reset.allowed was set to false: a",
    )


def test_a_protected_table_is_not_reset_by_its_name():
    selection = Selection(full_refresh=frozenset({"a"}))
    assert refused(planned, appended("a", KEPT), selection=selection) == (
        Problem(
            "RESET_NOT_ALLOWED",
            "`a` must not be reset: its property pipelines.reset.allowed is false.",
            HERE,
            "remove the property first; a full refresh loses the table's history",
        ),
    )


def test_what_is_not_selected_is_excluded():
    chosen = Selection(refresh=frozenset({"B"}), full_refresh=frozenset({"c"}))
    state = FakeState({"b": 0, "c": 0}, {"b", "c"})
    plan = planned(appended("a"), appended("b"), appended("c"), state=state, selection=chosen)
    assert (plan.excluded, list(map(str, plan.steps))) == (
        frozenset({"a"}),
        ["reset c", "exclude a", "stream b", "stream c"],
    )
    assert [(s.dataset, s.why) for s in plan.flows] == [("b", AGAIN), ("c", FIRST)]


def test_the_last_parts_of_a_name_suffice_where_they_are_unique():
    tables = {"main.a.orders": 1, "main.b.orders": 2, "main.b.pets": 3}
    assert full_names(tables, frozenset({"pets", "a.orders"})) == {
        "a.orders": "main.a.orders",
        "pets": "main.b.pets",
    }
    assert refused(full_names, tables, frozenset({"orders", "petz", "x"})) == (
        Problem("AMBIGUOUS_DATASET_NAME", "`orders` means several tables.", None,
                "one of main.a.orders, main.b.orders"),
        Problem("DATASET_NOT_FOUND", "The pipeline has no table `petz`.", None,
                "did you mean `main.b.pets`?"),
        Problem("DATASET_NOT_FOUND", "The pipeline has no table `x`.", None,
                "its tables are: main.a.orders, main.b.orders, main.b.pets"),
    )  # fmt: skip


def test_a_sink_starts_over_with_new_checkpoints_and_is_never_created():
    sink = filled(Sink("s", HERE, format="kafka"), QueryFlow("f", "s", lambda: None, HERE))
    once_more = Selection(full_refresh=frozenset({"s"}))
    state = FakeState({"f": 4}, {"f"})
    assert planned(sink, state=state).steps == (Step(Verb.STREAM, "s", AGAIN, "f", 4),)
    assert planned(sink, state=state, selection=once_more).steps == (
        SetupStep(Setup.RESET, "s", "full refresh", 5),
        Step(Verb.STREAM, "s", FIRST, "f", 5, anew=True),
    )
    assert str(planned(sink).steps[0]) == "stream s by f"


@pytest.mark.parametrize("analysis", [BATCH, AnalysisDeferred(frozenset(), "calls count()")])
def test_a_batch_is_appended_a_single_time_whether_or_not_its_query_looks_at_data(analysis):
    once = filled(StreamingTable("a", HERE), OnceFlow("f", "a", lambda: None, HERE), analysis)
    assert moves(once) == (Verb.ONCE, "reads a batch a single time")
    assert moves(once, FakeState({"a": 0}, {"f"})) == (
        Verb.SKIP,
        "has been processed by a previous update",
    )


def test_an_aggregate_without_a_watermark_is_written_as_a_whole():
    complete = appended("a", analysis=replace(STREAM, complete=True))
    assert moves(complete) == (Verb.COMPLETE, f"aggregates without a watermark; {FIRST}")


def test_a_query_that_looks_at_data_is_asked_when_it_runs():
    deferred = AnalysisDeferred(frozenset(), "calls collect()")
    assert moves(appended("a", analysis=deferred)) == (Verb.REFRESH, "calls collect()")


def test_a_dropped_table_does_not_go_on_at_the_checkpoint_that_it_left():
    class Dropped(FakeState):
        def has_checkpoint(self, flow, generation):
            return True

    assert moves(appended("a"), Dropped()) == (Verb.STREAM, FIRST)


@pytest.mark.parametrize(
    ("feed", "why"),
    [
        (Feed.SNAPSHOT, "applies what differs from a snapshot"),
        (Feed.VERSIONS, "applies what differs from snapshots"),
    ],
)
def test_snapshots_are_compared_at_every_update(feed, why):
    flow = SnapshotFlow("f", "a", lambda: None, HERE, changes=Changes(feed, ("id",), 1))
    snapshots = filled(StreamingTable("a", HERE), flow, AnalysisDeferred(frozenset(), ""))
    assert moves(snapshots, FakeState({"a": 0}, {"f"})) == (Verb.CHANGE, why)


def test_changes_are_applied_from_the_checkpoint_on_and_once_a_single_time():
    flow = ChangesFlow("a", "a", lambda: None, HERE, changes=Changes(Feed.STREAM, ("id",), 1, "n"))
    changes, state = filled(StreamingTable("a", HERE), flow), FakeState({"a": 0}, {"a"})
    assert moves(changes) == (Verb.CHANGE, f"applies changes; {FIRST}")
    assert moves(changes, state) == (Verb.CHANGE, f"applies changes; {AGAIN}")
    once = filled(changes.dataset, replace(flow, once=True))
    assert moves(once) == (Verb.CHANGE, f"applies changes; {FIRST}")
    assert moves(once, state) == (Verb.SKIP, "has been processed by a previous update")


def test_a_retry_resets_only_what_was_not_reset():
    view = filled(MaterializedView("view", HERE), QueryFlow("view", "view", lambda: None, HERE), BATCH)
    datasets = (appended("filled"), appended("locked"), view)
    graph = Graph({d.name: d for d in datasets})
    everything, one = Selection(full_refresh_all=True), Selection(full_refresh=frozenset({"filled"}))

    def again(selection, *unready):
        return selection_of_retry(selection, planned(*datasets, selection=selection), graph, unready)

    assert again(Selection()) == Selection()
    assert again(everything, "locked") == Selection(frozenset({"filled"}), frozenset({"locked", "view"}))
    assert again(one) == Selection(refresh=frozenset({"filled"}))
    assert again(one, "filled") == one
