"""Where tables and columns come from, as the last updates of all pipelines recorded it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from deltalake import DeltaTable

from weir.graph.walk import reached
from weir.history.tables import full_name
from weir.model.names import by_ends, column_of, fold, meant
from weir.model.problems import Problem, WeirError, closest
from weir.run.lake.query import query
from weir.run.lake.storage import Storage, open_table

Direction = Literal["from", "into"]


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One thing is made of another.

    Attributes:
        source: A table, or a column as table.column.
        how: The type of the flow, or how the column is made.
    """

    source: str
    target: str
    how: str
    flow: str


def table_and_column(name: str, storage: Storage) -> tuple[str, str | None]:
    """A name is a table's, else a table's with a column behind it.

    Raises:
        WeirError: There is no such table or column.
    """
    try:
        return full_name(name, storage), None
    except WeirError:
        parts = column_of(name)
        if parts is None:
            raise
        table, column = parts
    try:
        full = full_name(table, storage)
    except WeirError:
        return full_name(name, storage), None  # the message about the whole name
    opened = open_table(storage.table(full))
    columns = [field.name for field in opened.schema().fields] if opened else []
    known = next((c for c in columns if fold(c) == fold(column)), None)
    if known is None:
        hint = closest(column, columns) or f"available: {', '.join(columns)}"
        raise WeirError(Problem("UNRESOLVED_COLUMN", f"`{full}` has no column `{column}`.", hint=hint))
    return full, known


def edges(storage: Storage, *, columns: bool) -> list[Edge]:
    """What each flow did the last time that it ran.

    Raises:
        WeirError: Nothing is recorded yet.
    """
    kind = "column_lineage" if columns else "data_lineage"
    recorded = meant(f"system.{kind}", by_ends(storage.tables()))
    if not recorded:
        hint = "weir run fills it, column by column only in this process"
        raise WeirError(Problem("NO_LINEAGE", f"No update recorded any in {storage.root}.", hint=hint))
    return sorted({edge for name in recorded for edge in _edges(storage, name, columns=columns)})


def _edges(storage: Storage, name: str, *, columns: bool) -> list[Edge]:
    source, target = ("source_table || '.' || source_column", "target_table || '.' || target_column")
    if not columns:
        source, target = "source_table", "target_table"
    latest = f"""
        SELECT {source} AS source, {target} AS target, transformation_logic AS how, flow FROM (
          SELECT *, max(execution_timestamp) OVER (PARTITION BY pipeline, flow) AS newest FROM t
        ) WHERE execution_timestamp = newest"""
    return [Edge(**row) for row in query(DeltaTable(storage.table(name)), latest).rows]


class Side:
    """The edges on one side of each name; names are compared as Spark does, whatever their case."""

    def __init__(self, edges: Iterable[Edge], way: Direction) -> None:
        self._next: dict[str, list[tuple[str, Edge]]] = {}
        for edge in edges:
            here, there = (edge.target, edge.source) if way == "from" else (edge.source, edge.target)
            self._next.setdefault(fold(here), []).append((there, edge))

    def next(self, name: str) -> list[tuple[str, Edge]]:
        """The neighbours of a name, each with the edge that leads there."""
        return self._next.get(fold(name), [])

    def reached(self, name: str, steps: int | None = None) -> list[dict[str, Any]]:
        """Every edge on the way, each once.

        Args:
            steps: How many edges far, at least one; None for all.
        """
        far = None if steps is None else steps - 1
        names = [name, *reached(name, lambda n: [other for other, _ in self.next(n)], far)]
        return [
            {"source": e.source, "target": e.target, "transformation": e.how, "flow": e.flow}
            for e in sorted({edge for n in names for _, edge in self.next(n)})
        ]
