"""Each event with the region where its user lived then; what is told of a user late is in it, too."""

from pyspark.sql import DataFrame

import dlt


@dlt.view(comment="Cada evento con la región donde su usuario vivía entonces")
def event_places() -> DataFrame:
    return spark.sql("""
        SELECT e.*, u.user_location AS region_key
        FROM altrupets_gold.event_facts e
        LEFT JOIN altrupets_silver.users_history u
            ON e.user_id = u.user_id
            AND e.event_timestamp >= u.__START_AT
            AND (u.__END_AT IS NULL OR e.event_timestamp < u.__END_AT)
    """)
