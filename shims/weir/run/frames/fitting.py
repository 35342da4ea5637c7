"""A frame as its table has it: what Delta casts or renames it plans anew, out of sight of all counts."""

from __future__ import annotations

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql.types import StructField, StructType

from weir.run.frames.schemas import nullable_type, same_columns

# What a column says of itself where Delta fills it.
FILLED = ("delta.generationExpression", "delta.identity.", "CURRENT_DEFAULT")


def fitted(df: DataFrame, table: StructType) -> DataFrame:
    """A frame with the names and types of a table; as it is where Spark does not cast one to the other.

    Args:
        df: Its columns stay in their order; what the table does not have stays too.
        table: The columns of the table.
    """
    known = {field.name.lower(): field for field in table.fields}
    wanted = StructType([_field(f, known.get(f.name.lower())) for f in df.schema.fields])
    if same_columns(df.schema, wanted):
        return df
    try:
        result = df.to(wanted)
        _ = result.schema  # over Connect the analysis happens here
    except AnalysisException:
        return df
    return result


def _field(field: StructField, wanted: StructField | None) -> StructField:
    """Whether NULL may stand there, Delta checks."""
    return field if wanted is None else StructField(wanted.name, nullable_type(wanted.dataType))


def is_filled_by_delta(table: StructType) -> bool:
    """Does Delta plan each write into a table anew, since it fills columns?"""
    return any(key.startswith(FILLED) for field in table.fields for key in field.metadata or {})
