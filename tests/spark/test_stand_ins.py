"""What stands in for a view or a table while functions are called: its columns, and nothing of its own."""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as F

from tests.fixtures import Make
from weir.run.analysis.empty import stand_in
from weir.run.frames.below import java_of
from weir.run.frames.fingerprint import tree_of

SOURCE = """
import dlt
from pyspark.sql import functions as F


@dlt.table
def numbers():
    return spark.readStream.table("ev").withColumn("odd", F.col("id") % 2)


@dlt.view
def bare():
    return dlt.read_stream("numbers").select("id")


@dlt.view
def above():
    return dlt.read_stream("bare").where("id > 0")


@dlt.table
def by_hidden_column():
    return dlt.read_stream("above").where("odd = 1")


@dlt.table
def both():
    one, other = dlt.read_stream("above"), dlt.read_stream("above")
    return one.join(other, one.id == other.id).select(one.id)


@dlt.table
def late():
    return dlt.read_stream("numbers").where("timestamp IS NULL")


@dlt.table
def nameless():
    return dlt.read_stream("above").where("value IS NULL")
"""


def test_names_reach_through_views_and_not_into_what_stands_in_for_a_table(pipeline: Make) -> None:
    p = pipeline(SOURCE)
    p.feed("ev", [{"id": 1}])
    told = {(x.condition, x.origin.line) for x in p.problems() if x.origin}
    assert told == {("UNRESOLVED_COLUMN.WITH_SUGGESTION", 34), ("UNRESOLVED_COLUMN.WITH_SUGGESTION", 39)}
    names = {d.name.removeprefix("main.default."): str(d.schema) for d in p.graph().datasets.values()}
    assert {"by_hidden_column", "both"} <= names.keys()


def test_a_stream_stands_for_itself_where_more_than_its_columns_counts(spark: Any) -> None:
    rate = spark.readStream.format("rate").load()
    passed = rate.where("value > 1").select(F.explode(F.array("value")).alias("n"), "timestamp")
    short = stand_in(spark, passed)
    assert (short.schema.names, "Generate" in shown(short), short.isStreaming) == (
        ["n", "timestamp"], False, True,
    )  # fmt: skip
    for whole in (rate.withWatermark("timestamp", "1 day"), rate.groupBy("value").count(), rate.union(rate)):
        assert stand_in(spark, whole) is whole


def shown(df: Any) -> str:
    return tree_of(java_of(df)[1].queryExecution().analyzed())
