"""What silver does not accept, with the names of the drop rules that it broke."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

import dlt
from expectations import rules


@dlt.table(
    name="altrupets_silver.events_quarantine",
    comment="Records that silver does not accept, and why",
    table_properties={"quality": "silver"},
)
def events_quarantine() -> DataFrame:
    broken = [_name_if_broken(*rule) for rule in rules("events_parsed", "drop").items()]
    reasons = F.array_compact(F.array(*broken))
    judged = spark.readStream.table("events_read").withColumn("reasons", reasons)
    return judged.where(F.size("reasons") > 0).select(
        "raw_data", "reasons", "ingestion_timestamp", "ingestion_method", "source_file"
    )


def _name_if_broken(name: str, condition: str) -> Column:
    """NULL is broken too, as it is for an expectation."""
    return F.when(F.expr(f"NOT coalesce({condition}, false)"), F.lit(name))
