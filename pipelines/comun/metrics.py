"""The quality of tables as rows: how filled each column is, and since when nothing has come to a table."""

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from expectations.health import Watched

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


def metrics(tables: Sequence[Watched], fed: Mapping[str, str]) -> DataFrame:
    """Completeness of each column that must be filled, and freshness of each table that is fed.

    Args:
        tables: Those whose columns count.
        fed: Table -> the column that says when a record came.
    """
    return (
        _completeness(tables)
        .unionByName(_freshness(fed), allowMissingColumns=True)
        .select(
            "metric_type",
            "table_name",
            "column_name",
            "total_records",
            "non_null_records",
            "completeness_percentage",
            "last_update",
            "hours_since_update",
            F.current_timestamp().alias("measured_at"),
        )
    )


def _completeness(tables: Sequence[Watched]) -> DataFrame:
    """One shuffle for all tables: each row gives a flag for each place in its table's list of columns."""
    most = max(len(watched.filled) for watched in tables)
    rows = reduce(DataFrame.union, map(_flags, tables))
    sums = F.array(*(F.sum(F.get("filled", F.lit(place))) for place in range(most)))
    counted = rows.groupBy("table_name").agg(
        F.count("filled").alias("total_records"),
        F.first("columns").alias("columns"),
        sums.alias("sums"),
    )
    one = counted.select(
        "table_name", "total_records", "sums", F.posexplode("columns").alias("place", "column_name")
    )
    filled = F.coalesce(F.get("sums", F.col("place")), F.lit(0))
    return one.select(
        F.lit("completeness").alias("metric_type"),
        "table_name",
        "column_name",
        "total_records",
        filled.alias("non_null_records"),
        F.try_divide(filled * 100.0, F.col("total_records")).cast("double").alias("completeness_percentage"),
    )


def _flags(watched: Watched) -> DataFrame:
    """A row of flags for each row, and one that counts for nothing: an empty table is measured, too."""
    session = SparkSession.active()
    flags = ", ".join(f"int({name} IS NOT NULL)" for name in watched.filled)
    names = ", ".join(f"'{name}'" for name in watched.filled)
    shown = (f"'{watched.table}' AS table_name", f"array({names}) AS columns")
    rows = session.read.table(watched.table).selectExpr(*shown, f"array({flags}) AS filled")
    return rows.union(session.range(1).selectExpr(*shown, "CAST(NULL AS array<int>) AS filled"))


def _freshness(fed: Mapping[str, str]) -> DataFrame:
    session = SparkSession.active()
    parts = (
        session.read.table(table).selectExpr(f"'{table}' AS table_name", f"max({newest}) AS last_update")
        for table, newest in fed.items()
    )
    hours = F.expr("timestampdiff(SECOND, last_update, now()) / 3600")
    return reduce(DataFrame.union, parts).select(
        F.lit("freshness").alias("metric_type"),
        "table_name",
        "last_update",
        hours.alias("hours_since_update"),
    )
