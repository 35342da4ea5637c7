"""What a table does not accept is kept beside it, with the names of the rules that it broke."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from expectations.comments import described

QUARANTINE = described("""
    raw_data STRING MASK gobierno.ocultar, reasons ARRAY<STRING>, ingestion_timestamp TIMESTAMP,
    ingestion_method STRING, source_file STRING
""")


def refused(read: DataFrame, conditions: Mapping[str, str]) -> DataFrame:
    """The rows that break a rule, each with `reasons`, the names of all that it breaks."""
    reasons = F.array_compact(F.array(*(_name_if_broken(*rule) for rule in conditions.items())))
    kept = ("raw_data", "reasons", "ingestion_timestamp", "ingestion_method", "source_file")
    return read.withColumn("reasons", reasons).where(F.size("reasons") > 0).select(*kept)


def _name_if_broken(name: str, condition: str) -> Column:
    """NULL is broken too, as it is for an expectation."""
    return F.when(F.expr(f"NOT coalesce({condition}, false)"), F.lit(name))
