"""The facts with their calendar, for Power BI.

A left join whose rule stops the update where a day is missing: an inner one would lose the fact in silence.
"""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties


@dlt.table(
    name="altrupets_gold.powerbi_fact_rescues",
    comment="Rescates completados con su día",
    schema=described("""
        rescue_id STRING,
        date_key INT,
        region_key STRING,
        rescuer_key STRING MASK gobierno.ocultar,
        animal_key STRING,
        response_time_minutes DOUBLE,
        success_flag BOOLEAN,
        date DATE,
        year INT,
        month INT,
        quarter INT
    """),
    table_properties=properties("gold", "data-analysts", kept_by="date")
    | measures(response_time_minutes="average", success_flag="average"),
)
@dlt.expect_all_or_fail(rules("powerbi_fact_rescues", "fail"))
def powerbi_fact_rescues() -> DataFrame:
    return spark.sql("""
        SELECT
            r.rescue_id,
            r.date_key,
            r.region_key,
            r.rescuer_key,
            r.animal_key,
            r.response_time_minutes,
            r.success_flag,
            d.date,
            d.year,
            d.month,
            d.quarter
        FROM altrupets_gold.rescue_facts r
        LEFT JOIN altrupets_gold.date_dimension d ON r.date_key = d.date_key
    """)
