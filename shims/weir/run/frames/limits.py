"""What of a declared schema Delta can't keep, besides types (`storable`): told under Delta's conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyspark.sql.types import ArrayType, DataType, LongType, MapType, StructField, StructType

from weir.define.clauses import DEFAULT, IDENTITY_START
from weir.run.frames.schemas import fields_of, path_text

ODD = set(" ,;{}()\n\t=")
_DEFAULTS, _MAPPING = "delta.feature.allowColumnDefaults", "delta.columnMapping.mode"


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that a table can't have, as a condition, the end of a sentence about it, and a cure.

    Attributes:
        hint: With `{setting}` for what sets the switch.
        switch: A property and its value that make it possible.
    """

    condition: str
    text: str
    hint: str
    switch: tuple[str, str] = ("", "")


def limits(schema: StructType, properties: Mapping[str, str]) -> Iterator[Limit]:
    """All that is in the way of a table.

    Args:
        schema: Its columns.
        properties: Its properties, which switch features on.
    """
    yield from _odd_names(schema, properties)
    for path, field in fields_of(schema):
        yield from _clauses(path_text(path), field, properties)
        if not field.nullable and _in_collection(schema, path):
            where = f"`{path_text(path)}`, which is NOT NULL inside of an array or map"
            yield Limit("DELTA_NESTED_NOT_NULL_CONSTRAINT", where, "leave NOT NULL out there")


def _odd_names(schema: StructType, properties: Mapping[str, str]) -> Iterator[Limit]:
    names = [path_text(path) for path, field in fields_of(schema) if ODD & set(field.name)]
    if names and properties.get(_MAPPING, "none").lower() == "none":
        yield Limit(
            "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES",
            f"names with one of the characters ' ,;{{}}()\\n\\t=': {', '.join(names)}",
            "rename them, or set {setting}",
            (_MAPPING, "name"),
        )


def _clauses(name: str, field: StructField, properties: Mapping[str, str]) -> Iterator[Limit]:
    metadata = field.metadata or {}
    if DEFAULT in metadata and properties.get(_DEFAULTS) != "supported":
        yield Limit("WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED", f"a DEFAULT of `{name}`",
                    "set {setting}", (_DEFAULTS, "supported"))  # fmt: skip
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
        types = (f.dataType for f in kind if f.name == name) if isinstance(kind, StructType) else ()
        kind = next(iter(types), kind)
    return isinstance(kind, (ArrayType, MapType))
