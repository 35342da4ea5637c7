"""Each event with who its user was when it happened.

A materialized view and no stream: what is told of a user late (rescuers in the field have no network)
reaches the events that came before it. A stream that joins `users_history` would
keep for ever what was known when the event arrived. An event from before its user's first version, or
from after a deletion, has no user. An event that stood twice would count twice in gold: sent again, or
at a time at which two versions of its user are valid.
"""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.keys import unique
from expectations.layers import properties

unique("altrupets_silver.events_enriched", "event_id")


@dlt.table(
    name="altrupets_silver.events_enriched",
    comment="Cada evento con el tipo y el lugar que su usuario tenía entonces",
    schema=described("""
        event_id STRING,
        event_type STRING,
        user_id STRING MASK gobierno.ocultar,
        user_type STRING,
        user_location STRING,
        event_timestamp TIMESTAMP,
        payload STRING MASK gobierno.sin_lugar,
        ingestion_timestamp TIMESTAMP
    """),
    table_properties=properties("silver", "data-engineers", kept_by="event_timestamp"),
)
@dlt.expect_all_or_fail(rules("events_enriched", "fail"))
@dlt.expect_all(rules("events_enriched", "warn"))
def events_enriched() -> DataFrame:
    return spark.sql("""
        SELECT
            e.event_id,
            e.event_type,
            e.user_id,
            u.user_type,
            u.user_location,
            e.event_timestamp,
            e.payload,
            e.ingestion_timestamp
        FROM altrupets_silver.events e
        LEFT JOIN altrupets_silver.users_history u
            ON e.user_id = u.user_id
            AND e.event_timestamp >= u.__START_AT
            AND (u.__END_AT IS NULL OR e.event_timestamp < u.__END_AT)
    """)
