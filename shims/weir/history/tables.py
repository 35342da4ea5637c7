"""The tables of a storage: which one is meant, what is known of each, their first rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from weir.model.names import by_ends, fold, meant
from weir.model.problems import Problem, WeirError, closest
from weir.run.lake.existing import PIPELINE, is_inactive
from weir.run.lake.query import TableRows, query
from weir.run.lake.storage import Storage, open_table


@dataclass(frozen=True, slots=True)
class Listing:
    """A table of a storage.

    Attributes:
        pipeline: Whose it is; None if nobody's mark is on it.
        version: Its last version; None if it can't be read.
        inactive: Its definition is gone.
    """

    name: str
    pipeline: str | None
    version: int | None
    inactive: bool


def tables_of(storage: Storage) -> Iterator[Listing]:
    """All tables, by their names."""
    for name in storage.tables():
        state = storage.state(name)
        owner = state.properties.get(PIPELINE) if state else None
        inactive = state is not None and is_inactive(state)
        yield Listing(name, owner, state.version if state else None, inactive)


def full_name(table: str, storage: Storage) -> str:
    """The one table in the storage whose name ends like this.

    Raises:
        WeirError: None or several.
    """
    tables = storage.tables()
    hits = meant(table, by_ends(tables))
    if len(hits) == 1:
        return hits[0]
    listed = ", ".join(hits or tables) or "none yet"
    raise WeirError(
        Problem(
            "TABLE_OR_VIEW_NOT_FOUND",
            f"`{table}` means {'several tables' if hits else 'no table'} in {storage.root}.",
            None,
            (None if hits else closest(fold(table), tables)) or f"available: {listed}",
        )
    )


@dataclass(frozen=True, slots=True)
class FirstRows(TableRows):
    """The first rows of a table.

    Attributes:
        count: How many rows it has in all.
    """

    count: int


def first_rows(path: Path, limit: int, version: int | None) -> FirstRows | None:
    """The first rows of a Delta table, without a JVM; None if there is none."""
    if open_table(path) is None:
        return None
    try:
        table = DeltaTable(path, version=version)
        first = query(table, f"SELECT * FROM t LIMIT {int(limit)}")
    except DeltaError:
        return None
    count = len(first.rows)
    if count == limit:
        count = query(table, "SELECT COUNT(*) AS n FROM t").rows[0]["n"]
    return FirstRows(first.columns, first.rows, count)
