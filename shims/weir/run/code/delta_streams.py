"""Where a stream of a Delta table begins when nobody says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from weir.run.code.reads import has_settings
from weir.run.lake.commits import only_grew


def beginning(session: SparkSession, spark_reader: Any, folder: Path) -> Any:
    """A reader for a stream of a table that begins with the rows that are there.

    For a table that has only grown that is the same as all of its versions, and these are read without Spark.
    For the table as it is Delta sorts and numbers its files first, by jobs of Spark: some tenths of a second.

    Args:
        spark_reader: The user's own; what it was told counts.
        folder: Of the table.
    """
    if has_settings(spark_reader) or not only_grew(folder):
        return spark_reader
    return session.readStream.option("startingVersion", "0")
