"""One dataset alone: rows for its inputs in, its rows and what its rules saw out; nothing is written without need."""

from __future__ import annotations

import datetime as dt

import pytest
from pyspark.testing import assertDataFrameEqual
from pyspark_test import assert_pyspark_df_equal

from tests.copies import made_in
from weir.model.problems import WeirError
from weir.testing import PipelineUnderTest

SHOP = {
    "bronze.py": """
import dlt
from pyspark.sql import functions as F

@dlt.table(schema="id BIGINT, country STRING, amount DECIMAL(10,2), at TIMESTAMP")
def bronze():
    return spark.readStream.table("outside.raw.orders")

@dlt.table
@dlt.expect_or_drop("large", "amount >= 5")
@dlt.expect("known", "country IS NOT NULL")
def orders():
    return dlt.read_stream("bronze").select("id", "country", "amount", "at")

@dlt.view
@dlt.expect_or_drop("recent", "at > current_timestamp() - INTERVAL 1 DAY")
def recent():
    return dlt.read_stream("orders")

@dlt.table
def fresh():
    return dlt.read_stream("recent").select("id", F.current_date().alias("seen"))

@dlt.table
def first_of_country():
    return dlt.read_stream("orders").dropDuplicates(["country"]).select("country")

@dlt.table(schema="id BIGINT NOT NULL")
def strict():
    return dlt.read("orders").select("id")

dlt.create_sink("out", "delta", {"path": "/nowhere"})

@dlt.append_flow(target="out")
def to_out():
    return dlt.read_stream("orders")

dlt.create_streaming_table("latest")
dlt.create_auto_cdc_flow(target="latest", source="orders", keys=["id"], sequence_by="at", stored_as_scd_type=1)
""",
    "gold.sql": """
CREATE OR REFRESH MATERIALIZED VIEW revenue (
  CONSTRAINT positive EXPECT (revenue > 0) ON VIOLATION FAIL UPDATE
) AS SELECT country, sum(amount) AS revenue, max(date_diff(now(), at)) AS days FROM orders GROUP BY country;
""",
    "notebook.py": """# Databricks notebook source
# MAGIC %sql
# MAGIC CREATE OR REFRESH STREAMING TABLE shouted AS SELECT id, upper(country) AS country FROM STREAM orders
""",
}
ORDERS = """
    id | country | amount | at
    1  | CR      | 20.5   | 2025-03-01 10:00
    2  | CR      | 3      | 2025-03-01 11:00
    3  |         | 7      | 2025-02-01
"""


@pytest.fixture
def shop(spark, tmp_path) -> PipelineUnderTest:
    return made_in(tmp_path, spark, SHOP)


def test_rows_have_the_types_of_the_declared_input_and_each_rule_says_what_it_saw(shop):
    orders = shop.compute("orders", {"bronze": ORDERS})
    assert (
        orders.rows
        == """
        id | country | amount | at
        1  | CR      | 20.50  | 2025-03-01 10:00
        3  |         | 7      | 2025-02-01
    """
    )
    assert orders.counts() == {"large": (2, 1), "known": (2, 1)}
    assert (orders.result.rows_in, orders.result.rows_dropped) == (3, 1)
    assert not (shop.folder / "storage" / "main").exists()


def test_the_rows_are_a_frame_for_the_assertions_of_pyspark(shop, spark):
    frame = shop.compute("shouted", {"orders": ORDERS}).frame
    expected = spark.createDataFrame([(3, None), (1, "CR"), (2, "CR")], "id BIGINT, country STRING")
    assertDataFrameEqual(frame, expected)
    assert_pyspark_df_equal(frame, expected, order_by=["id"])


def test_a_view_between_is_computed_too_at_the_time_that_the_test_says(shop):
    shop.now = dt.datetime(2025, 3, 2, 9, tzinfo=dt.UTC)
    fresh = shop.compute("fresh", {"orders": ORDERS})
    assert fresh.rows == "id | seen\n1 | 2025-03-02\n2 | 2025-03-02"
    assert fresh.counts("recent") == {"recent": (2, 1)}
    assert (
        shop.compute("revenue", {"orders": ORDERS}).rows
        == """
        country | revenue | days
        CR      | 23.5    | 1
                | 7       | 29
    """
    )


def test_a_view_can_be_given_and_a_view_can_be_computed(shop):
    shop.now = dt.datetime(2025, 3, 2, 9, tzinfo=dt.UTC)
    assert shop.compute("fresh", {"recent": "id\n7"}).rows == "id | seen\n7 | 2025-03-02"
    recent = shop.compute("recent", {"orders": ORDERS})
    assert (len(recent.rows), recent.counts()) == (2, {"recent": (2, 1)})


def test_a_rule_that_stops_an_update_stops_the_dataset(shop):
    revenue = shop.compute("revenue", {"orders": "country | amount\nCR | -1"})
    assert (revenue.rows, revenue.result.state, revenue.result.expectation_failed) == ([], "FAILED", True)
    assert "Violated expectations: 'positive'" in revenue.result.error


def test_rules_alone_see_rows_that_no_query_would_make(shop):
    broken = shop.broken_by(
        {"orders": "id | country | amount\n1 | CR | 20\n2 | | 0", "revenue": "revenue\n-1"}
    )
    assert broken == {"orders": [(), ("large", "known")], "revenue": [("positive",)]}
    assert shop.broken_by({"recent": "id\n1"}) == {"recent": [("recent",)]}


def test_what_remembers_rows_is_updated_in_a_folder_of_its_own(shop):
    first = shop.compute("first_of_country", {"orders": ORDERS})
    assert first.rows == "country\nCR\nnull"


def test_changes_are_applied_as_an_update_does(shop):
    changes = [
        {"id": 1, "country": "CR", "at": "2025-03-02"},
        {"id": 1, "country": "PA", "at": "2025-03-03"},
        {"id": 1, "country": "late", "at": "2025-03-01"},
    ]
    latest = shop.compute("latest", {"orders": changes}).rows.only("id", "country")
    assert latest == [{"id": 1, "country": "PA"}]


def test_what_delta_checks_is_checked(shop):
    strict = shop.compute("strict", {"orders": "id\n1\n"})
    assert (strict.rows, strict.result.state) == ([{"id": 1}], "COMPLETED")
    strict = shop.compute("strict", {"orders": [{"id": None}]})
    assert (strict.rows, strict.result.state) == ([], "FAILED")


def test_a_sink_is_not_computed(shop):
    with pytest.raises(WeirError, match="compute the sink `out`"):
        shop.compute("out", {"orders": ORDERS})


@pytest.mark.parametrize(
    ("given", "condition", "message"),
    [
        ({}, "TABLE_OR_VIEW_NOT_FOUND", "`main.default.bronze` does not exist yet."),
        ({"bronze": [], "raw": []}, "GIVEN_ROWS_NOT_READ", "Rows are given for `main.default.raw`, which `main.default.orders` does not read."),
        ({"bronze": [{"amuont": 1}]}, "GIVEN_ROWS_WRONG", "The input has no column `amuont`."),
        ({"bronze": [{"id": "x"}]}, "GIVEN_ROWS_WRONG", "In row 1, `id`: 'x' is no BIGINT."),
    ],
)  # fmt: skip
def test_a_mistake_in_a_test_is_told_by_its_name(shop, given, condition, message):
    with pytest.raises(WeirError) as error:
        shop.compute("orders", given)
    assert [(p.condition, p.message) for p in error.value.problems] == [(condition, message)]
