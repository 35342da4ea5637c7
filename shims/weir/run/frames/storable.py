"""Columns that a Delta table can't have, found before anything is written; of any depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    CharType,
    DataType,
    DateType,
    MapType,
    NullType,
    NumericType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    UserDefinedType,
    VarcharType,
    VariantType,
)

from weir.model.names import fold
from weir.model.origin import Origin
from weir.model.problems import Problem

_STORED = (
    BinaryType, BooleanType, CharType, DateType, NumericType, TimestampNTZType, TimestampType, VarcharType,
    VariantType,
)  # fmt: skip
_BYTES = "UTF8_BINARY"


def unstorable(schema: StructType, what: str, origin: Origin, *, typed: bool = False) -> Iterator[Problem]:
    """What keeps a schema from being a table's.

    Args:
        what: Whose columns they are, as the subject of a sentence.
        origin: Where it was written.
        typed: The table gives its columns types: one without a type takes that.
    """
    if not schema.fields:
        yield Problem("DELTA_CANNOT_WRITE_EMPTY_SCHEMA", f"{what} has no columns.", origin, "select some")
    yield from duplicates(schema, what, origin)
    for path, kind in _unstored(schema, typed=typed):
        yield Problem(
            "DELTA_UNSUPPORTED_DATA_TYPES",
            f"{what} has a column `{path}` of the type {_name(kind)}, which Delta can't store.",
            origin,
            _hint(kind),
        )


def duplicates(schema: StructType, what: str, origin: Origin) -> Iterator[Problem]:
    """Columns, or fields of a struct, that have one name."""
    for path in _twice(schema):
        yield Problem(
            "DELTA_DUPLICATE_COLUMNS_FOUND",
            f"{what} has the column `{path}` twice: names of columns have no case.",
            origin,
            "give one of the two another name: .alias(...), or join on the name of the column",
        )


def is_stored(kind: DataType) -> bool:
    """Can Delta store a value of this type?"""
    return not list(_unstored(StructType().add("x", kind), typed=False))


def _twice(schema: StructType, before: str = "") -> Iterator[str]:
    seen: set[str] = set()
    for field in schema.fields:
        path = f"{before}{field.name}"
        if fold(field.name) in seen:
            yield path
        seen.add(fold(field.name))
        for below, inner in _structs(field.dataType, path):
            yield from _twice(inner, f"{below}.")


def _unstored(schema: StructType, *, typed: bool) -> Iterator[tuple[str, DataType]]:
    for field in schema.fields:
        if not (typed and isinstance(field.dataType, NullType)):
            yield from _of(field.dataType, field.name)


def _of(kind: Any, path: str) -> Iterator[tuple[str, DataType]]:
    match kind:
        case UserDefinedType():
            yield from _of(kind.sqlType(), path)
        case StructType() if kind.fields:
            for field in kind.fields:
                yield from _of(field.dataType, f"{path}.{field.name}")
        case ArrayType():
            yield from _of(kind.elementType, f"{path}.element")
        case MapType():
            yield from _of(kind.keyType, f"{path}.key")
            yield from _of(kind.valueType, f"{path}.value")
        case StringType() if getattr(kind, "collation", _BYTES) == _BYTES:
            return
        case _ if not isinstance(kind, _STORED):
            yield path, kind


def _structs(kind: Any, path: str) -> Iterator[tuple[str, StructType]]:
    match kind:
        case StructType():
            yield path, kind
        case ArrayType():
            yield from _structs(kind.elementType, f"{path}.element")
        case MapType():
            yield from _structs(kind.keyType, f"{path}.key")
            yield from _structs(kind.valueType, f"{path}.value")


def _name(kind: DataType) -> str:
    return kind.simpleString().upper()


def _hint(kind: DataType) -> str:
    if isinstance(kind, NullType):
        return "give it a type: CAST(NULL AS STRING)"
    return "cast it to a type of a table, such as STRING or BIGINT, or leave it out"
