"""How the tables are now: what the alerts of Databricks SQL read.

A materialized view, which measures at each refresh; what it was before is in its history of versions.
"""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.health import FED
from expectations.layers import properties
from pipelines.comun.metrics import METRICS, metrics


@dlt.table(
    name="monitoreo_gold.data_quality_metrics",
    comment="Completitud de cada columna y frescura de cada tabla que recibe datos",
    schema=METRICS,
    table_properties=properties("gold", "data-engineers"),
)
@dlt.expect_all_or_fail(rules("data_quality_metrics", "fail"))
def data_quality_metrics() -> DataFrame:
    return metrics(spark.read.table("monitoreo_gold.measurements"), FED)
