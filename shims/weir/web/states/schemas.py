"""Schemas in the JSON that Spark, Delta and the event log share, as columns; places in sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from weir.model.names import quoted
from weir.model.origin import Origin
from weir.web.states.objects import Object, inner, number, text
from weir.web.states.state import Column


def columns_of(fields: Iterable[Object]) -> tuple[Column, ...]:
    """The columns of a struct's fields.

    >>> columns_of([{"name": "x", "type": "long", "nullable": False, "metadata": {"comment": "an id"}}])
    (Column(name='x', type='bigint', comment='an id', mask=None, nullable=False),)
    """
    return tuple(
        Column(
            text(f, "name") or "",
            type_text(f.get("type")),
            text(inner(f, "metadata"), "comment"),
            nullable=bool(f.get("nullable", True)),
        )
        for f in fields
    )


_SQL = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}


def type_text(kind: Any) -> str:
    """A type as SQL writes it.

    >>> type_text({"type": "array", "elementType": "long", "containsNull": True})
    'array<bigint>'
    """
    match kind:
        case {"type": "array", "elementType": element}:
            return f"array<{type_text(element)}>"
        case {"type": "map", "keyType": key, "valueType": value}:
            return f"map<{type_text(key)},{type_text(value)}>"
        case {"type": "struct", "fields": fields}:
            parts = (f"{quoted(f['name'])}:{type_text(f['type'])}" for f in fields)
            return f"struct<{','.join(parts)}>"
        case {"type": "udt", "sqlType": inner}:
            return type_text(inner)
        case _:
            return _SQL.get(str(kind), str(kind))


def origin_of(details: Object) -> Origin | None:
    """The place in the sources that an event tells."""
    source = inner(details, "source")
    file = text(source, "file")
    return Origin(file, number(source, "line") or 0) if file else None
