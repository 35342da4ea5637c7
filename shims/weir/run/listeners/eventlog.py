"""The event log: one Delta table a pipeline with Databricks' columns (specification §6.2).

delta-rs writes it, no Spark job does. Events are gathered for a second, since a commit an event
makes thousands of files. An update never fails or waits because of its log.
"""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from weir.model.events import Event
from weir.run.lake import compaction
from weir.run.lake.append import append_rows
from weir.run.listeners.listener import Listener, Row, Say
from weir.run.listeners.rows import SCHEMA

PAUSE = 1.0


class EventLog(Listener):
    """The log of one update, while it is entered."""

    def __init__(self, path: Path, say: Say) -> None:
        """Touch nothing yet.

        Args:
            path: The Delta table, made by the first write.
            say: Told, once, that the log can't be written.
        """
        self._path, self._say = path, say
        self._guard = threading.Lock()
        self._waiting: list[Row] = []
        self._commits = 0
        self._failed = False
        self._ending = threading.Event()
        self._writer = threading.Thread(target=self._write, name="event-log", daemon=True)

    def __enter__(self) -> Self:
        self._writer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._ending.set()
        self._writer.join()

    def heard(self, event: Event, row: Row) -> None:
        """Put an event in line."""
        del event
        with self._guard:
            self._waiting.append(row)

    def _write(self) -> None:
        while not self._ending.wait(PAUSE):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        with self._guard:
            rows, self._waiting = self._waiting, []
        if not rows:
            return
        self._tell(append_rows(self._path, rows, SCHEMA), "written")
        if self._commits % compaction.FILES == 0:
            self._tell(compaction.compact(self._path), "compacted")
        self._commits += 1

    def _tell(self, error: str | None, what: str) -> None:
        if error is not None and not self._failed:
            self._say(f"the event log could not be {what}: {error}")
            self._failed = True
