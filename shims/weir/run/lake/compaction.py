"""Keeps the tables that Weir writes for itself small: one file where there were hundreds, no old log.

Whoever finds a table grown does it. A kill at any point leaves a whole table: files are gathered in one
commit, and what is removed is needed by no version that is kept.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from weir.run.lake.storage import open_table

FILES = 128  # of a table that has grown
VERSIONS = 1000  # that a stream over the table may lag behind
LARGE = 16 * 1024 * 1024  # bytes of a file that is left as it is


def compact(path: Path) -> str | None:
    """Gather the files of a table that has grown; what went wrong, in a line."""
    try:
        table = open_table(path) if _has_grown(path) else None
        if table is not None and len(table.file_uris()) > FILES:
            table.optimize.compact(target_size=LARGE)
        if table is not None:
            _forget(table, path)
    except CommitFailedError:
        return None  # another one does it at this moment
    except BaseException as error:  # noqa: BLE001 - delta-rs' panics are no Exceptions
        return str(error).partition("\n")[0]
    return None


def _has_grown(path: Path) -> bool:
    return sum(1 for _ in path.glob("*.parquet")) > FILES


def _forget(table: DeltaTable, path: Path) -> None:
    """Remove the log before the last checkpoint that is old enough, and the files that only it names."""
    log = path / "_delta_log"
    checkpoints = (int(file.name[:20]) for file in log.glob("[0-9]*.checkpoint*.parquet"))
    first = max((v for v in checkpoints if v <= table.version() - VERSIONS), default=0)
    old = sorted(file for file in log.glob("[0-9]*") if int(file.name[:20]) < first)
    if old:
        hours = math.ceil((time.time() - (log / f"{first:020}.json").stat().st_mtime) / 3600)
        table.vacuum(hours, dry_run=False, enforce_retention_duration=False)
    for file in old:  # the oldest first: what is left has no gap, whenever a kill comes
        file.unlink(missing_ok=True)
