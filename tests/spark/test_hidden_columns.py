"""Rules on columns that a result no longer has, over a view that has rules of its own (specification §2.5)."""

from __future__ import annotations

import pyarrow as pa
import pytest

SOURCE = """
import dlt
from pyspark.sql import functions as F

@dlt.view
def plain():
    return spark.read.table("prod.raw.n")

@dlt.view
@dlt.expect("positive", "v > 0")
def ruled():
    return spark.read.table("prod.raw.n")

@dlt.table
@dlt.expect("ordered", "x.v >= y.v")
def pairs():
    n = dlt.read("ruled")
    return n.alias("x").join(n.alias("y"), F.col("x.k") == F.col("y.k")).selectExpr("x.k AS k", "y.v AS w")

@dlt.table
@dlt.expect("old", "v > 0")
def renamed():
    return dlt.read("ruled").withColumnRenamed("v", "w")

@dlt.table
def probed():
    n = dlt.read("ruled")
    try:
        return n.select("other")
    except Exception:
        return n

@dlt.table
@dlt.expect_or_drop("group", "r.v > 0")
def grouped():
    return spark.sql("SELECT r.k, count(*) AS n FROM ruled r GROUP BY r.k, r.v")

@dlt.table
@dlt.expect_or_drop("left", "r.v > 0")
def joined():
    return spark.sql("SELECT r.k, b.v AS w FROM ruled r JOIN plain b ON r.k = b.k")
"""


@pytest.mark.parity(
    "same", "2.5", "A rule names a column below the result, also where a view with rules is read"
)
def test_rules_below_a_result_over_a_view_with_rules(pipeline):
    under_test = pipeline(SOURCE)
    schema = pa.schema([("k", pa.string()), ("v", pa.int32())])
    rows = [{"k": "a", "v": 1}, {"k": "a", "v": 2}, {"k": "b", "v": -1}]
    under_test.feed("prod.raw.n", rows, schema)
    found = {name.rpartition(".")[2]: result for name, result in under_test.update().by_name().items()}
    assert {name: result.error for name, result in found.items() if result.error} == {}
    assert {name: [(r.name, r.passed, r.failed) for r in result.expectations] for name, result in found.items()} == {
        "plain": [], "ruled": [("positive", 2, 1)] * 5, "pairs": [("ordered", 4, 1)], "renamed": [("old", 2, 1)],
        "grouped": [("group", 2, 1)], "probed": [], "joined": [("left", 4, 1)],
    }  # fmt: skip
    assert len(under_test.rows("probed")) == 3
    assert [row["n"] for row in under_test.rows("grouped")] == [1, 1]
    assert sorted(row["w"] for row in under_test.rows("joined")) == [1, 1, 2, 2]
