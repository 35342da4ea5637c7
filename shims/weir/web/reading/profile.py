"""What the columns of a table hold, in one pass: NULLs, the least and the greatest value, how many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from weir.run.lake.query import query
from weir.web.states.schemas import type_text

NESTED = frozenset({"struct", "array", "map", "variant"})
INEXACT = frozenset({"float", "double"})  # whose values DataFusion counts as texts alone


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A column of a version.

    Attributes:
        nulls: Their share, from 0 to 1; None in a table without rows.
        least: The smallest value, and `most` the greatest; None where all are NULL, and of nested columns.
        distinct: About how many different values; None of nested columns.
    """

    name: str
    type: str
    nulls: float | None
    least: Any = None
    most: Any = None
    distinct: int | None = None


def profile(path: Path, version: int | None) -> tuple[ColumnProfile, ...]:
    """The columns of a Delta table.

    Args:
        path: Its folder.
        version: Which; None for the newest.
    """
    table = DeltaTable(path, version=version)
    columns = [(f.name, type_text(f.type.type)) for f in table.schema().fields]
    parts = [part for number, column in enumerate(columns) for part in _parts(number, *column)]
    [row] = query(table, f"SELECT {', '.join(['count(*) AS rows', *parts])} FROM t").rows
    return tuple(_profiles(columns, row))


def _parts(number: int, name: str, kind: str) -> Iterator[str]:
    column = f'"{name.replace(chr(34), 2 * chr(34))}"'
    yield f"count({column}) AS known{number}"
    if kind not in NESTED:
        text = f"CAST({column} AS VARCHAR)" if kind in INEXACT else column
        yield f"min({column}) AS least{number}"
        yield f"max({column}) AS most{number}"
        yield f"approx_distinct({text}) AS distinct{number}"


def _profiles(columns: Sequence[tuple[str, str]], row: dict[str, Any]) -> Iterator[ColumnProfile]:
    for number, (name, kind) in enumerate(columns):
        nulls = 1 - row[f"known{number}"] / row["rows"] if row["rows"] else None
        values = (row.get(f"{key}{number}") for key in ("least", "most", "distinct"))
        yield ColumnProfile(name, kind, nulls, *values)
