"""Requests for an adoption as they came, by date; a torn one is in `raw_data` alone."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.layers import properties
from pipelines.comun.solicitudes import raw, raw_schema


@dlt.table(
    name="adopcion_bronze.solicitudes_raw",
    comment="Solicitudes de adopción tal como llegaron",
    schema=raw_schema("adoptante_id"),
    partition_cols=["fecha"],
    table_properties=properties("bronze", "data-engineers", kept_by="ingestion_timestamp", resettable=False),
)
@dlt.expect_all(rules("solicitudes_raw", "warn"))
def solicitudes_raw() -> DataFrame:
    return raw("adopcion", "adoptante_id")
