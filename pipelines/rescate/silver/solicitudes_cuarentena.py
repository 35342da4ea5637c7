"""Requests that silver does not accept, with the names of the contract's rules that they broke."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.contracts import published
from expectations.layers import properties
from pipelines.comun.quarantine import QUARANTINE, refused


@dlt.table(
    name="rescate_silver.solicitudes_cuarentena",
    comment="Solicitudes que plata no acepta, y por qué",
    schema=QUARANTINE,
    table_properties=properties("silver", "data-engineers", kept_by="ingestion_timestamp"),
)
@dlt.expect_all_or_fail(rules("solicitudes_cuarentena", "fail"))
def solicitudes_cuarentena() -> DataFrame:
    contract = published("rescate_silver.solicitudes")
    return refused(spark.readStream.table("solicitudes_leidas"), contract.conditions("drop"))
