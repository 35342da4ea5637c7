"""Each event once, with who sent it.

The watermark trails the newest event by two days. A never-seen event older than that is dropped,
since nobody can tell any more whether it was seen; it stays in `raw_events`. The user's columns are
those known when the event arrived. An event that stood twice would count twice in gold.
"""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.keys import unique

unique("altrupets_silver.events", "event_id")


@dlt.table(
    name="altrupets_silver.events",
    comment="Each event once, with the type and location of its user",
    table_properties={"quality": "silver"},
)
@dlt.expect_all(rules("events", "warn"))
def events() -> DataFrame:
    users = spark.read.table("altrupets_silver.users")
    who = users.select("user_id", "user_type", "user_location")
    once = (
        spark.readStream.table("events_parsed")
        .withWatermark("event_timestamp", "2 days")
        .dropDuplicatesWithinWatermark(["event_id"])
    )
    return once.join(who, "user_id", "left").select(
        "event_id",
        "event_type",
        "user_id",
        "user_type",
        "user_location",
        "event_timestamp",
        "payload",
        "ingestion_timestamp",
    )
