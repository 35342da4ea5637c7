"""An event log without an update around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from weir.run.listeners.eventlog import EventLog
from weir.run.listeners.listener import Listeners
from weir.run.listeners.rows import EventRows


@contextmanager
def event_log(
    path: Path,
    origin: Mapping[str, str],
    say: Callable[[str], None] = print,
    clock: Callable[[], int] = time.time_ns,
    generations: Mapping[str, int] | None = None,
) -> Iterator[Listeners]:
    """Who tells events to the log in a folder."""
    rows = EventRows(origin, clock)
    rows.generations = generations or {}
    with EventLog(path, say) as log:
        yield Listeners(rows.of, [rows, log], say)
