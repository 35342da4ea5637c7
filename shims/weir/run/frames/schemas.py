"""Schemas as Spark's StructType: declared ones, merged ones, DDL for Spark and for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Any

from pyspark.sql import Column
from pyspark.sql.types import (
    ArrayType,
    CharType,
    DataType,
    MapType,
    StringType,
    StructField,
    StructType,
    VarcharType,
)

from weir.define.clauses import (
    DEFAULT,
    GENERATION_EXPRESSION,
    IDENTITY_EXPLICIT,
    IDENTITY_START,
    IDENTITY_STEP,
    split_clauses,
)
from weir.model.names import fold, join, quoted, quoted_path, text_literal

COMMENT = "comment"
LIMITED = "__CHAR_VARCHAR_TYPE_STRING"
_OF_DELTA = re.compile(r"delta\.(columnMapping\..*|typeChanges|identity\.highWaterMark)|EXISTS_DEFAULT")
_LIMIT = re.compile(r"^(var)?char\(\d+\)$")


Placed = tuple[tuple[str, ...], StructField]


class SchemaConflictError(ValueError):
    """Two schemas give one column different types."""


def declared(schema: Any) -> StructType | None:
    """The schema that a definition gives: a StructType, or DDL text with the clauses of CREATE TABLE.

    Masks are left out, an update sees what it writes; so are keys, which inform (specification §1.3).

    Raises:
        ValueError: A clause is malformed, or none that a pipeline's table can have.
        PySparkException: Spark can't read the text.
    """
    if schema is None:
        return None
    if isinstance(schema, StructType):
        return stored(schema)
    columns = split_clauses(schema)
    read: Any = StructType.fromDDL(", ".join(columns.ddl))
    return stored(StructType([_with(f, c) for f, c in zip(read.fields, columns.clauses, strict=True)]))


def keys_of(schema: Any) -> tuple[str, ...]:
    """The columns of the primary key that a declared schema has."""
    return split_clauses(schema).keys if isinstance(schema, str) else ()


def texts_of(schema: StructType) -> frozenset[str]:
    """The names of the columns that hold texts, in lower case."""
    return frozenset(fold(f.name) for f in schema if isinstance(f.dataType, StringType))


def stored(schema: StructType) -> StructType:
    """As Delta keeps it: CHAR and VARCHAR are text whose length stands in the column's metadata."""
    return StructType([_stored(field) for field in schema.fields])


def _stored(field: StructField) -> StructField:
    text = replaced(field.dataType, lambda t: StringType() if isinstance(t, (CharType, VarcharType)) else t)
    limited = {LIMITED: field.dataType.simpleString()} if text != field.dataType else {}
    return _with(StructField(field.name, text, field.nullable, field.metadata), limited)


def _with(field: StructField, metadata: Any) -> StructField:
    return StructField(field.name, field.dataType, field.nullable, {**(field.metadata or {}), **metadata})


def replaced(kind: DataType, change: Any) -> DataType:
    """A type in which a function has replaced all that is nested, then itself."""
    if isinstance(kind, StructType):
        fields = (StructField(f.name, replaced(f.dataType, change), f.nullable, f.metadata) for f in kind)
        return change(StructType([*fields]))
    if isinstance(kind, ArrayType):
        return change(ArrayType(replaced(kind.elementType, change), kind.containsNull))
    if isinstance(kind, MapType):
        key, value = replaced(kind.keyType, change), replaced(kind.valueType, change)
        return change(MapType(key, value, kind.valueContainsNull))
    return change(kind)


def defined(schema: StructType) -> StructType:
    """An existing table's schema without what Delta adds to a definition."""

    def bare(kind: DataType) -> DataType:
        return StructType([_bare(f) for f in kind]) if isinstance(kind, StructType) else kind

    return replaced(schema, bare)  # pyright: ignore[reportReturnType] - a struct stays one


def _bare(field: StructField) -> StructField:
    metadata = {k: v for k, v in (field.metadata or {}).items() if not _OF_DELTA.fullmatch(k)}
    return StructField(field.name, field.dataType, field.nullable, metadata)


def produced(schema: StructType) -> StructType:
    """What a query gives, as a table would have it: nullable, with comments and generated columns."""
    keys = (COMMENT, GENERATION_EXPRESSION)

    def loose(kind: DataType) -> DataType:
        match kind:
            case StructType():
                return StructType([StructField(f.name, f.dataType, True, f.metadata) for f in kind])
            case ArrayType():
                return ArrayType(kind.elementType, True)
            case MapType():
                return MapType(kind.keyType, kind.valueType, True)
            case _:
                return kind

    fields = (StructField(f.name, replaced(f.dataType, loose), True, f.metadata) for f in schema)
    return StructType([
        StructField(f.name, f.dataType, True, {k: v for k, v in f.metadata.items() if k in keys})
        for f in fields
    ])  # fmt: skip


def nullable_type(data_type: DataType) -> DataType:
    """The same type with all nested fields nullable, as tables store them."""
    return produced(StructType([StructField("x", data_type)]))["x"].dataType


def union(schemas: Iterable[StructType]) -> StructType:
    """All columns of all schemas, also of the structs in them, in the order of their first appearance.

    Raises:
        SchemaConflictError: A column has two types.
    """
    return reduce(lambda known, more: _merged(known, more, ()), schemas, StructType())


def _merged(known: StructType, more: StructType, path: tuple[str, ...]) -> StructType:
    fields = {fold(f.name): f for f in known}
    for field in more:
        before = fields.get(fold(field.name))
        if before is None:
            fields[fold(field.name)] = field
        else:
            kind = _merged_type(before.dataType, field.dataType, (*path, before.name))
            fields[fold(field.name)] = StructField(before.name, kind, before.nullable, before.metadata)
    return StructType([*fields.values()])


def _merged_type(known: Any, more: Any, path: tuple[str, ...]) -> DataType:
    match known, more:
        case StructType(), StructType():
            return _merged(known, more, path)
        case ArrayType(), ArrayType():
            return ArrayType(_merged_type(known.elementType, more.elementType, path), known.containsNull)
        case MapType(), MapType():
            key = _merged_type(known.keyType, more.keyType, path)
            return MapType(key, _merged_type(known.valueType, more.valueType, path), known.valueContainsNull)
    if known.simpleString() != more.simpleString():
        text = f"column `{'.'.join(path)}` is {known.simpleString()} here and {more.simpleString()} there"
        raise SchemaConflictError(text)
    return known


def same_columns(one: StructType, other: StructType) -> bool:
    """Do both have the same names and types in the same order?"""
    return columns_of(one) == columns_of(other)


def columns_of(schema: StructType) -> list[tuple[str, str]]:
    """Names and types as text."""
    return [(f.name, f.dataType.simpleString()) for f in schema]


def fields_of(schema: StructType) -> Iterator[Placed]:
    """All columns and the fields nested in them, each with its path as ALTER TABLE writes it."""
    for field in schema:
        yield from _fields((field.name,), field)


def _fields(path: tuple[str, ...], field: StructField) -> Iterator[Placed]:
    yield path, field
    yield from _nested(path, field.dataType)


def _nested(path: tuple[str, ...], kind: DataType) -> Iterator[Placed]:
    match kind:
        case StructType():
            for field in kind:
                yield from _fields((*path, field.name), field)
        case ArrayType():
            yield from _nested((*path, "element"), kind.elementType)
        case MapType():
            yield from _nested((*path, "key"), kind.keyType)
            yield from _nested((*path, "value"), kind.valueType)
        case _:
            pass


def is_identity(field: StructField) -> bool:
    """Does Delta number the rows in it?"""
    return IDENTITY_START in (field.metadata or {})


def is_filled_by_delta(field: StructField) -> bool:
    """Does Delta give a value where a write has none: generated, identity, default?"""
    return not {GENERATION_EXPRESSION, IDENTITY_START, DEFAULT}.isdisjoint(field.metadata or {})


def has_generated_columns(schema: StructType) -> bool:
    """Does Delta give values of a column where a write has none?"""
    return any(map(is_filled_by_delta, schema))


def is_strict(schema: StructType) -> bool:
    """Has it what an overwrite of the schema would lose: NOT NULL, generated columns, identities?"""
    return any(not f.nullable or is_made_once(f) for _, f in fields_of(schema))


def required(schema: StructType) -> set[tuple[str, ...]]:
    """The paths of what is NOT NULL."""
    return {path for path, field in fields_of(schema) if not field.nullable}


def is_tight(schema: StructType) -> bool:
    """Has it what no overwrite gives a table: NOT NULL, identities?"""
    return any(not f.nullable or is_identity(f) for _, f in fields_of(schema))


def needs_statement(schema: StructType) -> bool:
    """Is there something in it that a frame does not carry: NOT NULL, values that Delta gives?"""
    return is_tight(schema) or has_generated_columns(schema)


def has_own_metadata(schema: StructType) -> bool:
    """Do columns carry what is not Delta's or Spark's, which DDL has no words for?"""
    known = {
        COMMENT,
        LIMITED,
        DEFAULT,
        GENERATION_EXPRESSION,
        IDENTITY_START,
        IDENTITY_STEP,
        IDENTITY_EXPLICIT,
    }
    return any(not known.issuperset(f.metadata or {}) for _, f in fields_of(schema))


def made_once(field: StructField) -> dict[str, Any]:
    """How Delta generates a column, which no ALTER changes."""
    keys = (GENERATION_EXPRESSION, IDENTITY_START, IDENTITY_STEP, IDENTITY_EXPLICIT)
    return {k: v for k, v in (field.metadata or {}).items() if k in keys}


def is_made_once(field: StructField) -> bool:
    """Is it a generated column or an identity?"""
    return bool(made_once(field))


def from_json(text: str) -> StructType:
    """A schema from the JSON that Delta's log keeps."""
    return StructType.fromJson(json.loads(text))


def column_ddl(field: StructField, path: tuple[str, ...] = ()) -> str:
    """One column of a CREATE TABLE or ADD COLUMNS statement.

    Args:
        path: Where a field of a struct lies; the column's own name by default.
    """
    metadata = field.metadata or {}
    parts = [quoted_path(path or (field.name,)), metadata.get(LIMITED) or _type_ddl(field)]
    if GENERATION_EXPRESSION in metadata:
        parts.append(f"GENERATED ALWAYS AS ({metadata[GENERATION_EXPRESSION]})")
    if IDENTITY_START in metadata:
        how = "BY DEFAULT" if metadata[IDENTITY_EXPLICIT] else "ALWAYS"
        steps = f"START WITH {metadata[IDENTITY_START]} INCREMENT BY {metadata[IDENTITY_STEP]}"
        parts.append(f"GENERATED {how} AS IDENTITY ({steps})")
    if not field.nullable:
        parts.append("NOT NULL")
    if DEFAULT in metadata:
        parts.append(f"DEFAULT {metadata[DEFAULT]}")
    if metadata.get(COMMENT):
        parts.append(f"COMMENT {text_literal(metadata[COMMENT])}")
    return " ".join(parts)


def cast(column: Column, kind: DataType) -> Column:
    """A column as a type: over Spark Connect by its text, since a text's type has a collation there."""
    return column.cast(_cast_text(kind) if "connect" in type(column).__module__ else kind)


def _cast_text(kind: Any) -> str:
    """A type without NOT NULL, which no cast gives; `toDDL` needs a session that the thread may lack."""
    match kind:
        case StructType():
            fields = (f"{quoted(f.name)}: {_cast_text(f.dataType)}" for f in kind.fields)
            return f"STRUCT<{', '.join(fields)}>"
        case ArrayType():
            return f"ARRAY<{_cast_text(kind.elementType)}>"
        case MapType():
            return f"MAP<{_cast_text(kind.keyType)}, {_cast_text(kind.valueType)}>"
        case _:
            return kind.simpleString()


def _type_ddl(field: StructField) -> str:
    """`toDDL` quotes nested names, `simpleString` does not."""
    if not isinstance(field.dataType, (StructType, ArrayType, MapType)):
        return field.dataType.simpleString()
    bare = StructType([StructField("x", field.dataType)]).toDDL()
    return bare.split(" ", 1)[1]


def describe(schema: StructType | None) -> str | None:
    """DDL for people and for `weir validate --json`: names and types."""
    if schema is None:
        return None
    plain = StructType([StructField(f.name, f.dataType, True) for f in schema.fields])
    return plain.toDDL()


def path_text(path: Iterable[str]) -> str:
    """A path of names as a text, with backquotes where they are needed."""
    return join(path)
