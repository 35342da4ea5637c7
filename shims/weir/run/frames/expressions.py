"""SQL expressions of user code over a frame: what is Databricks' own, as Spark has it (§8.2)."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from weir.define.sql.json_paths import over_columns
from weir.define.sql.source import SqlText
from weir.define.sql.try_casts import with_try_casts
from weir.model.origin import Origin
from weir.run.frames.schemas import texts_of

_SELECT = "SELECT "


def sql_column(text: str, df: DataFrame) -> Column:
    """A SQL expression over a frame; `column:path` reads the JSON in a column of texts.

    Raises:
        UnsupportedError: It has a `?::` whose operand can't be told.
        PySparkException: It is none.
    """
    return F.expr(spark_text(text, df))


def spark_text(text: str, df: DataFrame, origin: Origin | None = None) -> str:
    """An expression over a frame as Spark reads it.

    Args:
        origin: Where it stands.

    Raises:
        UnsupportedError: It has a `?::` whose operand can't be told.
    """
    if ":" not in text:
        return text
    return over_columns(with_try_casts(SqlText(text, lambda _: origin)).text, texts_of(df.schema))


def selected_text(text: str, df: DataFrame, origin: Origin) -> str:
    """An expression that is to be a column, which has its path's last field as its name if it has no other.

    Args:
        origin: Where it stands.

    Raises:
        UnsupportedError: It has a `?::` whose operand can't be told.
    """
    return spark_text(f"{_SELECT}{text}", df, origin).removeprefix(_SELECT)
