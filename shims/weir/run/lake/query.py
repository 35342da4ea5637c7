"""SQL over one Delta table, without a JVM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder


@dataclass(frozen=True, slots=True)
class TableRows:
    """Some rows of a table."""

    columns: list[str]
    rows: list[dict[str, Any]]


def query(table: DeltaTable, sql: str) -> TableRows:
    """What a query gives that calls the table `t`."""
    result = pa.table(QueryBuilder().register("t", table).execute(sql))
    return TableRows(result.column_names, result.to_pylist())
