"""What is different between two versions of a table: rows that came, went or changed, counted and shown.

Rows are compared as a multiset, each as often as it is there; DataFusion's EXCEPT ALL does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError

from weir.model.names import fold
from weir.model.problems import Problem, WeirError
from weir.run.lake.query import rows_of
from weir.run.lake.storage import open_table

SHOWN = 200  # rows of a difference on one page
_WEIGHT = "__weir_weight"


class Change(StrEnum):
    """What happened to a row."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that is different.

    Attributes:
        row: As it is in the newer version, of one that is gone as it was in the older.
        before: Of a changed row, as it was.
        cells: The columns whose values have changed.
    """

    change: Change
    row: Mapping[str, Any]
    before: Mapping[str, Any] | None = None
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions of a table beside each other.

    Attributes:
        columns: Those of both versions, which are compared.
        new_columns: Those of the newer version alone, and `old_columns` of the older.
        rows: The first ones, in the order of the keys where there are keys.
    """

    older: int
    newer: int
    columns: tuple[str, ...]
    added: int
    gone: int
    changed: int
    rows: tuple[RowChange, ...]
    new_columns: tuple[str, ...] = ()
    old_columns: tuple[str, ...] = ()


def row_count(path: Path, version: int) -> int | None:
    """How many rows a version has, by its log alone; None where the log does not say."""
    actions = rows_of(_opened(path, version).get_add_actions(flatten=True)).rows
    counts = [row.get("num_records") for row in actions]
    return None if None in counts else sum(n for n in counts if n is not None)


def difference(
    path: Path, older: int, newer: int, keys: Sequence[str] = (), limit: int = SHOWN
) -> Difference:
    """Compare two versions of the table in a folder.

    Args:
        keys: Columns that tell a row from all others, as those of AUTO CDC; without them no row changes,
            it goes and another one comes.
        limit: How many different rows are given at most.

    Raises:
        WeirError: A version is not there any more.
    """
    before, after = _opened(path, older), _opened(path, newer)
    old, new = ([f.name for f in t.schema().fields] for t in (before, after))
    columns = [c for c in new if c in old]
    known = [c for c in columns if fold(c) in {fold(k) for k in keys}]
    versions = QueryBuilder().register("a", before).register("b", after)
    different = _different(columns)
    known = known if len(known) == len(keys) else []
    [counts] = rows_of(versions.execute(_counts(different, known)).read_all()).rows
    order = f"ORDER BY {_listed(known)}" if known else ""
    # A key has two rows where it has changed: one more than are shown, so that no pair is torn.
    rows = rows_of(versions.execute(f"{different} {order} LIMIT {2 * limit + 1}").read_all()).rows
    return Difference(
        older,
        newer,
        tuple(columns),
        counts["added"] or 0,
        counts["gone"] or 0,
        counts["changed"] or 0,
        tuple(_changes(rows, known))[:limit],
        tuple(c for c in new if c not in old),
        tuple(c for c in old if c not in new),
    )


def _different(columns: Iterable[str]) -> str:
    """The rows that one version has more often than the other, and how much more often."""
    listed = _listed(columns)
    both = f"SELECT {listed}, 1 AS n FROM b UNION ALL SELECT {listed}, -1 AS n FROM a"
    return f'SELECT {listed}, sum(n) AS "{_WEIGHT}" FROM ({both}) GROUP BY {listed} HAVING sum(n) <> 0'


def _counts(different: str, keys: Sequence[str]) -> str:
    """A key that has come and gone has changed."""
    weight = f'"{_WEIGHT}"'
    came, went = (f"sum(CASE WHEN {w} > 0 THEN {w} ELSE 0 END)" for w in (weight, f"-{weight}"))
    by = f"GROUP BY {_listed(keys)}" if keys else ""
    pairs = "least(came, went)" if keys else "0"
    return f"""
        SELECT sum(came - {pairs}) AS added, sum(went - {pairs}) AS gone, sum({pairs}) AS changed
        FROM (SELECT {came} AS came, {went} AS went FROM ({different}) {by})"""


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{c.replace(chr(34), 2 * chr(34))}"' for c in columns)


def _changes(rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> Iterable[RowChange]:
    """The rows one by one; those that came and went with the same key as one."""
    waiting: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for number, row in enumerate(rows):
        content = {k: v for k, v in row.items() if k != _WEIGHT}
        place = repr([row[k] for k in keys]) if keys else str(number)
        waiting.setdefault(place, []).extend([(row[_WEIGHT], content)] * abs(row[_WEIGHT]))
    for same in waiting.values():
        came, went = ([row for weight, row in same if (weight > 0) is new] for new in (True, False))
        yield from (_changed(old, new) for old, new in zip(went, came, strict=False))
        yield from (RowChange(Change.ADDED, row) for row in came[len(went) :])
        yield from (RowChange(Change.GONE, row) for row in went[len(came) :])


def _changed(before: Mapping[str, Any], row: Mapping[str, Any]) -> RowChange:
    cells = tuple(c for c in row if repr(row[c]) != repr(before[c]))
    return RowChange(Change.CHANGED, row, before, cells)


def _opened(path: Path, version: int) -> DeltaTable:
    if open_table(path) is not None:
        try:
            return DeltaTable(path, version=version)
        except DeltaError:
            pass
    text = f"Version {version} of the table in {path} is not there any more."
    raise WeirError(
        Problem("VERSION_NOT_FOUND", text, hint="its log was cleaned up, or the table was dropped")
    )
