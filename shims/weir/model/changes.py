"""How change events become rows of a table: the declaration of AUTO CDC, as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from weir.model.names import fold
from weir.model.origin import Origin

SCD_TYPE = "pipelines.autocdc.scdType"
KEYS = "pipelines.autocdc.keyColumnNames"
TOMBSTONE_SECONDS = "pipelines.cdc.tombstoneGCThresholdInSeconds"
HISTORY = 2  # SCD type 2
START_AT, END_AT = "__START_AT", "__END_AT"
# An argument of Python's -> the clause of SQL that says the same.
CLAUSES = {
    "keys": "KEYS",
    "sequence_by": "SEQUENCE BY",
    "where": "WHERE",
    "apply_as_deletes": "APPLY AS DELETE WHEN",
    "apply_as_truncates": "APPLY AS TRUNCATE WHEN",
    "stored_as_scd_type": "STORED AS SCD TYPE",
    "column_list": "COLUMNS",
    "except_column_list": "COLUMNS * EXCEPT",
    "columns_to_update": "COLUMNS TO UPDATE",
    "track_history_column_list": "TRACK HISTORY ON",
    "ignore_null_updates": "IGNORE NULL UPDATES",
    "ignore_null_updates_column_list": "IGNORE NULL UPDATES ON",
}


def worded(argument: str, origin: Origin) -> str:
    """An argument of AUTO CDC, as the author of the line calls it."""
    return origin.wording(argument, CLAUSES[argument])


class Feed(StrEnum):
    """Where changes come from: a stream of them, or the difference of snapshots (specification §3.8)."""

    STREAM = "stream"
    SNAPSHOT = "snapshot"
    VERSIONS = "versions"


@dataclass(frozen=True, slots=True)
class Columns:
    """A choice among columns: these only, all but those, or all."""

    only: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()

    def of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The chosen ones, in their order; names are compared without case."""
        only = None if self.only is None else {fold(n) for n in self.only}
        but = {fold(n) for n in self.but}
        return tuple(n for n in names if (only is None or fold(n) in only) and fold(n) not in but)

    def named(self) -> tuple[str, ...]:
        """All columns that the choice names."""
        return (*(self.only or ()), *self.but)


ALL = Columns()


@dataclass(frozen=True, slots=True)
class Changes:
    """The declaration of one AUTO CDC flow (specification §3.2).

    Attributes:
        keys: Names of the key columns.
        sequence_by: SQL text or a Column; None for snapshots, whose versions are the sequence.
        where: What every change must satisfy, SQL text or a Column.
        deletes: Which changes delete, SQL text or a Column.
        truncates: Which changes clear the table, SQL text or a Column.
        columns: Which source columns reach the target.
        tracked: Which of these open a new version when they change (SCD type 2).
        ignore_nulls: Whose NULLs keep the existing value; None for no column.
        columns_to_update: The source column that names the columns a change writes.
    """

    feed: Feed
    keys: tuple[str, ...]
    scd_type: int
    sequence_by: Any = None
    where: Any = None
    deletes: Any = None
    truncates: Any = None
    columns: Columns = ALL
    tracked: Columns = ALL
    ignore_nulls: Columns | None = None
    columns_to_update: str | None = None

    @property
    def shape(self) -> tuple[object, ...]:
        """What all flows into one table must have alike; names of columns have no case."""
        names = ((fold(n) for n in part) for part in (self.keys, self.tracked.only or (), self.tracked.but))
        return self.scd_type, self.tracked.only is None, *(tuple(part) for part in names)

    @property
    def partial(self) -> bool:
        """May a change leave columns as they were?"""
        return self.ignore_nulls is not None or self.columns_to_update is not None
