"""What silver accepts. The contract's rules stand before the deduplication: every record sent counts."""

from pyspark.sql import DataFrame

import dlt
from expectations.contracts import published

SOLICITUDES = published("adopcion_silver.solicitudes")


@dlt.view(comment="Solicitudes que cumplen el contrato, también las repetidas")
@dlt.expect_all_or_drop(SOLICITUDES.conditions("drop"))
@dlt.expect_all(SOLICITUDES.conditions("warn"))
def solicitudes_validas() -> DataFrame:
    return spark.readStream.table("solicitudes_leidas")
