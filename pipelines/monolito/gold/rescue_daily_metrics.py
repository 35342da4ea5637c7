"""Completed rescues by day and region: where the rescuer lived then, if known."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties
from pipelines.comun.days import day


@dlt.table(
    name="altrupets_gold.rescue_daily_metrics",
    comment="Rescates completados por día y región; tiempo de respuesta en minutos",
    schema=described(
        "date DATE, region STRING, total_rescues BIGINT, active_rescuers BIGINT, avg_response_time DOUBLE"
    ),
    table_properties=properties("gold", "data-analysts", kept_by="date", zorder=("date", "region"))
    | measures(total_rescues="sum"),
)
@dlt.expect_all_or_fail(rules("rescue_daily_metrics", "fail"))
@dlt.expect_all(rules("rescue_daily_metrics", "warn"))
def rescue_daily_metrics() -> DataFrame:
    rescues = dlt.read("event_places").where("event_type = 'rescue_completed'")
    date, region = F.expr(day("event_timestamp")), F.col("region_key")
    return rescues.groupBy(date.alias("date"), region.alias("region")).agg(
        F.count("*").alias("total_rescues"),
        F.count_distinct("user_id").alias("active_rescuers"),
        F.avg("response_time_minutes").alias("avg_response_time"),
    )
