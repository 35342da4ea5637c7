"""The facts of the star: completed rescues, as many as `rescue_daily_metrics` counts.

Events tell neither an outcome nor which request a rescue answers, so success is what they do tell: that it
took less than an hour, the time from which the executive dashboard says 'Necesita Mejora'.
"""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties
from pipelines.comun.days import day_key


@dlt.table(
    name="altrupets_gold.rescue_facts",
    comment="Rescates completados, una fila cada uno",
    schema=described("""
        rescue_id STRING,
        date_key INT,
        region_key STRING,
        rescuer_key STRING MASK gobierno.ocultar,
        animal_key STRING,
        response_time_minutes DOUBLE,
        success_flag BOOLEAN
    """),
    # Not kept by a column of its own: it goes with the facts of events.
    table_properties=properties("gold", "data-analysts")
    | measures(response_time_minutes="average", success_flag="average"),
)
@dlt.expect_all_or_fail(rules("rescue_facts", "fail"))
@dlt.expect_all(rules("rescue_facts", "warn"))
def rescue_facts() -> DataFrame:
    return spark.sql(f"""
        SELECT
            event_id AS rescue_id,
            {day_key("event_timestamp")} AS date_key,
            region_key,
            user_id AS rescuer_key,
            animal_key,
            response_time_minutes,
            response_time_minutes < 60 AS success_flag
        FROM event_places
        WHERE event_type = 'rescue_completed'
    """)
