"""SQL over one Delta table, without a JVM, and without pyarrow wherever that is possible."""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from deltalake import DeltaTable, QueryBuilder, write_deltalake

_FIELDS_OF_MAPS = "Cannot cast column"


@dataclass(frozen=True, slots=True)
class TableRows:
    """Some rows of a table."""

    columns: list[str]
    rows: list[dict[str, Any]]


def query(table: DeltaTable, sql: str) -> TableRows:
    """What a query gives that calls the table `t`."""
    try:
        return _queried(table, sql)
    except Exception as error:  # delta-rs has no class for errors of its queries
        if _FIELDS_OF_MAPS not in str(error):
            raise
    # Files are older than fields of structs in maps: to what it reads, pyarrow adds them, delta-rs does not.
    with TemporaryDirectory(prefix="weir-") as folder:
        write_deltalake(folder, table.to_pyarrow_dataset().scanner().to_reader())
        return _queried(DeltaTable(folder), sql)


def _queried(table: DeltaTable, sql: str) -> TableRows:
    return rows_of(QueryBuilder().register("t", table).execute(sql).read_all())


def rows_of(table: Any) -> TableRows:
    """The rows of a table in memory, as delta-rs gives them."""
    names: list[str] = table.column_names
    cells = [column.to_pylist() for column in table.columns]
    return TableRows(names, [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)])
