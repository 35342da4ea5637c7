"""What gold needs of each event, without what the app tells beside it.

Silver keeps events for a year, and gold for five: so gold is computed from rows of its own. They come by a
stream, each once, also those that are late; what leaves silver stays here.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties


@dlt.table(
    name="altrupets_gold.event_facts",
    comment="Lo que los indicadores necesitan de cada evento",
    schema=described("""
        event_id STRING,
        event_type STRING,
        user_id STRING MASK gobierno.ocultar,
        event_timestamp TIMESTAMP,
        animal_key STRING,
        response_time_minutes DOUBLE
    """),
    table_properties=properties("gold", "data-engineers", kept_by="event_timestamp", resettable=False),
)
@dlt.expect_all_or_fail(rules("event_facts", "fail"))
def event_facts() -> DataFrame:
    # Retention deletes from silver: such commits hold nothing to read.
    events = spark.readStream.option("skipChangeCommits", "true").table("altrupets_silver.events")
    return events.select(
        "event_id",
        "event_type",
        "user_id",
        "event_timestamp",
        F.get_json_object("payload", "$.animal.especie").alias("animal_key"),
        F.expr("try_cast(get_json_object(payload, '$.processing_time') AS DOUBLE)").alias(
            "response_time_minutes"
        ),
    )
