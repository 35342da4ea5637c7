"""What the properties of tables make `weir maintain` do, in which order, and what they can't ask for."""

import datetime as dt
from dataclasses import replace

import pytest

from weir.graph.analysis import (
    AnalysisDeferred,
    AnalyzedQuery,
    Graph,
    ResolvedFlow,
    ResolvedSink,
    ResolvedTable,
    ResolvedView,
    StreamRead,
)
from weir.model.definitions import MaterializedView, QueryFlow, Sink, StreamingTable, View
from weir.model.maintenance import Period
from weir.model.origin import Origin
from weir.model.problems import WeirError
from weir.plan.keepers import promises, streams_from
from weir.plan.maintenance import (
    Hindrance,
    MaintainedTable,
    MaintenanceRequest,
    StreamReader,
    Task,
    plan_upkeep,
)

TODAY = dt.date(2026, 2, 28)
KEPT = {"retention.period": "1 year", "retention.column": "at"}
PLAIN = MaintainedTable("c.s.t", "c.s.t", {}, {"at": "timestamp", "n": "long", "day": "date"}, ("day",))
OPTIMIZE, VACUUM = "OPTIMIZE c.s.t", "VACUUM c.s.t RETAIN 168 HOURS"


def planned(table=PLAIN, forced=(), **properties):
    asked = MaintenanceRequest(TODAY, frozenset(forced))
    (found,) = plan_upkeep([replace(table, properties=properties or table.properties)], asked)
    return [step.statement for step in found.steps], list(found.hindrances)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("1 year", dt.date(2025, 2, 28)),
        ("2 YEARS", dt.date(2024, 2, 28)),
        ("interval 3 months", dt.date(2025, 11, 28)),
        ("INTERVAL '14' MONTH", dt.date(2024, 12, 28)),
        ("1 week", dt.date(2026, 2, 21)),
        ("interval 48 hours", dt.date(2026, 2, 26)),
    ],
)
def test_a_period_lies_back_from_a_day(text, before):
    assert Period.of(text).before(TODAY) == before


def test_a_period_ends_on_the_last_day_of_a_shorter_month():
    assert Period.of("1 year").before(dt.date(2024, 2, 29)) == dt.date(2023, 2, 28)
    assert Period.of("1 month").before(dt.date(2026, 3, 31)) == dt.date(2026, 2, 28)


def test_a_table_that_asks_for_nothing_has_its_files_looked_after():
    assert planned() == ([OPTIMIZE, VACUUM], [])


def test_rows_go_before_files_are_laid_out_and_old_files_last():
    properties = {
        **KEPT,
        "delta.enableDeletionVectors": "true",
        "pipelines.autoOptimize.zOrderCols": "n, at",
        "delta.deletedFileRetentionDuration": "interval 30 days",
    }
    found = plan_upkeep([replace(PLAIN, properties=properties)], MaintenanceRequest(TODAY))[0].steps
    assert [(str(s.task), s.statement, s.preview) for s in found] == [
        (
            "delete",
            "DELETE FROM c.s.t WHERE `at` < DATE '2025-02-28'",
            "SELECT count(*) FROM c.s.t WHERE `at` < DATE '2025-02-28'",
        ),
        ("purge", "REORG TABLE c.s.t APPLY (PURGE)", None),
        ("optimize", "OPTIMIZE c.s.t ZORDER BY (`n`, `at`)", None),
        ("vacuum", "VACUUM c.s.t RETAIN 720 HOURS", "VACUUM c.s.t RETAIN 720 HOURS DRY RUN"),
    ]


def test_rows_stay_as_long_as_the_longest_view_that_is_computed_from_them():
    kept = replace(PLAIN, properties=KEPT)
    promised = {"c.g.months": "18 months", "c.g.years": "5 years", "c.g.days": "3 days"}
    assert planned(replace(kept, promised=promised)) == (
        ["DELETE FROM c.s.t WHERE `at` < DATE '2021-02-28'", OPTIMIZE, VACUUM],
        [Hindrance(Task.DELETE, "kept 5 years instead of 1 year: c.g.years is computed from it")],
    )
    assert planned(replace(kept, promised={"c.g.days": "3 days"}))[1] == []


def test_a_materialized_view_loses_rows_by_its_refresh_alone():
    why = "a materialized view: its rows go when its sources lose theirs"
    assert planned(replace(PLAIN, view=True), **KEPT) == ([OPTIMIZE, VACUUM], [Hindrance(Task.DELETE, why)])


def test_streams_that_a_delete_would_stop_keep_the_rows_and_are_named_with_the_cure():
    readers = (
        StreamReader("c.s.good"),
        StreamReader("c.s.bad", outlives=False),
        StreamReader("c.x.far", "other", None, False),
    )
    cure = "let it skip such commits: .option('skipChangeCommits', 'true') on the reader"
    assert planned(replace(PLAIN, readers=readers), **KEPT) == (
        [OPTIMIZE, VACUUM],
        [
            Hindrance(
                Task.DELETE,
                f"the flow c.s.bad streams from it and would fail or read rows again; {cure}",
            ),
            Hindrance(
                Task.DELETE,
                f"the flow c.x.far of the pipeline other streams from it and may fail; {cure}, then pass "
                "--skips-changes c.x.far",
            ),
        ],
    )
    assert planned(replace(PLAIN, readers=readers)) == ([OPTIMIZE, VACUUM], [])


def test_files_stay_that_a_stream_has_not_read():
    why = "the flow c.s.slow has not read version 7 yet and needs its files"
    assert planned(replace(PLAIN, readers=(StreamReader("c.s.slow", unread=7),))) == (
        [OPTIMIZE],
        [Hindrance(Task.VACUUM, why)],
    )


def test_files_are_laid_out_where_that_is_wanted_and_changes_something():
    ordered = {"pipelines.autoOptimize.zOrderCols": "N"}
    assert planned(replace(PLAIN, ordered=("n",)), **ordered) == (
        [VACUUM],
        [Hindrance(Task.OPTIMIZE, "no new rows since the last OPTIMIZE")],
    )
    assert planned(replace(PLAIN, ordered=("at",)), **ordered)[0] == [
        "OPTIMIZE c.s.t ZORDER BY (`N`)",
        VACUUM,
    ]
    assert planned(**{"pipelines.autoOptimize.managed": "False"}) == (
        [VACUUM],
        [Hindrance(Task.OPTIMIZE, "pipelines.autoOptimize.managed is false")],
    )


@pytest.mark.parity("same", "1.3", "VACUUM keeps files for delta.deletedFileRetentionDuration")
def test_few_hours_are_refused_unless_the_table_is_named():
    day = {"delta.deletedFileRetentionDuration": "interval 1 day"}
    with pytest.raises(WeirError) as refused:
        planned(**day)
    assert str(refused.value) == (
        "[DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT] VACUUM of `c.s.t` would keep files for 24 hours only: a "
        "reader, or a writer that has not committed yet, may need them for 168.\n"
        "  hint: set delta.deletedFileRetentionDuration to interval 168 hours or, where nothing else runs: "
        "--force-vacuum c.s.t"
    )
    assert planned(forced=["c.s.t"], **day)[0] == [OPTIMIZE, "VACUUM c.s.t RETAIN 24 HOURS"]


def test_all_that_can_not_be_followed_is_told_at_once():
    one = {
        "retention.period": "forever",
        "retention.column": "ta",
        "pipelines.autoOptimize.zOrderCols": "day,m",
        "delta.deletedFileRetentionDuration": "interval 1 month",
    }
    other = {**KEPT, "retention.column": "n", "pipelines.autoOptimize.zOrderCols": "n"}
    tables = [
        replace(PLAIN, properties=one, origin=Origin("t.py", 3)),
        replace(PLAIN, name="c.s.u", properties=other, clustered=True, changes=True),
    ]
    with pytest.raises(WeirError) as refused:
        plan_upkeep(tables, MaintenanceRequest(TODAY))
    assert str(refused.value).splitlines() == [
        "[INVALID_INTERVAL_FORMAT] The retention.period of `c.s.t` is not a number of days, weeks, months or "
        "years: 'forever'.",
        "  at t.py:3",
        "  hint: write: 2 years",
        "[RETENTION_COLUMN_NOT_FOUND] The retention.column of `c.s.t` must be a date or a time; 'ta' is not "
        "a column.",
        "  at t.py:3",
        "  hint: available: at, day",
        "[DELTA_ZORDERING_ON_PARTITION_COLUMN] The pipelines.autoOptimize.zOrderCols of `c.s.t` names `day`, "
        "which is a partition column.",
        "  at t.py:3",
        "  hint: name other columns: within a partition it has one value",
        "[DELTA_ZORDERING_COLUMN_DOES_NOT_EXIST] The pipelines.autoOptimize.zOrderCols of `c.s.t` names `m`, "
        "which is not one of its columns.",
        "  at t.py:3",
        "  hint: its columns are: at, n, day",
        "[INVALID_INTERVAL_FORMAT] The delta.deletedFileRetentionDuration of `c.s.t` is not a number of hours, "
        "days or weeks: 'interval 1 month'.",
        "  at t.py:3",
        "  hint: write: interval 168 hours",
        "[RETENTION_COLUMN_NOT_FOUND] The retention.column of `c.s.u` must be a date or a time; 'n' is a long.",
        "  hint: available: at, day",
        "[RETENTION_ON_AUTO_CDC_TARGET] `c.s.u` is a target of AUTO CDC: what its changes say would bring "
        "deleted rows back.",
        "  hint: remove retention.period; delete rows through changes: apply_as_deletes",
        "[DELTA_CLUSTERING_WITH_ZORDER_BY] `c.s.u` is clustered (cluster_by): it can't be z-ordered, too.",
        "  hint: remove pipelines.autoOptimize.zOrderCols",
    ]


def dataset(name, kind, inputs=(), kept=None, streams=None):
    """A dataset that reads some others; `streams`: names and options, None where it looks at data."""
    reads = tuple(StreamRead(n, frozenset(o)) for n, o in (streams or {}).items())
    analysis = AnalyzedQuery(frozenset(inputs), None, bool(reads), streams=reads)
    if streams is None and kind is not MaterializedView and kind is not View:
        analysis = AnalysisDeferred(frozenset(inputs), "looks at data")
    flow = QueryFlow(name, name, lambda: None, Origin("t.py", 1))
    properties = {"table_properties": {"retention.period": kept}} if kept else {}
    resolved = {View: ResolvedView, Sink: ResolvedSink}.get(kind, ResolvedTable)
    return resolved(kind(name, Origin("t.py", 1), **properties), (ResolvedFlow(flow, analysis),))


def test_who_needs_the_rows_of_a_table():
    skips = ["skipchangecommits"]
    datasets = [
        dataset("v", View, ["t"]),
        dataset("near", MaterializedView, ["v"]),
        dataset("far", MaterializedView, ["near", "other"], "5 years"),
        dataset("copy", StreamingTable, ["v"], "7 years", {"t": skips}),
        dataset("above_copy", MaterializedView, ["copy"], "9 years"),
        dataset("twice", Sink, ["v", "t"], None, {"t": skips, "u": []}),
        dataset("again", StreamingTable, ["t"], None, {"t": ["ignorechanges"]}),
        dataset("feed", StreamingTable, ["t"], None, {"t": ["readchangefeed"]}),
        dataset("unknown", StreamingTable, ["v"]),
        dataset("stops", StreamingTable, ["t"], None, {"t": ["ignoredeletes"]}),
    ]
    graph = Graph({d.name: d for d in (dataset("t", StreamingTable, [], None, {}), *datasets)})
    assert promises(graph, "t") == {"far": "5 years"}
    assert streams_from(graph, "t") == {
        "copy": True, "twice": True, "again": False, "feed": True, "unknown": False, "stops": False,
    }  # fmt: skip
