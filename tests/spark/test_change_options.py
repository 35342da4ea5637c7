"""AUTO CDC: each option, what its sources may be, and what is refused."""

import datetime as dt

import pytest

from tests.changes import batches_of, shown
from tests.tiers import short
from weir.model.settings import Selection
from weir.run.flow.changes import flow as change_flow
from weir.run.lake.failpoints import FAIL_AT
from weir.testing import write_sources

HEAD = """
import dlt
from pyspark.sql.functions import col, expr, lit, struct
"""


def cdc(target, arguments, *, table="", source="changes"):
    return f"""
dlt.create_streaming_table("{target}"{table})
dlt.apply_changes(target="{target}", source="{source}", keys=["id"], sequence_by="at", {arguments})
"""


def run(under_test, *batches, table="changes"):
    for batch in batches:
        under_test.feed(table, batch)
        state = under_test.update()
        assert state.state == "COMPLETED", [d.error for d in state.datasets]
    return under_test


def values(under_test, table):
    return sorted((tuple(r.values()) for r in under_test.rows(table)), key=str)


def one(key, at, **cells):
    return {"id": key, "at": at, "op": "u", "a": "-", "b": "-", **cells}


@pytest.mark.parity(
    "same", "3.2", "ignore_null_updates and its lists: NULLs keep the existing value, in any order"
)
@pytest.mark.parity("same", "3.2", "column_list and except_column_list, as names or Columns")
@pytest.mark.parity(
    "same", "3.2", "columns_to_update: a change writes the columns that it names, NULLs included"
)
def test_changes_that_write_some_columns(spark):
    flows = {
        "all": "ignore_null_updates=True, column_list=['id', 'a', 'b']",
        "listed": "ignore_null_updates_column_list=['a'], column_list=[col('id'), col('a'), col('b')]",
        "unlisted": "ignore_null_updates_except_column_list=['a'], except_column_list=['at', 'op', 'c']",
        "named": "columns_to_update='c', column_list=['id', 'a', 'b']",
    }
    late = one(1, 2, a="late", b=None, c=["B"])  # names of columns have no case
    earlier = [one(1, 1, a="a1", b="b1", c=None), one(1, 3, a=None, b="b3", c=["a"])]
    batches = batches_of(spark, earlier, [late])
    assert {name: shown(HEAD + cdc(name, how), name, batches) for name, how in flows.items()} == {
        "all": [(1, "late", "b3")],
        "listed": [(1, "late", "b3")],
        "unlisted": [(1, None, "b3")],
        "named": [(1, None, None)],
    }


GROWING = """
import dlt
from pyspark.sql import functions as F

@dlt.view
def changes():
    reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
    reader = reader.option("cloudFiles.inferColumnTypes", True).option("cloudFiles.schemaHints", "c ARRAY<STRING>")
    return reader.load(spark.conf.get("landing")).drop("_rescued_data")

flows = {
    "all_2": dict(ignore_null_updates=True, stored_as_scd_type=2),
    "unlisted": dict(ignore_null_updates_except_column_list=["a"]),
    "named": dict(columns_to_update="c"),
}
for target, how in flows.items():
    dlt.create_streaming_table(target)
    dlt.apply_changes(target, "changes", ["id"], "at", except_column_list=["c"], **how)

dlt.create_streaming_table("both")
dlt.apply_changes("both", "changes", ["id"], "at", except_column_list=["c"], columns_to_update="c", name="some")
dlt.apply_changes("both", "changes", ["id"], F.expr("at + 1"), except_column_list=["c"], ignore_null_updates=True,
    name="other")
"""


@pytest.mark.parity(
    "same",
    "3.3",
    "ignore_null_updates, columns_to_update: a change from before a column existed keeps what a late one has in it",
)
def test_a_change_keeps_what_is_in_columns_that_it_did_not_know(pipeline, tmp_path):
    (tmp_path / "landing").mkdir()
    pets = pipeline(GROWING, configuration={"landing": str(tmp_path / "landing")})
    changes = [
        '{"id": 1, "at": 5, "a": 1, "S": {"x": 1}, "c": ["a", "s", "at"]}',
        '{"id": 1, "at": 3, "a": 9, "S": {"x": 9, "y": 9}, "b": "late", "c": ["A", "B"]}',
    ]
    for n, change in enumerate(changes):
        (tmp_path / f"landing/{n}.json").write_text(change)
        assert [d.error for d in pets.update().datasets if d.error] == []
    lost, late = {"x": 1, "y": None}, {"x": 1, "y": 9}
    # A struct that is named is written as a whole.
    expected = {"unlisted": (late, "late"), "named": (lost, "late"), "both": (lost, "late")}
    assert {target: pets.rows(target) for target in expected} == {
        target: [{"S": struct, "a": 1, "at": 5, "b": b, "id": 1}] for target, (struct, b) in expected.items()
    }
    assert [(r["at"], r["a"], r["b"]) for r in pets.rows("all_2", "at")] == [(3, 9, "late"), (5, 1, "late")]


@pytest.mark.parity("same", "3.2", "ignore_null_updates goes down into the fields of structs")
@pytest.mark.parity(
    "same", "3.2", "Several CDC flows into one target, one of them once=True with sequence_by=lit(0)"
)
@pytest.mark.parity("same", "3.2", "sequence_by a struct: by its first field, ties by the next")
def test_structs_and_several_flows(pipeline):
    source = (
        HEAD
        + """
dlt.create_streaming_table("pets")
dlt.create_auto_cdc_flow(name="live", target="pets", source="changes", keys=[col("id")],
    sequence_by=struct("at", "no"), ignore_null_updates=True, except_column_list=["at", "no"])
dlt.create_streaming_table("both")
dlt.apply_changes(flow_name="now", target="both", source="changes", keys=["id"], sequence_by="at",
    column_list=["id", "at"])
dlt.apply_changes(flow_name="before", target="both", source="history", keys=["id"], sequence_by=lit(0),
    column_list=["id", "at"], once=True)
"""
    )
    pets = pipeline(source)
    pets.feed("history", [{"id": 1, "at": -1}, {"id": 2, "at": -1}])
    run(pets, [
        {"id": 1, "at": 1, "no": 1, "home": {"town": "A", "zip": None}},
        {"id": 1, "at": 1, "no": 3, "home": {"town": None, "zip": 7}},
        {"id": 1, "at": 1, "no": 2, "home": {"town": "B", "zip": 8}},
    ])  # fmt: skip
    assert pets.rows("pets") == [{"id": 1, "home": {"town": "B", "zip": 7}}]
    assert values(pets, "both") == [(1, 1), (2, -1)]
    pets.feed("history", [{"id": 3, "at": -1}])
    assert [(s.flow, str(s.verb)) for s in pets.plan().flows if s.verb == "skip"] == [
        ("main.default.before", "skip")
    ]


@pytest.mark.parity("same", "3.3", "A truncate clears rows of a lower sequence, whatever arrived before it")
@pytest.mark.long("spark/test_changes.py::test_documented_examples")
def test_truncates_in_any_order(pipeline):
    truncating = (
        "apply_as_truncates=expr(\"op = 't'\"), apply_as_deletes=\"op = 'd'\", column_list=['id', 'a']"
    )
    pets = pipeline(HEAD + cdc("pets", truncating) + cdc("kept", f"{truncating}, ignore_null_updates=True"))
    truncate = one(None, 5, op="t")
    run(pets, [one(1, 1), one(2, 6), one(3, 5)], [truncate], [one(1, 4), one(4, 7), one(2, 8, a=None)])
    assert values(pets, "pets") == [(2, None), (3, "-"), (4, "-")]
    assert values(pets, "kept") == [(2, "-"), (3, "-"), (4, "-")]


TOMBSTONES = {"0": [(1, "-")], "172800": []}  # seconds -> what a late upsert leaves


@pytest.mark.parity(
    "differs",
    "3.3",
    "pipelines.cdc.tombstoneGCThresholdInSeconds: how long deletes are remembered",
    "tombstones are removed at each compaction, every 50 files; in SCD type 2 they stay",
)
@pytest.mark.parametrize("seconds", short(TOMBSTONES, "0"))
def test_tombstones_past_their_time(pipeline, monkeypatch, seconds):
    monkeypatch.setattr(change_flow, "FILES_BEFORE_COMPACTION", 0)
    properties = f', table_properties={{"pipelines.cdc.tombstoneGCThresholdInSeconds": "{seconds}"}}'
    pets = pipeline(
        HEAD + cdc("pets", "apply_as_deletes=\"op = 'd'\", column_list=['id', 'a']", table=properties)
    )
    run(pets, [one(1, 1)], [one(1, 5, op="d")], [one(1, 2)])
    assert values(pets, "pets") == TOMBSTONES[seconds]


@pytest.mark.parity(
    "same", "3.7", "The change feed of a CDC target feeds another one; updates come as pre- and postimage"
)
@pytest.mark.parity("same", "3.1", "A CDC source is a table, or a view over streams, joined or filtered")
@pytest.mark.parity(
    "same", "3.7", "num_upserted_rows and num_deleted_rows, no num_output_rows; flow type CHANGE"
)
def test_sources(pipeline):
    feed = ', table_properties={"delta.enableChangeDataFeed": "true"}'
    source = (
        HEAD
        + cdc("pets", "apply_as_deletes=\"op = 'd'\", column_list=['id', 'a']", source="named", table=feed)
        + """
@dlt.view
def named():
    names = spark.read.table("names")
    return spark.readStream.table("changes").drop("a").join(names, "id", "left")

@dlt.view
def feed():
    feed = spark.readStream.option("readChangeFeed", "true").table("pets")
    return feed.filter("_change_type <> 'update_preimage'")

dlt.create_streaming_table("copy")
dlt.apply_changes(target="copy", source="feed", keys=["id"], sequence_by=struct("_commit_version", "_change_type"),
    apply_as_deletes="_change_type = 'delete'", column_list=["id", "a"], stored_as_scd_type=1)
"""
    )
    pets = pipeline(source)
    pets.feed("names", [{"id": 1, "a": "Luna"}, {"id": 2, "a": "Sol"}])
    run(pets, [one(1, 1), one(2, 1)], [one(1, 2, op="d"), one(3, 1)])
    assert values(pets, "pets") == values(pets, "copy") == [(2, "Sol"), (3, None)]
    metrics = [
        e.details["metrics"] for e in pets.events if "metrics" in e.details and e.dataset.endswith("pets")
    ]
    assert metrics == [
        {"num_upserted_rows": 2, "num_deleted_rows": 0},
        {"num_upserted_rows": 1, "num_deleted_rows": 1},
    ]
    types = {e.dataset: e.details["flow_type"] for e in pets.events if e.event_type == "flow_definition"}
    assert types["main.default.copy"] == "CHANGE"


@pytest.mark.parity(
    "differs",
    "2.5",
    "Expectations on a CDC target",
    "evaluated on the incoming change rows, deletes too, before they are applied",
)
def test_rules_on_a_target(pipeline):
    rules = ", expect_all_or_drop={'named': \"a <> 'bad'\"}, expect_all={'b': \"b = '-'\"}"
    pets = pipeline(HEAD + cdc("pets", "column_list=['id', 'a']", table=rules))
    pets.feed("changes", [one(1, 1), one(2, 1, a="bad", b="x"), one(1, 2, a="new")])
    result = pets.update().by_name()["main.default.pets"]
    assert [(e.name, e.passed, e.failed) for e in result.expectations] == [("b", 2, 1), ("named", 2, 1)]
    assert (result.rows_in, result.rows_dropped, values(pets, "pets")) == (3, 1, [(1, "new")])


@pytest.mark.long("spark/test_deferred.py::test_a_function_that_looks_at_data_makes_a_table_like_any_other")
def test_a_source_that_looks_at_data(pipeline):
    """Its columns, and with them the target's, are not known before it runs."""
    looking = """
@dlt.view
def known():
    spark.read.table("changes").count()
    return spark.readStream.table("changes")
"""
    source = HEAD + cdc("pets", "column_list=['id', 'a'], stored_as_scd_type=2", source="known") + looking
    pets = run(pipeline(source), [one(1, 1)], [one(1, 2, a="x")])
    assert values(pets, "pets") == [(1, "-", 1, 2), (1, "x", 2, None)]
    wrong = pipeline(source.replace('["id"]', '["nope"]').replace("pets", "wrong"))
    wrong.outside = pets.outside
    error = wrong.update().by_name()["main.default.wrong"].error
    assert error.startswith("[AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA]"), error


PERIODIC = (
    HEAD
    + """
dlt.create_streaming_table("pets")
dlt.apply_changes_from_snapshot(target="pets", source="now", keys=["id"], stored_as_scd_type=2)

@dlt.view
def now():
    shot = spark.read.table("shots")
    return shot.filter(f"shot = {shot.agg({'shot': 'max'}).collect()[0][0]}").drop("shot")
"""
)


@pytest.mark.parity(
    "same", "3.8", "Periodic snapshots: compared as a whole at every update, versions are times"
)
@pytest.mark.long("spark/test_change_options.py::test_historical_snapshots")
def test_periodic_snapshots(pipeline):
    pets = pipeline(PERIODIC)
    first = [{"shot": 1, "id": 1, "v": "a1"}, {"shot": 1, "id": 2, "v": "a2"}]
    run(pets, first, [{"shot": 2, "id": 2, "v": "b2"}, {"shot": 2, "id": 3, "v": "a3"}], table="shots")
    assert pets.update().state == "COMPLETED"  # the same again changes nothing
    rows = pets.rows("pets", "id, __START_AT")
    (t1, t2) = sorted({r["__START_AT"] for r in rows})
    assert isinstance(t1, dt.datetime)
    assert [tuple(r.values()) for r in rows] == [
        (1, "a1", t1, t2), (2, "a2", t1, t2), (2, "b2", t2, None), (3, "a3", t2, None)
    ]  # fmt: skip


HISTORICAL = (
    HEAD
    + """
ASKED = []

def next_snapshot(latest):
    ASKED.append(latest)
    if latest == 2:
        return None
    version = 1 if latest is None else latest + 1
    return spark.read.table("shots").filter(f"shot = {version}").drop("shot"), version

dlt.create_streaming_table("pets")
dlt.create_auto_cdc_from_snapshot_flow(target="pets", source=next_snapshot, keys=["k"],
    stored_as_scd_type="2", track_history_column_list=["t"])
dlt.create_streaming_table("current")
dlt.apply_changes_from_snapshot(target="current", snapshot_and_version=next_snapshot, keys=["k"], stored_as_scd_type=1)
"""
)


@pytest.mark.parity(
    "same", "3.8", "Historical snapshots: the function is called until it returns None; both spellings"
)
@pytest.mark.parity("same", "3.8", "A full refresh forgets the latest version")
@pytest.mark.parametrize("again", short([Selection(), Selection(full_refresh_all=True)], Selection()))
def test_historical_snapshots(pipeline, again):
    pets = pipeline(HISTORICAL)
    shots = {
        1: [(1, "a1", "b1"), (2, "a2", "b2"), (4, "a4", "b4")],
        2: [(2, "a2_new", "b2"), (3, "a3", "b3"), (4, "a4", "b4_new")],
    }
    pets.feed("shots", [{"shot": s, "k": k, "t": t, "o": o} for s, rows in shots.items() for k, t, o in rows])
    expected = [
        (1, "a1", "b1", 1, 2), (2, "a2", "b2", 1, 2), (2, "a2_new", "b2", 2, None),
        (3, "a3", "b3", 2, None), (4, "a4", "b4_new", 1, None),
    ]  # fmt: skip
    for selection in (Selection(), again):
        result = pets.update(selection)
        assert result.state == "COMPLETED", [d.error for d in result.datasets]
        assert values(pets, "pets") == expected
        assert values(pets, "current") == [r[:3] for r in expected[2:]]


SNAPSHOT_MISTAKES = {
    "lambda v: (spark.range(2).selectExpr('0 AS id'), 1)": "[APPLY_CHANGES_FROM_SNAPSHOT_ERROR.DUPLICATE_KEY_VIOLATION]",
    "lambda v: (spark.range(1), 1)": "[APPLY_CHANGES_FROM_SNAPSHOT_ERROR.OUT_OF_ORDER_SNAPSHOT]",
    "lambda v: spark.range(1)": "[APPLY_CHANGES_FROM_SNAPSHOT_ERROR.INVALID_SNAPSHOT]",
    "lambda v: 1 / 0": "[QUERY_FUNCTION_FAILED]",
}


@pytest.mark.parity("same", "3.8", "Duplicate keys in a snapshot and versions that do not ascend are errors")
def test_snapshots_that_are_none(pipeline):
    targets = "".join(
        f"""
dlt.create_streaming_table("t{n}")
dlt.apply_changes_from_snapshot(target="t{n}", source={f}, keys=["id"], stored_as_scd_type=2)
"""
        for n, f in enumerate(SNAPSHOT_MISTAKES)
    )
    result = pipeline(HEAD + targets, configuration={"pipelines.maxFlowRetryAttempts": "0"}).update()
    told = [d.error for d in result.datasets]
    assert [t.startswith(c) for t, c in zip(told, SNAPSHOT_MISTAKES.values(), strict=True)] == [True] * 4, (
        told
    )


@pytest.mark.parity("same", "3.4", "Other tracked columns are for what comes after: closed versions stay")
@pytest.mark.parity("same", "3.3", "Truncates of the past count, though apply_as_truncates is gone")
def test_what_a_definition_said_before_stays_true_of_the_past(pipeline):
    truncating = "ignore_null_updates=True, column_list=['id', 'a', 'b']"
    versions = "stored_as_scd_type=2, column_list=['id', 'a', 'b']"
    before = cdc("cleared", f"{truncating}, apply_as_truncates=\"op = 't'\"") + cdc(
        "history", versions, source="past"
    )
    after = cdc("cleared", truncating) + cdc(
        "history", f"{versions}, track_history_column_list=['a']", source="past"
    )
    pets = pipeline(HEAD + before)
    pets.feed("past", [one(1, 1, b="b1"), one(1, 2, b="b2"), one(2, 1, b="b1"), one(2, 2, b="b2")])
    run(pets, [one(1, 1), one(None, 2, op="t")])
    write_sources(pets.folder / "sources", HEAD + after)
    pets.feed("past", [one(1, 3, b="b3"), one(1, 4, a="new", b="b3")])
    run(pets, [one(1, 3, a=None)])
    assert values(pets, "cleared") == [(1, None, "-")]
    assert values(pets, "history") == [
        (1, "-", "b1", 1, 2), (1, "-", "b3", 2, 4), (1, "new", "b3", 4, None),
        (2, "-", "b1", 1, 2), (2, "-", "b2", 2, None),
    ]  # fmt: skip


@pytest.mark.parity(
    "same", "3.3", "Of changes with one sequence in one batch the later row wins, as was seen at Databricks"
)
def test_the_later_row_of_a_batch_wins(pipeline):
    flows = {"latest": "", "some": "ignore_null_updates=True, ", "versions": "stored_as_scd_type=2, "}
    pets = pipeline(HEAD + "".join(cdc(t, f"{how}column_list=['id', 'a', 'b']") for t, how in flows.items()))
    run(pets, [one(1, 1, a=f"{n}") for n in range(9)], [one(1, 1, a="afterwards")])
    assert values(pets, "latest") == values(pets, "some") == [(1, "8", "-")]
    assert values(pets, "versions") == [(1, "8", "-", 1, None)]


BAD_ROWS = {
    "NULL_KEY": one(None, 1),
    "NULL_SEQUENCE": one(2, None),
    "OUTSIDE_WHERE": one(3, 1, a="other"),
}


@pytest.mark.parity(
    "same", "3.5", "NULL keys and NULL sequences fail the flow by name, and nothing is written"
)
@pytest.mark.parity("same", "1.2", "where: a change that does not satisfy it is an error")
@pytest.mark.parametrize("what", list(BAD_ROWS))
def test_rows_that_are_no_changes(pipeline, what):
    pets = pipeline(HEAD + cdc("pets", "where=\"a = '-'\", column_list=['id', 'a']"))
    run(pets, [one(1, 1)])
    pets.feed("changes", [one(9, 9), BAD_ROWS[what]])
    result = pets.update()
    assert result.state == "FAILED"
    assert result.datasets[0].error.startswith(
        f"[AUTOCDC_MICROBATCH_VALIDATION.{what}] A row of flow 'main.default.pets'"
    )
    assert values(pets, "pets") == [(1, "-")]


@pytest.mark.parity(
    "same", "3.5", "Keys or SCD type changed without a full refresh are refused; with one they are taken over"
)
def test_keys_and_type_stay(pipeline):
    pets = pipeline(HEAD + cdc("pets", "column_list=['id', 'a']"))
    run(pets, [one(1, 1), one(1, 2, a="x")])
    changed = pipeline(
        HEAD + cdc("pets", "column_list=['id', 'a'], stored_as_scd_type=2").replace('["id"]', '["id", "a"]')
    )
    changed.outside = pets.outside
    assert [p.condition for p in changed.problems()] == [
        "AUTOCDC_INVALID_STATE.KEY_SCHEMA_DRIFT", "AUTOCDC_INVALID_STATE.SCD_TYPE_DRIFT"
    ]  # fmt: skip
    assert changed.update(Selection(full_refresh_all=True)).state == "COMPLETED"
    assert values(changed, "pets") == [(1, "-", 1, None), (1, "x", 2, None)]
    assert changed.problems() == ()


def test_changes_that_can_not_be_folded_fail_no_flow(pipeline, monkeypatch):
    monkeypatch.setattr(change_flow, "FILES_BEFORE_COMPACTION", 0)
    monkeypatch.setenv(FAIL_AT, "memory-folded")
    said = []
    pets = run(pipeline(HEAD + cdc("pets", "column_list=['id', 'a']"), say=said.append), [one(1, 1)])
    assert values(pets, "pets") == [(1, "-")]
    assert [sentence for sentence in said if "fold" in sentence] == [
        "the changes behind main.default.pets could not be folded, the next update tries again: "
        f"failed at memory-folded, as {FAIL_AT} says"
    ]
