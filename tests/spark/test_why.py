"""The rows behind the counts: which rows of a table's flows break which rules, nothing written."""

from __future__ import annotations

import pytest

from tests.copies import copied, made_in
from weir.model.problems import WeirError
from weir.run.analysis.why import FlowFailedError

SOURCE = """
import dlt
from pyspark.sql import functions as F

@dlt.view
@dlt.expect_or_drop("named", "name IS NOT NULL")
@dlt.expect("short", "length(name) < 4")
def people():
    return dlt.read_stream("bronze")

@dlt.table
def bronze():
    return spark.readStream.table("raw")

dlt.create_streaming_table(
    "silver",
    expect_all={"adult": "age >= 18"},
    expect_all_or_drop={"old_id": "id < 100"},
    expect_all_or_fail={"named_well": "name <> 'x'"},
)

@dlt.append_flow(target="silver")
def live():
    return dlt.read_stream("people")

@dlt.append_flow(target="silver", once=True)
def backfill():
    return spark.sql("SELECT id, name, CAST(NULL AS BIGINT) AS age FROM old")

@dlt.table
@dlt.expect("grown", "age > 17")
def renamed():
    once = dlt.read_stream("bronze").withColumn("at", F.current_timestamp()).withWatermark("at", "1 day")
    return once.dropDuplicatesWithinWatermark(["id"]).select(F.col("id").alias("key"))

@dlt.table
@dlt.expect("few", "count < 2")
def ages():
    return dlt.read_stream("bronze").groupBy("age").count()

@dlt.table
def gold():
    return dlt.read("silver")
"""
ANA, BO, CLARA = (
    {"id": 1, "name": "ana", "age": 40},
    {"id": 2, "name": "bo", "age": None},
    {"id": 300, "name": "clara", "age": 3},
)
NOBODY = {"id": 4, "name": None, "age": 3}


@pytest.fixture(scope="module")
def updated(spark, tmp_path_factory):
    """Ana keeps every rule; the others each break some."""
    p = made_in(tmp_path_factory.mktemp("people"), spark, SOURCE)
    p.feed("raw", [ANA, BO, CLARA, NOBODY])
    p.feed("old", [{"id": 5, "name": "x"}])
    p.update()
    return p


@pytest.fixture
def lake(updated, tmp_path):
    return copied(updated, tmp_path)


def shown(found):
    return sorted(((r.row, r.broken) for r in found.rows), key=str)


def files(p):
    return {f: f.stat().st_mtime_ns for f in p.storage.root.rglob("*")}


def test_each_row_of_every_flow_comes_with_all_the_rules_that_it_breaks(lake):
    before = files(lake)
    found = lake.broken("silver")
    assert shown(found) == [
        (BO, ("adult",)),
        (CLARA, ("adult", "old_id")),
        ({"id": 5, "name": "x", "age": None}, ("adult", "named_well")),
    ]
    assert (found.dataset.name, found.failing) == ("main.default.silver", 3)
    assert files(lake) == before


def test_a_view_shows_what_it_drops(lake):
    assert shown(lake.broken("people")) == [(CLARA, ("short",)), (NOBODY, ("named", "short"))]


def test_rules_below_the_output_and_stateful_streams(lake):
    lake.feed("raw", [BO])
    lake.update()
    assert shown(lake.broken("renamed")) == [({"key": k}, ("grown",)) for k in (2, 300, 4)]
    assert shown(lake.broken("ages")) == [
        ({"age": 3, "count": 2}, ("few",)),
        ({"age": None, "count": 2}, ("few",)),
    ]


def test_sources_are_read_as_they_are_now_and_a_limit_shortens_the_rows_not_the_count(lake):
    lake.feed("raw", [{"id": 7, "name": "eva", "age": 7}])
    lake.feed("old", [{"id": 700, "name": "y"}])
    found = lake.broken("silver", limit=2)  # bronze has not taken eva in
    assert (len(found.rows), found.failing) == (2, 4)
    assert lake.broken("gold").failing == 0


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("silvr", "[DATASET_NOT_FOUND] The pipeline has no table `silvr`.\n"
         "  hint: did you mean `main.default.silver`?"),
        ("people", "[TABLE_OR_VIEW_NOT_FOUND] `main.default.bronze` does not exist yet.\n"
         "  hint: update it first: weir run"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_says_why(pipeline, table, told):
    p = pipeline(SOURCE)
    p.feed("raw", [ANA])
    p.feed("old", [{"id": 5, "name": "x"}])
    with pytest.raises(WeirError) as caught:
        p.broken(table)
    assert str(caught.value) == told


def test_a_flow_that_fails_tells_whether_a_rule_or_an_error_stopped_it(pipeline):
    p = pipeline("""
import dlt

@dlt.view
@dlt.expect_or_fail("known", "x IS NOT NULL")
def strict():
    return spark.read.table("raw")

@dlt.table
@dlt.expect("positive", "x > 0")
def stopped():
    return dlt.read("strict")

@dlt.table
@dlt.expect("positive", "y > 0")
def broken():
    return spark.read.table("raw").selectExpr("CAST(raise_error('boo') AS INT) AS y")
""")
    p.feed("raw", [{"x": 1}, {"x": None}])
    with pytest.raises(FlowFailedError) as stopped:
        p.broken("stopped")
    with pytest.raises(FlowFailedError, match="boo") as broken:
        p.broken("broken")
    assert "Violated expectations: 'known'" in str(stopped.value)
    assert "hint: a rule of a view that it reads stops it" in str(stopped.value)
    assert (stopped.value.exit_code, broken.value.exit_code) == (3, 1)
    assert [(r.row, r.broken) for r in p.broken("strict").rows] == [({"x": None}, ("known",))]
