"""SQL over one Delta table, without a JVM and without pyarrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deltalake import DeltaTable, QueryBuilder


@dataclass(frozen=True, slots=True)
class TableRows:
    """Some rows of a table."""

    columns: list[str]
    rows: list[dict[str, Any]]


def query(table: DeltaTable, sql: str) -> TableRows:
    """What a query gives that calls the table `t`."""
    return rows_of(QueryBuilder().register("t", table).execute(sql).read_all())


def rows_of(table: Any) -> TableRows:
    """The rows of a table in memory, as delta-rs gives them."""
    names: list[str] = table.column_names
    cells = [column.to_pylist() for column in table.columns]
    return TableRows(names, [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)])
