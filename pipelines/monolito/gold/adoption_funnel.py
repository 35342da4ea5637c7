"""Requests, approvals and completed adoptions by date. The rate of a step nobody took is NULL."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties
from pipelines.comun.days import day


@dlt.table(
    name="altrupets_gold.adoption_funnel",
    comment="El embudo de adopción por día",
    schema=described("""
        date DATE, requests BIGINT, approvals BIGINT, completions BIGINT, approval_rate DOUBLE,
        completion_rate DOUBLE, conversion_rate DOUBLE
    """),
    table_properties=properties("gold", "data-analysts", kept_by="date")
    | measures(requests="sum", approvals="sum", completions="sum"),
)
@dlt.expect_all_or_fail(rules("adoption_funnel", "fail"))
@dlt.expect_all(rules("adoption_funnel", "warn"))
def adoption_funnel() -> DataFrame:
    return spark.sql(f"""
        WITH counted AS (
            SELECT
                {day("event_timestamp")} AS date,
                COUNT(CASE WHEN event_type = 'adoption_request' THEN 1 END) AS requests,
                COUNT(CASE WHEN event_type = 'adoption_approved' THEN 1 END) AS approvals,
                COUNT(CASE WHEN event_type = 'adoption_completed' THEN 1 END) AS completions
            FROM altrupets_gold.event_facts
            WHERE event_type IN ('adoption_request', 'adoption_approved', 'adoption_completed')
            GROUP BY ALL
        )
        SELECT
            *,
            try_divide(approvals, requests) AS approval_rate,
            try_divide(completions, approvals) AS completion_rate,
            try_divide(completions, requests) AS conversion_rate
        FROM counted
    """)
