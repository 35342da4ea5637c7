"""How a table's columns become those of its definition: what it gets, and what no ALTER gives it (§4.6)."""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql.types import ArrayType, MapType, StructField, StructType

from weir.model.names import fold, quoted
from weir.run.frames.schemas import Placed, fields_of, is_made_once, made_once, path_text


def fields_by_place(schema: StructType) -> dict[tuple[str, ...], StructField]:
    """The columns and nested fields by their paths, in which names have no case."""
    return {place(path): field for path, field in fields_of(schema)}


def missing_fields(existing: StructType, wanted: StructType) -> list[Placed]:
    """The columns and nested fields that a table has yet to get, without what is nested in these."""
    known = fields_by_place(existing)
    missing = [(path, f) for path, f in fields_of(wanted) if place(path) not in known]
    new = {place(path) for path, _ in missing}
    return [(path, f) for path, f in missing if not any(place(path[:n]) in new for n in range(len(path)))]


def place_of(path: tuple[str, ...], wanted: StructType, existing: StructType) -> str:
    """Where ADD COLUMNS puts a column: nothing at the end, else after the one before it."""
    siblings = [p for p, _ in fields_of(wanted) if len(p) == len(path) and p[:-1] == path[:-1]]
    at, known = siblings.index(path), fields_by_place(existing)
    if not any(place(p) in known for p in siblings[at + 1 :]):
        return ""
    return f" AFTER {quoted(siblings[at - 1][-1])}" if at else " FIRST"


def obstacles(existing: StructType, wanted: StructType) -> Iterator[str]:
    """Why a table can't grow into a schema, each as the end of a sentence about the table."""
    known = fields_by_place(existing)
    for path, field in fields_of(wanted):
        was, name = known.get(place(path)), path_text(path)
        if was is None and (is_made_once(field) or not field.nullable):
            yield f"can't get the column `{name}`, which is NOT NULL, generated or an identity"
        elif was is not None and not _same_type(was, field):
            here, there = was.dataType.simpleString(), field.dataType.simpleString()
            yield f"has `{name}` as {here}, but the schema declares {there}"
        elif was is not None and was.nullable and not field.nullable:
            yield f"has `{name}` without NOT NULL"
        elif was is not None and made_once(was) != made_once(field):
            yield f"generates `{name}` in another way"


def grows_into(existing: StructType, wanted: StructType) -> bool:
    """Does a table get this schema by ALTER: no other types, no stricter columns, none fewer?"""
    fewer = missing_fields(wanted, existing)
    return not fewer and next(obstacles(existing, wanted), None) is None


def _same_type(one: StructField, other: StructField) -> bool:
    """Nested fields have paths of their own."""
    kinds = {type(one.dataType), type(other.dataType)}
    nested = isinstance(one.dataType, (StructType, ArrayType, MapType))
    return len(kinds) == 1 and (nested or one.dataType.simpleString() == other.dataType.simpleString())


def place(path: tuple[str, ...]) -> tuple[str, ...]:
    """A path in which names have no case."""
    return tuple(map(fold, path))
