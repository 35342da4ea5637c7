"""The daily metrics with a word for how they are. Without a response time there is none, not the worst."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties


@dlt.table(
    name="altrupets_gold.executive_dashboard",
    comment="Rescates por día y región, con su categoría de desempeño",
    schema=described("""
        date DATE, region STRING, total_rescues BIGINT, active_rescuers BIGINT, avg_response_time DOUBLE,
        performance_category STRING
    """),
    table_properties=properties("gold", "data-analysts", kept_by="date") | measures(total_rescues="sum"),
)
@dlt.expect_all_or_fail(rules("executive_dashboard", "fail"))
@dlt.expect_all(rules("executive_dashboard", "warn"))
def executive_dashboard() -> DataFrame:
    return spark.sql("""
        SELECT
            date,
            region,
            total_rescues,
            active_rescuers,
            avg_response_time,
            CASE
                WHEN avg_response_time < 30 THEN 'Excelente'
                WHEN avg_response_time < 60 THEN 'Bueno'
                WHEN avg_response_time >= 60 THEN 'Necesita Mejora'
            END AS performance_category
        FROM altrupets_gold.rescue_daily_metrics
    """)
