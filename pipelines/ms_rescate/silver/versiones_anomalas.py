"""Where a version never came, or came twice: what is folded from the events lacks something."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties
from pipelines.comun.event_store import anomalies


@dlt.table(
    name="ms_rescate_silver.versiones_anomalas",
    comment="Llamadas o rescates con versiones que faltan o se repiten",
    schema=described("aggregate_id STRING, faltantes ARRAY<BIGINT>, repetidas ARRAY<BIGINT>"),
    table_properties=properties("silver", "data-engineers"),
)
@dlt.expect_all_or_fail(rules("versiones_anomalas", "fail"))
def versiones_anomalas() -> DataFrame:
    return anomalies(spark.read.table("ms_rescate_silver.versiones_recibidas"))
