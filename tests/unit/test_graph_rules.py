"""What each rule of a resolved dataset says, word for word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from weir.graph.analysis import AnalysisDeferred, AnalyzedQuery, ResolvedFlow
from weir.graph.validate import check_dataset
from weir.model.changes import Changes, Feed
from weir.model.definitions import (
    Action,
    ChangesFlow,
    Expectation,
    MaterializedView,
    OnceFlow,
    PublishedView,
    QueryFlow,
    Sink,
    SnapshotFlow,
    StreamingTable,
    View,
)
from weir.model.origin import Origin
from weir.model.problems import Problem

FLOW, DATASET = Origin("p.py", 3), Origin("p.py", 1)
BATCH = AnalyzedQuery(frozenset(), None, streaming=False)
OVER_VIEW = AnalyzedQuery(frozenset({"main.default.s", "v"}), None, streaming=False)
STREAM = AnalyzedQuery(frozenset(), None, streaming=True)
TABLE, VIEW, SINK = StreamingTable("t", DATASET), View("t", DATASET), Sink("t", DATASET)
MATERIALIZED = MaterializedView("t", DATASET)
INTO_SINK = "read with spark.readStream or dlt.read_stream, without once=True"


def query(name="f", analysis=BATCH, kind=QueryFlow):
    return ResolvedFlow(kind(name, "t", lambda: None, FLOW), analysis)


COUNTING = replace(STREAM, complete=True)
TAKEN_AWAY = Problem(
    "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
    "The flow `f` aggregates without a watermark and would rewrite `t`, which other flows write into, too.",
    FLOW,
    "give the aggregate a watermark, or a table that no other flow writes into",
)


def changing(**given):
    changes = Changes(Feed.STREAM, ("id",), 1, "n")
    return ResolvedFlow(ChangesFlow("c", "t", lambda: None, FLOW, changes=changes, **given), STREAM)


@pytest.mark.parametrize(
    ("dataset", "flow"),
    [
        (TABLE, query(analysis=STREAM)),
        (TABLE, query(kind=OnceFlow)),
        (TABLE, changing()),
        (MATERIALIZED, query()),
        (VIEW, query()),
        (VIEW, query(analysis=STREAM)),
        (SINK, query(analysis=STREAM)),
        (SINK, query(analysis=AnalysisDeferred(frozenset(), "looks at data"))),
    ],
)
def test_what_fits_has_no_problem(dataset, flow):
    assert list(check_dataset(dataset, (flow,))) == []


@pytest.mark.parametrize(
    ("dataset", "flow", "problem"),
    [
        (TABLE, query(), Problem(
            "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE",
            "The flow `f` reads a batch, but `t` is a streaming table.", FLOW,
            "read with spark.readStream or dlt.read_stream, or say once=True")),
        (TABLE, query(analysis=STREAM, kind=OnceFlow), Problem(
            "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_ONCE_FLOW",
            "The flow `f` runs once, yet its query streams.", FLOW,
            "read with spark.read, or leave out once=True")),
        (MATERIALIZED, query(analysis=STREAM), Problem(
            "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW",
            "The materialized view `t` has a query that streams.", FLOW,
            "read with spark.read or dlt.read, or define it with @dlt.table")),
        (VIEW, changing(), Problem(
            "INVALID_FLOW_QUERY_TYPE.AUTOCDC_RELATION_FOR_TEMPORARY_VIEW",
            "The flow `c` applies changes to `t`, which is a view.", FLOW,
            "declare the target with dlt.create_streaming_table")),
        (TABLE, replace(changing(), analysis=BATCH), Problem(
            "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE",
            "The flow `c` reads a batch of changes for `t`.", FLOW,
            "read the source as a stream, or say once=True")),
        (PublishedView("t", DATASET), query(analysis=STREAM), Problem(
            "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_PERSISTED_VIEW",
            "The view `t` has a query that streams.", FLOW,
            "leave STREAM out, or write CREATE TEMPORARY VIEW")),
        (PublishedView("t", DATASET), query(analysis=OVER_VIEW), Problem(
            "INVALID_TEMP_OBJ_REFERENCE",
            "The view `t` is published, yet reads the temporary view `v`.", FLOW,
            "write CREATE TEMPORARY VIEW, or let it read tables")),
        (SINK, changing(), Problem(
            "INVALID_FLOW_QUERY_TYPE.AUTOCDC_RELATION_FOR_SINK",
            "The flow `c` applies changes to `t`, which is a sink.", FLOW,
            "apply them to a table, and let an append flow bring its change feed here")),
        (SINK, query(), Problem(
            "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_SINK",
            "The flow `f` reads a batch, but `t` is a sink: it takes streams only.", FLOW, INTO_SINK)),
        (SINK, query(analysis=STREAM, kind=OnceFlow), Problem(
            "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_SINK",
            "The flow `f` runs once, but `t` is a sink: it takes streams only.", FLOW, INTO_SINK)),
    ],
)  # fmt: skip
def test_a_flow_that_its_target_can_not_take_is_told(dataset, flow, problem):
    assert list(check_dataset(dataset, (flow,))) == [problem]


def test_a_table_that_nothing_writes_into_is_told():
    assert list(check_dataset(TABLE, ())) == [
        Problem("PIPELINE_DATASET_WITHOUT_FLOW", "Nothing writes into `t`.", DATASET,
                "add a function under @dlt.append_flow(target=...)")
    ]  # fmt: skip


@pytest.mark.parametrize("dataset", [MATERIALIZED, VIEW])
def test_only_streaming_tables_and_sinks_take_several_flows(dataset):
    assert list(check_dataset(dataset, (query("f"), query("g")))) == [
        Problem(
            "MATERIALIZED_VIEW_WITH_MULTIPLE_QUERIES",
            "`t` is not a streaming table, but 2 flows write into it.",
            FLOW,
            "only streaming tables take append flows: let its query stream, or use "
            "dlt.create_streaming_table",
        )
    ]
    streams = query("f", STREAM), query("g", STREAM)
    assert [*check_dataset(TABLE, streams), *check_dataset(SINK, streams)] == []


def test_a_target_of_changes_takes_nothing_else():
    assert list(check_dataset(TABLE, (changing(), query("g", STREAM)))) == [
        Problem(
            "AUTOCDC_TARGET_WITH_OTHER_FLOWS",
            "`t` takes changes, yet the flow `g` appends to it.",
            FLOW,
            "let all flows into a table apply changes, or none; declare the target of changes with "
            "dlt.create_streaming_table",
        )
    ]


def test_a_target_of_snapshots_has_no_expectations():
    rule = Expectation("positive", "x > 0", Action.DROP, Origin("p.py", 7))
    flow = SnapshotFlow("s", "t", lambda: None, FLOW, changes=Changes(Feed.SNAPSHOT, ("id",), 1))
    shots = ResolvedFlow(flow, AnalysisDeferred(frozenset(), ""))
    assert list(check_dataset(StreamingTable("t", DATASET, expectations=(rule,)), (shots,))) == [
        Problem(
            "APPLY_CHANGES_FROM_SNAPSHOT_EXPECTATIONS_NOT_SUPPORTED",
            "`t` is compared with snapshots: it can have no expectations.",
            Origin("p.py", 7),
            "put them on a view that the snapshots are read through",
        )
    ]


@pytest.mark.parity(
    "same", "4.8", "An aggregate without a watermark does not take away what other flows have written"
)
@pytest.mark.parametrize(
    "other",
    [query("g", STREAM), query("g", kind=OnceFlow), query("g", AnalysisDeferred(frozenset(), "looks"))],
)
def test_a_flow_that_rewrites_its_table_is_the_only_one_into_it(other):
    counting = query(analysis=COUNTING)
    assert list(check_dataset(TABLE, (counting,))) == []
    assert list(check_dataset(TABLE, (counting, other))) == [TAKEN_AWAY]
    assert list(check_dataset(TABLE, (other, counting))) == [TAKEN_AWAY]
