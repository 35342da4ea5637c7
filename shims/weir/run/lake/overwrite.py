"""Put rows in the place of all that a Delta table has."""

from __future__ import annotations

from pyspark.sql import DataFrame, DataFrameWriter


def overwriting(rows: DataFrame) -> DataFrameWriter:
    """A writer that replaces a whole table, even if the session is to replace no partition without new rows.

    Args:
        rows: What the table is to have.
    """
    return rows.write.format("delta").mode("overwrite").option("partitionOverwriteMode", "static")
