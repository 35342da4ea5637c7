"""The graph as spark-pipelines runs it; it has no rules (expectations) in Spark 4.2."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

SCHEMA = (
    "event_id STRING, event_type STRING, user STRUCT<id: STRING, country: STRING>, ts STRING, amount STRING"
)
spark = SparkSession.active()


@dp.table
def bronze_events() -> DataFrame:
    landing = spark.conf.get("bench.landing")
    return spark.readStream.format("json").schema(SCHEMA).load(landing)


@dp.table
def silver_events() -> DataFrame:
    events = spark.readStream.table("bronze_events").where("user.id IS NOT NULL")
    return events.select(
        "event_id",
        F.lower("event_type").alias("event_type"),
        F.col("user.id").alias("user_id"),
        F.upper("user.country").alias("country"),
        F.to_timestamp("ts").alias("event_time"),
        F.to_date(F.to_timestamp("ts")).alias("event_date"),
        F.col("amount").cast("decimal(12,2)").alias("amount"),
    )


@dp.materialized_view
def gold_daily() -> DataFrame:
    events = spark.read.table("silver_events")
    return events.groupBy("event_date", "event_type").agg(
        F.count("*").alias("events"),
        F.sum("amount").alias("amount"),
        F.count_distinct("user_id").alias("users"),
    )


@dp.materialized_view
def gold_countries() -> DataFrame:
    events = spark.read.table("silver_events")
    return events.groupBy("country").agg(
        F.count("*").alias("events"),
        F.sum("amount").alias("amount"),
        F.max("event_time").alias("latest"),
    )
