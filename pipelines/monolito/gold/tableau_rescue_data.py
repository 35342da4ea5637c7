"""Completed rescues by day, region and species, laid out for Tableau: a partition a day."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties


@dlt.table(
    name="altrupets_gold.tableau_rescue_data",
    comment="Rescates completados por día, región y especie",
    schema=described("""
        date DATE,
        region STRING,
        rescue_type STRING,
        total_rescues INT,
        avg_response_time DOUBLE,
        success_rate DOUBLE
    """),
    partition_cols=["date"],
    table_properties=properties("gold", "data-analysts", kept_by="date", small_writes=True)
    | measures(total_rescues="sum"),
)
@dlt.expect_all_or_fail(rules("tableau_rescue_data", "fail"))
@dlt.expect_all(rules("tableau_rescue_data", "warn"))
def tableau_rescue_data() -> DataFrame:
    return spark.sql("""
        SELECT
            to_date(CAST(date_key AS STRING), 'yyyyMMdd') AS date,
            region_key AS region,
            animal_key AS rescue_type,
            CAST(COUNT(*) AS INT) AS total_rescues,
            AVG(response_time_minutes) AS avg_response_time,
            AVG(CAST(success_flag AS INT)) AS success_rate
        FROM altrupets_gold.rescue_facts
        GROUP BY date_key, region_key, animal_key
    """)
