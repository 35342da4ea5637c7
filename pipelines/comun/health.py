"""How tables are, table by table."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def health(measurements: DataFrame) -> DataFrame:
    """Rows, completeness, age and broken rules of each table of which columns count."""
    filled = F.aggregate("columns.non_null_records", F.lit(0).cast("bigint"), lambda total, one: total + one)
    values = F.col("total_records") * F.size("columns")
    return measurements.where(F.size("columns") > 0).select(
        "table_name",
        "total_records",
        (F.try_divide(filled, values) * 100).alias("completeness_percentage"),
        "last_update",
        F.expr("timestampdiff(SECOND, last_update, measured_at) / 3600").alias("hours_since_update"),
        "failed_rules",
        "measured_at",
    )
