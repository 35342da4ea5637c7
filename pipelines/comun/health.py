"""How tables are: one pass over each, one row for each, also for an empty one."""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from expectations.health import Watched
from expectations.rule import Rule


def health(tables: Sequence[Watched]) -> DataFrame:
    """Rows, completeness, age and broken rules of each table.

    They are put together before anything is counted: one shuffle for all, not one a table.
    """
    rows = reduce(DataFrame.union, map(_rows, tables), _nothing(tables))
    counted = rows.groupBy("table_name").agg(
        F.count("filled").alias("total_records"),
        (F.try_divide(F.sum("filled"), F.sum("columns")) * 100).alias("completeness_percentage"),
        F.max("newest").alias("last_update"),
        (F.expr("timestampdiff(SECOND, max(newest), now())") / 3600).alias("hours_since_update"),
        F.bit_count(F.bit_or("broken")).alias("failed_rules"),
    )
    return counted.withColumn("measured_at", F.current_timestamp())


def _rows(watched: Watched) -> DataFrame:
    """What counts of each row of a table; `broken` has a bit for each rule."""
    filled = " + ".join(f"int({name} IS NOT NULL)" for name in watched.filled)
    broken = " + ".join(["0L", *map(_bit, range(len(watched.rules)), watched.rules)])
    return (
        SparkSession.active()
        .read.table(watched.table)
        .selectExpr(
            f"'{watched.table}' AS table_name",
            f"{filled} AS filled",
            f"{len(watched.filled)} AS columns",
            f"timestamp({watched.newest or 'NULL'}) AS newest",
            f"{broken} AS broken",
        )
    )


def _bit(number: int, rule: Rule) -> str:
    """NULL is broken too, as it is for an expectation."""
    return f"IF({rule.condition}, 0L, {1 << number}L)"


def _nothing(tables: Sequence[Watched]) -> DataFrame:
    """A row for each table that counts for nothing: a table without rows has its row too."""
    names = ", ".join(f"'{watched.table}'" for watched in tables)
    return (
        SparkSession.active()
        .range(1)
        .selectExpr(
            f"explode(array({names})) AS table_name",
            "int(NULL) AS filled",
            "0 AS columns",
            "timestamp(NULL) AS newest",
            "0L AS broken",
        )
    )
