"""Bronze to gold: kinds, order, rules, second updates."""

from __future__ import annotations

import datetime as dt
import json

import pytest

MEDALLION = """
import dlt
from pyspark.sql import functions as F

@dlt.table
@dlt.expect_or_fail("counted", "n > 0")
def gold():
    return spark.sql("SELECT k, count(*) AS n FROM LIVE.silver GROUP BY ALL")

@dlt.table
@dlt.expect("positive", "x > 0")
@dlt.expect_or_drop("known", "x IS NOT NULL")
@dlt.expect_or_drop("small", "x < 5")
def silver():
    return dlt.read_stream("cleaned").withColumn("k", F.col("x") % 2)

@dlt.view
@dlt.expect("identified", "id >= 0")
def cleaned():
    return spark.readStream.table("bronze")

@dlt.table(comment="as it came", table_properties={"quality": "bronze"})
def bronze():
    return spark.readStream.table("events")
"""


def errors(result):
    return {d.name: d.error for d in result.datasets if d.error}


def counts(result):
    return {
        d.name.rsplit(".", 1)[-1]: (d.kind, str(d.state), d.rows_in, d.rows_written, d.rows_dropped)
        for d in result.datasets
    }


def rules(result):
    return {
        (d.name.rsplit(".", 1)[-1], e.name): (e.passed, e.failed, e.reader)
        for d in result.datasets
        for e in d.expectations
    }


@pytest.mark.parity(
    "same",
    "1.3",
    "A batch query makes a materialized view, a streaming one a streaming table",
)
@pytest.mark.parity(
    "same",
    "1.5",
    "Reads by dlt.read*, spark.read*.table and spark.sql make edges, with or without LIVE.",
)
@pytest.mark.parity("same", "2.2", "A rule that gives NULL is broken")
@pytest.mark.parity(
    "same",
    "2.3",
    "Counts of rules are independent; a row that fails two drop rules is dropped once",
)
@pytest.mark.parity(
    "same",
    "4.3",
    "A triggered update is consistent: what arrives in bronze is in gold at its end",
)
@pytest.mark.parity("same", "11.3", "The second update of a streaming table appends only new rows")
def test_what_arrives_in_bronze_is_in_gold_at_the_end_of_the_same_update(pipeline):
    p = pipeline(MEDALLION)
    p.feed("events", [{"id": 1, "x": 1}, {"id": 2, "x": 2}, {"id": 3, "x": None}, {"id": -4, "x": 7}])
    first = p.update()
    assert counts(first) == {
        "bronze": ("streaming_table", "COMPLETED", 4, 4, 0),
        "cleaned": ("view", "COMPLETED", 4, None, 0),
        "silver": ("streaming_table", "COMPLETED", 4, 2, 2),
        "gold": ("materialized_view", "COMPLETED", 2, 2, 0),
    }
    assert rules(first) == {
        ("cleaned", "identified"): (3, 1, "main.default.silver"),
        ("silver", "positive"): (3, 1, None),
        ("silver", "known"): (3, 1, None),
        ("silver", "small"): (2, 2, None),
        ("gold", "counted"): (None, None, None),
    }
    p.feed("events", [{"id": 5, "x": 3}])
    second = p.update()
    assert counts(second)["silver"] == ("streaming_table", "COMPLETED", 1, 1, 0)
    assert p.rows("gold") == [{"k": 0, "n": 1}, {"k": 1, "n": 2}]
    assert second.exit_code == 0


@pytest.mark.parity(
    "same",
    "1.3",
    "Comment, properties, partition and cluster columns, generated columns from DDL",
)
def test_tables_carry_what_their_definition_says(pipeline):
    p = pipeline("""
import dlt
@dlt.table(
    comment="by day", table_properties={"quality": "gold", "pipelines.autoOptimize.managed": "true"},
    schema="id BIGINT COMMENT 'the key', at TIMESTAMP, day DATE GENERATED ALWAYS AS (CAST(at AS DATE))",
    partition_cols=["day"])
def daily():
    return spark.readStream.table("events")

@dlt.table(cluster_by=["id"])
def clustered():
    return dlt.read("daily").select("id")
""")  # fmt: skip
    p.feed("events", [{"id": 1, "at": dt.datetime(2026, 5, 1, 23, tzinfo=dt.UTC)}])
    assert errors(p.update()) == {}
    state = p.storage.state("main.default.daily")
    assert p.rows("daily", "id") == [
        {"id": 1, "at": dt.datetime(2026, 5, 1, 23, tzinfo=dt.UTC), "day": dt.date(2026, 5, 1)}
    ]
    assert (state.comment, state.partition_columns, state.properties["quality"]) == (
        "by day",
        ("day",),
        "gold",
    )
    assert p.rows("clustered") == [{"id": 1}]


def said_of_itself(table, version):
    """What a version's checksum tells of the table's definition, without what is not set."""
    found = json.loads((table / f"_delta_log/{version:020}.crc").read_text())
    metadata = {k: v for k, v in found["metadata"].items() if v is not None}
    return {"metadata": metadata, "protocol": found["protocol"], "files": found["numFiles"]}


def test_a_new_tables_checksum_is_what_spark_makes_of_it(pipeline):
    p = pipeline(MEDALLION)
    p.feed("events", [{"id": 1, "x": 1}])
    p.update()
    for table in map(p.storage.table, ("main.default.silver", "main.default.gold")):
        files = len(list(table.glob("*.parquet")))
        assert said_of_itself(table, 0) == {**said_of_itself(table, 1), "files": 0}
        assert said_of_itself(table, 1)["files"] == files > 0


@pytest.mark.parity(
    "same",
    "4.8",
    "A streaming aggregate without a watermark runs in complete mode",
)
def test_a_stream_aggregated_without_watermark_rewrites_its_table(pipeline):
    p = pipeline("""
import dlt
@dlt.table
@dlt.expect("many", "n > 1")
def totals():
    return dlt.read_stream("bronze").groupBy("k").count().withColumnRenamed("count", "n")

@dlt.table
def bronze():
    return spark.readStream.table("events")
""")
    p.feed("events", [{"k": "a"}, {"k": "b"}])
    p.update()
    p.feed("events", [{"k": "a"}])
    second = p.update()
    assert p.rows("totals", "k") == [{"k": "a", "n": 2}, {"k": "b", "n": 1}]
    assert counts(second)["totals"] == ("streaming_table", "COMPLETED", 2, 2, 0)
    assert rules(second) == {("totals", "many"): (1, 1, None)}


@pytest.mark.parity("same", "4.7", "A once flow reads its batch a single time")
@pytest.mark.parity(
    "same",
    "2.5",
    "expect_all* of create_streaming_table hold for every flow into it",
)
def test_once_flows_run_a_single_time_beside_streams(pipeline):
    p = pipeline("""
import dlt
dlt.create_streaming_table("all_events", expect_all_or_drop={"known": "id IS NOT NULL"})

@dlt.append_flow(target="all_events")
def live():
    return spark.readStream.table("events")

@dlt.append_flow(target="all_events", once=True)
def backfill():
    return spark.read.table("history")
""")
    p.feed("events", [{"id": 1}])
    p.feed("history", [{"id": 10}, {"id": 11}, {"id": None}])
    assert counts(p.update())["all_events"] == ("streaming_table", "COMPLETED", 4, 3, 1)
    p.feed("events", [{"id": 2}])
    p.feed("history", [{"id": 12}])
    p.update()
    assert [r["id"] for r in p.rows("all_events")] == [1, 2, 10, 11]


@pytest.mark.parity(
    "same",
    "2.4",
    "A fail rule rolls the micro-batch or the refresh back, its siblings go on, what reads it is SKIPPED",
)
@pytest.mark.parity("same", "2.4", "All broken fail rules of the first violating row are named")
@pytest.mark.parity(
    "differs",
    "2.4",
    "The error text of a fail rule",
    "the input row is never traced: `Missing input data` is always true",
)
def test_a_fail_rule_keeps_the_table_and_spares_the_other_branch(pipeline):
    p = pipeline("""
import dlt
@dlt.table
def bronze():
    return spark.readStream.table("events")

@dlt.table
@dlt.expect_all_or_fail({"positive": "x > 0", "odd": "x % 2 = 1"})
def strict():
    return dlt.read_stream("bronze")

@dlt.table
@dlt.expect_or_fail("few", "n < 3")
def total():
    return dlt.read("bronze").groupBy().count().withColumnRenamed("count", "n")

@dlt.table
def below_strict():
    return dlt.read("strict")

@dlt.table
def sibling():
    return dlt.read("bronze")
""")
    p.feed("events", [{"x": 1}, {"x": 3}])
    assert p.update().exit_code == 0
    p.feed("events", [{"x": -2}])
    result = p.update()
    by_name = result.by_name()
    assert {n.rsplit(".", 1)[-1]: str(d.state) for n, d in by_name.items()} == {
        "bronze": "COMPLETED",
        "strict": "FAILED",
        "total": "FAILED",
        "below_strict": "SKIPPED",
        "sibling": "COMPLETED",
    }
    assert by_name["main.default.strict"].error == (
        "[EXPECTATION_VIOLATION.VERBOSITY_ALL] Flow 'main.default.strict' failed to meet the expectation. "
        "Violated expectations: 'positive, odd'. Input data: 'Input could not be determined from the "
        "violating output record.'. Output record: '{\"x\": -2}'. Missing input data: true"
    )
    assert "Violated expectations: 'few'" in by_name["main.default.total"].error
    assert result.exit_code == 3
    assert (p.rows("strict"), p.rows("total")) == ([{"x": 1}, {"x": 3}], [{"n": 2}])
    assert len(p.rows("sibling")) == 3


@pytest.mark.parity(
    "same",
    "2.5",
    "A view's rules are counted once per reading flow, its drops hold for all readers",
)
def test_a_views_rules_are_counted_once_a_reading_flow_and_its_drops_hold_for_all(pipeline):
    p = pipeline("""
import dlt
@dlt.view
@dlt.expect_or_drop("known", "x IS NOT NULL")
@dlt.expect("big", "x > 10")
def cleaned():
    return spark.read.table("events")

@dlt.table
def twice():
    left, right = dlt.read("cleaned").alias("l"), dlt.read("cleaned").alias("r")
    return left.join(right, "x").select("x")

@dlt.table
def through_sql():
    return spark.sql("SELECT c.x FROM cleaned AS c WHERE x > (SELECT min(x) FROM cleaned)")
""")
    p.feed("events", [{"x": 1}, {"x": None}, {"x": 11}])
    result = p.update()
    seen = sorted((e.name, e.reader, e.passed, e.failed) for e in result.by_name()["cleaned"].expectations)
    assert seen == [
        ("big", "main.default.through_sql", 1, 2),
        ("big", "main.default.twice", 1, 2),
        ("known", "main.default.through_sql", 2, 1),
        ("known", "main.default.twice", 2, 1),
    ]
    assert (p.rows("twice"), p.rows("through_sql")) == ([{"x": 1}, {"x": 11}], [{"x": 11}])


@pytest.mark.parity(
    "same",
    "2.1",
    "A rule may name a column as a filter on the query could, also one that the result no longer has",
)
def test_rules_name_columns_that_the_result_no_longer_has(pipeline):
    p = pipeline("""
import dlt
@dlt.table
@dlt.expect("priced", "e.price > 0")
@dlt.expect_or_drop("old_name", "x < 3")
def renamed():
    e = spark.readStream.table("events").alias("e")
    return e.select(e["x"].alias("y"))

@dlt.table
@dlt.expect("grouped", "ev.x < 3")
def grouped():
    return spark.sql("SELECT ev.x AS key, count(*) AS n FROM events AS ev GROUP BY ALL")
""")
    p.feed("events", [{"x": 1, "price": 1}, {"x": 2, "price": 0}, {"x": 3, "price": 2}])
    result = p.update()
    assert rules(result) == {
        ("renamed", "priced"): (2, 1, None),
        ("renamed", "old_name"): (2, 1, None),
        ("grouped", "grouped"): (2, 1, None),
    }
    assert [r["y"] for r in p.rows("renamed")] == [1, 2]


@pytest.mark.parity("same", "2.6", "Counting costs no second pass over the data")
def test_the_one_job_that_writes_also_counts(pipeline, tmp_path):
    p = pipeline(f"""
import dlt
from pyspark.sql.functions import udf

@dlt.table
@dlt.expect_all_or_drop({{"a": "x > 0", "b": "x < 9"}})
@dlt.expect("c", "x <> 5")
def counted():
    def touch(x):
        with open({str(tmp_path / "scanned")!r}, "a") as file:
            file.write(f"{{x}} ")
        return x
    return spark.read.table("events").select(udf(touch, "bigint")("x").alias("x"))
""")
    p.feed("events", [{"x": n} for n in range(10)])
    assert counts(p.update())["counted"] == ("materialized_view", "COMPLETED", 10, 8, 2)
    assert sorted((tmp_path / "scanned").read_text().split()) == [str(n) for n in range(10)]


@pytest.mark.parity(
    "differs", "2.6", "Rules of a view that the optimizer prunes away", "counted, in a query of their own"
)
def test_rules_that_are_never_evaluated_count_nothing(pipeline):
    p = pipeline("""
import dlt
@dlt.view
@dlt.expect("known", "x IS NOT NULL")
def nobody():
    return spark.read.table("events").where("1 = 0")

@dlt.table
def joined():
    return spark.range(3).join(dlt.read("nobody").withColumnRenamed("x", "id"), "id", "left")

@dlt.table
@dlt.expect_or_drop("positive", "x > 0")
def empty():
    return spark.read.table("events")
""")
    p.feed("events", [{"x": 1}])
    p.update()
    p.feed("events", [{"x": 1}])
    result = p.update()
    assert errors(result) == {}
    assert counts(result)["joined"] == ("materialized_view", "COMPLETED", 3, 3, 0)
    assert rules(result) == {
        ("nobody", "known"): (0, 0, "main.default.joined"),
        ("empty", "positive"): (2, 0, None),
    }
