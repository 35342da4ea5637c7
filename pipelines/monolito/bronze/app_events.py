"""The monolith's events in one typed table, by date; still with duplicates and defects."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations import rules
from expectations.layers import properties
from expectations.schemas import EVENT_SCHEMA, whole


@dlt.table(
    name="altrupets_bronze.app_events",
    comment="Eventos del monolito de AltruPets, tal como los enviaron sus apps",
    schema="""
        event_id STRING,
        event_type STRING,
        user_id STRING,
        timestamp TIMESTAMP,
        payload STRING,
        source_system STRING,
        event_date DATE GENERATED ALWAYS AS (CAST(timestamp AS DATE))
    """,
    partition_cols=["event_date"],
    table_properties=properties("bronze", "data-engineers", kept_by="timestamp"),
)
@dlt.expect_all_or_drop(rules("app_events", "drop"))
@dlt.expect_all(rules("app_events", "warn"))
def app_events() -> DataFrame:
    # Retention deletes from raw_events: such commits hold nothing to read.
    raw = spark.readStream.option("skipChangeCommits", "true").table("altrupets_bronze.raw_events")
    return raw.withColumn("event", F.expr(whole(EVENT_SCHEMA))).select(
        "event.event_id",
        "event.event_type",
        "event.user_id",
        F.expr("try_cast(event.timestamp AS TIMESTAMP)").alias("timestamp"),
        "event.payload",
        F.lit("altrupets_monolith").alias("source_system"),
    )
