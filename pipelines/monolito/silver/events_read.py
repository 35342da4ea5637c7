"""Raw records and what could be read of them, good or bad; the views and tables below judge."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations.schemas import EVENT_SCHEMA, whole


@dlt.view(comment="Registros y lo que se pudo leer de ellos")
def events_read() -> DataFrame:
    # Retention deletes from raw_events: such commits hold nothing to read.
    raw = spark.readStream.option("skipChangeCommits", "true").table("altrupets_bronze.raw_events")
    return raw.withColumn("event", F.expr(whole(EVENT_SCHEMA))).select(
        "event.event_id",
        "event.event_type",
        "event.user_id",
        F.expr("try_cast(event.timestamp AS TIMESTAMP)").alias("event_timestamp"),
        "event.payload",
        "ingestion_timestamp",
        "ingestion_method",
        "source_file",
        "raw_data",
    )
