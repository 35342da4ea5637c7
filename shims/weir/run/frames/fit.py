"""What a flow gives against what its table's columns are: a value is widened or checked, never cut short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql.types import (
    ArrayType,
    AtomicType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from weir.model.names import fold

_WHOLE = {ByteType: 3, ShortType: 5, IntegerType: 10, LongType: 20}
_Path = tuple[str, ...]


def misfits(given: StructType, wanted: StructType) -> Iterator[tuple[_Path, str]]:
    """The columns that can't be written as the table's, with what is wrong: an unknown one has no type."""
    yield from _fields((), given, wanted)


def _fields(path: _Path, given: StructType, wanted: StructType) -> Iterator[tuple[_Path, str]]:
    known = {fold(f.name): f for f in wanted}
    for field in given:
        into = known.get(fold(field.name))
        if into is None:
            yield (*path, field.name), ""
        else:
            yield from _types((*path, field.name), field.dataType, into.dataType)


def _types(path: _Path, given: Any, wanted: Any) -> Iterator[tuple[_Path, str]]:
    match given, wanted:
        case StructType(), StructType():
            yield from _fields(path, given, wanted)
        case ArrayType(), ArrayType():
            yield from _types(path, given.elementType, wanted.elementType)
        case MapType(), MapType():
            yield from _types(path, given.keyType, wanted.keyType)
            yield from _types(path, given.valueType, wanted.valueType)
        case _ if not keeps_values(given, wanted):
            yield path, f"{given.simpleString()}, not {wanted.simpleString()}"


def keeps_values(given: DataType, wanted: DataType) -> bool:
    """Does a cast give the same values, or an error for one that does not fit?"""
    if isinstance(given, NullType) or given.simpleString() == wanted.simpleString():
        return True
    match given, wanted:
        case AtomicType(), StringType():
            return True
        case (DateType(), TimestampType() | TimestampNTZType()) | (FloatType(), DoubleType()):
            return True
        case DecimalType(), DecimalType():
            return wanted.scale >= given.scale
    whole = type(given) in _WHOLE
    return whole and isinstance(wanted, (*_WHOLE, DecimalType, DoubleType))


def fitted(df: DataFrame, table: StructType, *, rename: bool) -> DataFrame:
    """A flow's rows with the types of its table, columns that the table lacks as they are.

    Args:
        table: The table's columns.
        rename: Whether columns get the letters of the table's names: Delta plans such a batch anew otherwise.
    """
    if any(wrong or len(path) > 1 for path, wrong in misfits(df.schema, table)):
        return df  # a cast would cut values or drop fields: Delta tells what does not fit
    known = {fold(f.name): f for f in table}
    fields = [_fitted(f, known.get(fold(f.name), f), rename=rename) for f in df.schema]
    same = all(_text(f) == _text(t) for f, t in zip(df.schema, fields, strict=True))
    return df if same else df.to(StructType(fields))


def _fitted(given: StructField, wanted: StructField, *, rename: bool) -> StructField:
    return StructField(wanted.name if rename else given.name, wanted.dataType, True)


def _text(field: StructField) -> tuple[str, str]:
    return field.name, field.dataType.simpleString()
