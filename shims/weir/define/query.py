"""A query of a SQL source, as the value that its dataset's function is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from weir.define.sql.source import SqlText
from weir.model.names import fold


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """A column without a type: a new name for one of the query's, by its place."""

    name: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A query, and what becomes of its columns.

    Attributes:
        source: Its text, after substitution.
        columns: The new names of its columns; as the query has them if empty.
        into: The table whose columns they are, by their places.
        catalog: What completes names of fewer parts, from USE (specification §8).
        schema: The same.
        parameters: The values of its `:name` (§5.3).
    """

    source: SqlText
    columns: tuple[NamedColumn, ...] = ()
    into: str | None = None
    catalog: str | None = None
    schema: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    def completed(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The name of a table with what USE said in front of it."""
        return completed(parts, self.catalog, self.schema)


def completed(parts: tuple[str, ...], catalog: str | None, schema: str | None) -> tuple[str, ...]:
    """The name of a table with what USE said in front of it; LIVE is the pipeline's own schema.

    >>> completed(("t",), "main", "sales"), completed(("s", "t"), None, "sales")
    (('main', 'sales', 't'), ('s', 't'))
    """
    if len(parts) > 1 and fold(parts[0]) == "live":
        return parts
    whole = (schema, *parts) if len(parts) == 1 and schema else parts
    return (catalog, *whole) if len(whole) == 2 and catalog else whole  # noqa: PLR2004
