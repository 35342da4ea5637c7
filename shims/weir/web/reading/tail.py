"""What is new in an event log, whoever writes it: without reading the log again, and without a lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from weir.history.logs import ORDER, select
from weir.run.lake.query import rows_of
from weir.run.lake.storage import open_table
from weir.web.states.log import LogEvent, log_event


class Tail:
    """The end of one pipeline's log.

    Attributes:
        number: The highest number of the events that were given out; 0 before the first.
    """

    def __init__(self, path: Path, number: int = 0) -> None:
        """Read nothing yet.

        Args:
            path: The Delta table, which need not exist.
            number: Events up to it are known already.
        """
        self.number = number
        self._path = path
        self._table: DeltaTable | None = None
        self._id: str | None = None

    def look(self) -> tuple[LogEvent, ...]:
        """The events since the last look, in their order; an idle look asks for one file.

        A compaction brings none. Where a file is gone that a commit has brought, all rows are asked for
        what is new; so is another table that took the place of this one, from its beginning.
        """
        if self._table is None:
            return self._begin()
        version = self._table.version()
        if self._commit(version + 1).exists():
            return self._follow(self._table, version + 1)
        return () if self._commit(version).exists() else self._begin()

    def _commit(self, version: int) -> Path:
        return self._path / "_delta_log" / f"{version:020}.json"

    def _begin(self) -> tuple[LogEvent, ...]:
        self._table = open_table(self._path)
        if self._table is None:
            return ()
        identity = str(self._table.metadata().id)
        if self._id not in {None, identity}:
            self.number = 0
        self._id = identity
        return self._taken(select(self._table, "*", [f"{ORDER} > {self.number}"], ""))

    def _follow(self, table: DeltaTable, version: int) -> tuple[LogEvent, ...]:
        try:
            table.update_incremental()
            rows = rows_of(table.load_cdf(starting_version=version).read_all()).rows
        except Exception:  # noqa: BLE001 - delta-rs has no class for a file that is gone
            return self._begin()
        return self._taken(rows)

    def _taken(self, rows: Iterable[Mapping[str, Any]]) -> tuple[LogEvent, ...]:
        events = sorted(map(log_event, rows), key=lambda e: e.number)
        self.number = max((self.number, *(e.number for e in events)))
        return tuple(events)
