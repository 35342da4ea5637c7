"""The graph by hand: PySpark, Delta and `availableNow`, without rules.

Written as a competent engineer writes it for one machine: UTC, few shuffle partitions, few
partitions for Delta's own snapshots, no web UI. Delta's jars come from a folder (`spark.jars`), which
spares the script the seconds that `configure_spark_with_delta_pip` spends in Ivy at every start.

    python events.py LANDING TABLES JARS
"""

import sys

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

SCHEMA = (
    "event_id STRING, event_type STRING, user STRUCT<id: STRING, country: STRING>, ts STRING, amount STRING"
)

landing, tables, jars = sys.argv[1:]


def session() -> SparkSession:
    return (
        SparkSession.builder.master("local[*]")
        .appName("bench")
        .config("spark.jars", jars)
        .config("spark.driver.memory", "2g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.databricks.delta.snapshotPartitions", "1")
        .getOrCreate()
    )


def append(stream: DataFrame, name: str) -> None:
    query = (
        stream.writeStream.format("delta")
        .option("checkpointLocation", f"{tables}/_checkpoints/{name}")
        .trigger(availableNow=True)
        .start(f"{tables}/{name}")
    )
    query.awaitTermination()


def replace(frame: DataFrame, name: str) -> None:
    frame.write.format("delta").mode("overwrite").save(f"{tables}/{name}")


spark = session()

append(spark.readStream.schema(SCHEMA).json(landing), "bronze_events")

bronze = spark.readStream.format("delta").load(f"{tables}/bronze_events")
silver = bronze.where("user.id IS NOT NULL").select(
    "event_id",
    F.lower("event_type").alias("event_type"),
    F.col("user.id").alias("user_id"),
    F.upper("user.country").alias("country"),
    F.to_timestamp("ts").alias("event_time"),
    F.to_date(F.to_timestamp("ts")).alias("event_date"),
    F.col("amount").cast("decimal(12,2)").alias("amount"),
)
append(silver, "silver_events")

events = spark.read.format("delta").load(f"{tables}/silver_events")
daily = events.groupBy("event_date", "event_type").agg(
    F.count("*").alias("events"),
    F.sum("amount").alias("amount"),
    F.count_distinct("user_id").alias("users"),
)
replace(daily, "gold_daily")
countries = events.groupBy("country").agg(
    F.count("*").alias("events"),
    F.sum("amount").alias("amount"),
    F.max("event_time").alias("latest"),
)
replace(countries, "gold_countries")

spark.stop()
