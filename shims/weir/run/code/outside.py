"""Outside tables: a Delta, JSON, CSV or Parquet folder that stands in for a table of the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from weir.model.problems import Problem, WeirError
from weir.run.code.delta_streams import beginning
from weir.run.lake.paths import literal_glob, local_file

FORMATS = {
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".csv": "csv", ".parquet": "parquet",
}  # fmt: skip
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "csv": {"header": "true", "inferSchema": "true"},
    "delta": {},
    "json": {},
    "parquet": {},
}


def outside_frame(
    session: SparkSession, spark_reader: Any, path: str, options: Mapping[str, Any], *, stream: bool
) -> DataFrame:
    """Read a folder through the user's own reader, so that its options count.

    Raises:
        WeirError: The folder is missing or holds none of the formats.
    """
    kind = format_of(path)
    if kind == "delta" and stream:
        spark_reader = beginning(session, spark_reader, local_file(path))
    path = path if kind == "delta" else literal_glob(path)
    defaults = {k: v for k, v in DEFAULTS[kind].items() if k not in options}
    spark_reader = spark_reader.format(kind).options(**defaults)
    if stream and kind != "delta":
        batch = session.read.format(kind).options(**defaults)
        spark_reader = spark_reader.schema(batch.load(path).schema).option("maxFileAge", "36500d")
    return spark_reader.load(path)


def format_of(path: str) -> str:
    """The format of a folder or file, from its Delta log or the names of its files.

    Raises:
        WeirError: There is nothing there that can be read.
    """
    local = local_file(path)
    if (local / "_delta_log").exists():
        return "delta"
    files = [local] if local.is_file() else sorted(local.rglob("*")) if local.is_dir() else []
    for file in files:
        if file.suffix in FORMATS and not file.name.startswith(("_", ".")):
            return FORMATS[file.suffix]
    raise WeirError(
        Problem(
            "PATH_NOT_FOUND",
            f"`{path}` holds no Delta, JSON, CSV or Parquet data.",
            hint="give the folder of the table: --table NAME=FOLDER",
        )
    )
