"""The graph as Weir runs it: Databricks' `dlt`, with eight rules on silver."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt

SCHEMA = (
    "event_id STRING, event_type STRING, user STRUCT<id: STRING, country: STRING>, ts STRING, amount STRING"
)


@dlt.table
def bronze_events() -> DataFrame:
    landing = spark.conf.get("bench.landing")
    return spark.readStream.format("json").schema(SCHEMA).load(landing)


@dlt.table
@dlt.expect("amount_usual", "amount < 900")
@dlt.expect("country_known", "country IN ('CR', 'PA', 'NI', 'MX')")
@dlt.expect("in_the_year", "event_date BETWEEN '2026-01-01' AND '2026-12-31'")
@dlt.expect_all({"user_readable": "user_id RLIKE '^u-[0-9]+$'", "type_short": "length(event_type) < 20"})
@dlt.expect_or_drop("event_id_given", "event_id IS NOT NULL")
@dlt.expect_or_drop("amount_not_negative", "amount >= 0")
@dlt.expect_or_fail("time_given", "event_time IS NOT NULL")
def silver_events() -> DataFrame:
    events = dlt.read_stream("bronze_events").where("user.id IS NOT NULL")
    return events.select(
        "event_id",
        F.lower("event_type").alias("event_type"),
        F.col("user.id").alias("user_id"),
        F.upper("user.country").alias("country"),
        F.to_timestamp("ts").alias("event_time"),
        F.to_date(F.to_timestamp("ts")).alias("event_date"),
        F.col("amount").cast("decimal(12,2)").alias("amount"),
    )


@dlt.table
def gold_daily() -> DataFrame:
    events = dlt.read("silver_events")
    return events.groupBy("event_date", "event_type").agg(
        F.count("*").alias("events"),
        F.sum("amount").alias("amount"),
        F.count_distinct("user_id").alias("users"),
    )


@dlt.table
def gold_countries() -> DataFrame:
    events = dlt.read("silver_events")
    return events.groupBy("country").agg(
        F.count("*").alias("events"),
        F.sum("amount").alias("amount"),
        F.max("event_time").alias("latest"),
    )
