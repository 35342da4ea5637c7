"""What of a schema a Delta table can't keep, under Delta's conditions: told before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from pyspark.sql.types import (
    ArrayType,
    DataType,
    LongType,
    MapType,
    NullType,
    StructField,
    StructType,
)

from weir.define.clauses import DEFAULT, IDENTITY_START
from weir.model.names import fold
from weir.run.frames.schemas import fields_of, path_text

_KNOWN = {
    "boolean", "byte", "short", "integer", "long", "float", "double", "decimal", "string", "binary", "date",
    "timestamp", "timestamp_ntz", "variant", "void", "struct", "array", "map", "udt",
}  # fmt: skip
PLAIN = "UTF8_BINARY"
_ODD = set(" ,;{}()\n\t=")
_DEFAULTS, _MAPPING = "delta.feature.allowColumnDefaults", "delta.columnMapping.mode"


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that a table can't have, as a condition, the end of a sentence about it, and a cure."""

    condition: str
    text: str
    hint: str


def limits(schema: StructType, properties: Mapping[str, str], *, streaming: bool) -> Iterator[Limit]:
    """All that is in the way of a table.

    Args:
        schema: Its columns.
        properties: Its properties, which switch features on.
        streaming: Whether streams write into it.
    """
    fields = list(fields_of(schema))
    yield from twice(schema)
    yield from _odd_names(fields, properties)
    for path, field in fields:
        yield from _type(path_text(path), field, streaming=streaming, top=len(path) == 1)
        yield from _clauses(path_text(path), field, properties)
        if not field.nullable and _in_collection(schema, path):
            where = f"`{path_text(path)}`, which is NOT NULL inside of an array or map"
            yield Limit("DELTA_NESTED_NOT_NULL_CONSTRAINT", where, "leave NOT NULL out there")


def twice(schema: StructType) -> Iterator[Limit]:
    """Columns that have one name; names have no case."""
    for path, number in Counter(tuple(map(fold, path)) for path, _ in fields_of(schema)).items():
        if number > 1:
            yield Limit("COLUMN_ALREADY_EXISTS", f"the column `{path_text(path)}` {number} times",
                        "rename one of them, or select it once")  # fmt: skip


def _odd_names(
    fields: list[tuple[tuple[str, ...], StructField]], properties: Mapping[str, str]
) -> Iterator[Limit]:
    names = [path_text(path) for path, field in fields if _ODD & set(field.name)]
    if names and properties.get(_MAPPING, "none").lower() == "none":
        yield Limit(
            "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES",
            f"names with one of the characters ' ,;{{}}()\\n\\t=': {', '.join(names)}",
            f"rename them, or set table_properties={{'{_MAPPING}': 'name'}}",
        )


def _type(name: str, field: StructField, *, streaming: bool, top: bool) -> Iterator[Limit]:
    kind = field.dataType
    for leaf, nested in _leaves(kind, nested=not top):
        if isinstance(leaf, NullType) and (streaming or nested):
            condition = "DELTA_COMPLEX_TYPE_COLUMN_CONTAINS_NULL_TYPE"
            if streaming:
                condition = "DELTA_NULL_SCHEMA_IN_STREAMING_WRITE"
            yield Limit(condition, f"`{name}` without a type", "cast it: CAST(NULL AS STRING)")
        elif leaf.typeName().partition("(")[0] not in _KNOWN or getattr(leaf, "collation", PLAIN) != PLAIN:
            text, hint = f"`{name}` of the type {leaf.simpleString()}", "cast it to a type that Delta has"
            yield Limit("DELTA_UNSUPPORTED_DATA_TYPES", text, hint)


def _leaves(kind: DataType, *, nested: bool) -> Iterator[tuple[DataType, bool]]:
    """The types in a type, but for fields of structs, which have paths of their own."""
    match kind:
        case ArrayType():
            yield from _leaves(kind.elementType, nested=True)
        case MapType():
            yield from chain(_leaves(kind.keyType, nested=True), _leaves(kind.valueType, nested=True))
        case StructType():
            pass
        case _:
            yield kind, nested


def _clauses(name: str, field: StructField, properties: Mapping[str, str]) -> Iterator[Limit]:
    metadata = field.metadata or {}
    if DEFAULT in metadata and properties.get(_DEFAULTS) != "supported":
        yield Limit("WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED", f"a DEFAULT of `{name}`",
                    f"set table_properties={{'{_DEFAULTS}': 'supported'}}")  # fmt: skip
    if IDENTITY_START in metadata and not isinstance(field.dataType, LongType):
        yield Limit("DELTA_IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE",
                    f"the identity column `{name}` of the type {field.dataType.simpleString()}",
                    "identity columns are BIGINT")  # fmt: skip


def _in_collection(schema: StructType, path: tuple[str, ...]) -> bool:
    """Does a path lead through an array or a map?"""
    kind: DataType = schema
    for name in path[:-1]:
        if isinstance(kind, (ArrayType, MapType)):
            return True
        found = (f.dataType for f in kind if f.name == name) if isinstance(kind, StructType) else ()
        kind = next(iter(found), kind)
    return isinstance(kind, (ArrayType, MapType))
