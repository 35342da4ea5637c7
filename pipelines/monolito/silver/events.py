"""Each event once.

The watermark trails the newest event by two days. A never-seen event older than that is dropped,
since nobody can tell any more whether it was seen; it stays in `raw_events`.
"""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties


@dlt.table(
    name="altrupets_silver.events",
    comment="Cada evento una vez",
    schema=described("""
        event_id STRING,
        event_type STRING,
        user_id STRING MASK gobierno.ocultar,
        event_timestamp TIMESTAMP,
        payload STRING MASK gobierno.sin_lugar,
        ingestion_timestamp TIMESTAMP
    """),
    table_properties=properties(
        "silver",
        "data-engineers",
        kept_by="event_timestamp",
        zorder=("event_id",),
        resettable=False,
    ),
)
@dlt.expect_all_or_fail(rules("events", "fail"))
def events() -> DataFrame:
    once = (
        spark.readStream.table("events_parsed")
        .withWatermark("event_timestamp", "2 days")
        .dropDuplicatesWithinWatermark(["event_id"])
    )
    return once.select(
        "event_id",
        "event_type",
        "user_id",
        "event_timestamp",
        "payload",
        "ingestion_timestamp",
    )
