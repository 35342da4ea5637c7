"""How every silver and gold table is at each update; what alerts are about are rules here.

Appended to by a stream that gives one row an update, which meets all that is measured then: a materialized
view would forget, and a target of snapshots takes no rules.
"""

from pyspark.sql import DataFrame

import dlt
from expectations.alerts import ALERTS
from expectations.comments import described
from expectations.layers import properties
from pipelines.comun.health import health


@dlt.table(
    name="monitoreo_gold.table_health",
    comment="Filas, completitud, edad y reglas incumplidas de cada tabla en cada actualización",
    schema=described("""
        table_name STRING, total_records BIGINT, completeness_percentage DOUBLE, last_update TIMESTAMP,
        hours_since_update DOUBLE, failed_rules INT, measured_at TIMESTAMP
    """),
    table_properties=properties(
        "gold", "data-engineers", kept_by="measured_at", zorder=("table_name",), resettable=False
    ),
)
@dlt.expect_all({name: rule for alert in ALERTS for name, rule in alert.rules().items()})
def table_health() -> DataFrame:
    updates = spark.readStream.format("rate-micro-batch").options(rowsPerBatch=1, numPartitions=1).load()
    measurements = spark.read.table("monitoreo_gold.measurements")
    return updates.crossJoin(health(measurements)).drop(*updates.columns)
