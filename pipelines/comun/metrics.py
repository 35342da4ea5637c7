"""The quality of tables as rows: how filled each column is, and since when nothing has come to a table."""

from collections.abc import Collection

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

METRICS = """
    metric_type STRING COMMENT 'completeness o freshness',
    table_name STRING COMMENT 'La tabla medida',
    column_name STRING COMMENT 'La columna medida; NULL si se mide la tabla',
    total_records BIGINT COMMENT 'Cuántas filas tiene la tabla',
    non_null_records BIGINT COMMENT 'En cuántas de ellas la columna tiene valor',
    completeness_percentage DOUBLE COMMENT 'Qué parte de las filas tiene valor en la columna',
    last_update TIMESTAMP COMMENT 'Cuándo llegó el registro más nuevo de la tabla',
    hours_since_update DOUBLE COMMENT 'Cuántas horas hace de eso',
    measured_at TIMESTAMP COMMENT 'Cuándo se midió'
"""


def metrics(measurements: DataFrame, fed: Collection[str]) -> DataFrame:
    """Completeness of each column that must be filled, and freshness of each table that is fed.

    Args:
        measurements: One row for each table.
        fed: The tables that records come to.
    """
    return (
        _completeness(measurements)
        .unionByName(_freshness(measurements.where(F.col("table_name").isin(*fed))), allowMissingColumns=True)
        .select(
            "metric_type",
            "table_name",
            "column_name",
            "total_records",
            "non_null_records",
            "completeness_percentage",
            "last_update",
            "hours_since_update",
            "measured_at",
        )
    )


def _completeness(measurements: DataFrame) -> DataFrame:
    columns = measurements.select("table_name", "total_records", "measured_at", F.inline("columns"))
    share = F.try_divide(F.col("non_null_records") * 100.0, F.col("total_records"))
    return columns.withColumns(
        {"metric_type": F.lit("completeness"), "completeness_percentage": share.cast("double")}
    )


def _freshness(measurements: DataFrame) -> DataFrame:
    hours = F.expr("timestampdiff(SECOND, last_update, measured_at) / 3600")
    return measurements.select(
        F.lit("freshness").alias("metric_type"),
        "table_name",
        "last_update",
        hours.alias("hours_since_update"),
        "measured_at",
    )
