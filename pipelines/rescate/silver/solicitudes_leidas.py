"""Requests and what could be read of them, good or bad; the views and tables below judge."""

from pyspark.sql import DataFrame

import dlt
from expectations.contracts import reads
from pipelines.comun.solicitudes import read


@dlt.view(comment="Solicitudes y lo que se pudo leer de ellas")
def solicitudes_leidas() -> DataFrame:
    regions = spark.read.table(reads("core.regiones", "1.0.0"))
    # Rows past their time are deleted from bronze; that is no news for silver.
    raw = spark.readStream.option("skipChangeCommits", "true").table("rescate_bronze.solicitudes_raw")
    return read(raw, regions)
