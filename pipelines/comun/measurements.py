"""How tables are, as rows: one pass over each, and one shuffle for all."""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from expectations.health import Watched
from expectations.rule import Rule

MEASUREMENTS = """
    table_name STRING, total_records BIGINT,
    columns ARRAY<STRUCT<column_name: STRING, non_null_records: BIGINT>>,
    last_update TIMESTAMP, failed_rules INT, measured_at TIMESTAMP
"""


def measurements(tables: Sequence[Watched]) -> DataFrame:
    """Rows, filled values, age and broken rules: one row for each table, also for an empty one."""
    most = max(len(watched.filled) for watched in tables)
    sums = F.array(*(F.sum(F.get("filled", F.lit(place))) for place in range(most)))
    rows = reduce(DataFrame.union, map(_rows, tables), _nothing(tables))
    counted = rows.groupBy("table_name").agg(
        F.count("filled").alias("total_records"),
        F.any_value("names", ignoreNulls=True).alias("names"),
        sums.alias("sums"),
        F.max("newest").alias("last_update"),
        F.bit_count(F.bit_or("broken")).alias("failed_rules"),
    )
    return counted.select(
        "table_name",
        "total_records",
        F.transform("names", _filled).alias("columns"),
        "last_update",
        "failed_rules",
        F.current_timestamp().alias("measured_at"),
    )


def _filled(name: Column, place: Column) -> Column:
    counted = F.coalesce(F.get("sums", place), F.lit(0))
    return F.struct(name.alias("column_name"), counted.alias("non_null_records"))


def _rows(watched: Watched) -> DataFrame:
    """What counts of each row of a table; `broken` has a bit for each rule."""
    filled = ", ".join(f"int({name} IS NOT NULL)" for name in watched.filled)
    broken = " + ".join(["0L", *map(_bit, range(len(watched.rules)), watched.rules)])
    return (
        SparkSession.active()
        .read.table(watched.table)
        .selectExpr(
            f"'{watched.table}' AS table_name",
            "CAST(NULL AS array<string>) AS names",
            f"CAST(array({filled}) AS array<int>) AS filled",
            f"timestamp({watched.newest or 'NULL'}) AS newest",
            f"{broken} AS broken",
        )
    )


def _bit(number: int, rule: Rule) -> str:
    """NULL is broken too, as it is for an expectation."""
    return f"IF({rule.condition}, 0L, {1 << number}L)"


def _nothing(tables: Sequence[Watched]) -> DataFrame:
    """A row for each table that counts for nothing: a table without rows has its row too."""
    rows = ", ".join(f"('{watched.table}', {_texts(watched.filled)})" for watched in tables)
    return (
        SparkSession.active()
        .sql(f"VALUES {rows} AS t (table_name, names)")
        .selectExpr("*", "CAST(NULL AS array<int>) AS filled", "timestamp(NULL) AS newest", "0L AS broken")
    )


def _texts(names: Sequence[str]) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"CAST(array({listed}) AS array<string>)"
