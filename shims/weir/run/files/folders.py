"""What the name of a folder gives to the rows of its files: a value of a column (§7.2)."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DateType, DecimalType, TimestampType

from weir.run.files.columns import DIGITS
from weir.run.files.partitions import HIVE_NULL

INVALID = "INVALID_PARTITION_VALUE"


def folder_text(name: str) -> Column:
    """The text of a column in the path of a file; Java leaves a plus sign as it is, unlike a form."""
    pattern = "".join(f"\\{c}" if not c.isalnum() and c != "_" else c for c in name)
    raw = F.regexp_extract(F.col("_metadata.file_path"), f"^.*/{pattern}=([^/]*)/", 1)  # the innermost
    for _ in range(2):  # of the URI, and of the folder's name
        raw = F.url_decode(F.replace(raw, F.lit("+"), F.lit("%2B")))
    return F.when((raw != "") & (raw != HIVE_NULL), raw)


def folder_value(text: Column, kind: DataType) -> Column:
    """The value of a text; NULL where the type does not hold all of it."""
    value = text.try_cast(kind)
    wide: Any = None
    if isinstance(kind, DateType):
        wide = TimestampType()
    if isinstance(kind, DecimalType):
        wide = DecimalType(DIGITS, DIGITS - kind.precision + kind.scale)
    return value if wide is None else F.when(value.cast(wide) == text.try_cast(wide), value)
