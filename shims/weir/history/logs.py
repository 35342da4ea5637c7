"""The event log of a pipeline: which one is meant, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from weir.bundle.bundle import find_bundle, read_bundle
from weir.bundle.sources import name_of
from weir.model.problems import Problem, WeirError, closest
from weir.run.lake.query import query
from weir.run.lake.storage import Storage, open_table

ORDER = "sequence['control_plane_seq_no']"


def log_of(pipeline: str | None, place: Storage) -> tuple[str, DeltaTable]:
    """A pipeline's name and event log; the only one where none is named.

    Args:
        pipeline: Its name, its key in the bundle, or the file or folder that was run.

    Raises:
        WeirError: There is none, or there are several.
    """
    there = {name: log for name, at in place.logged().items() if (log := open_table(at)) is not None}
    name = next(iter(there), None) if pipeline is None and len(there) == 1 else pipeline
    if name is not None and name not in there:
        name = _name_in_bundle(name) or name_of((name,), Path.cwd(), place.root)
    if name not in there:
        raise _no_pipeline(pipeline, place, sorted(there))
    return name, there[name]


def _name_in_bundle(key: str) -> str | None:
    """What the bundle here calls the pipeline of a key."""
    file = find_bundle(Path.cwd())
    pipeline = read_bundle(file, None).pipelines.get(key) if file else None
    return pipeline.name if pipeline else None


def _no_pipeline(pipeline: str | None, place: Storage, there: Sequence[str]) -> WeirError:
    if pipeline is None and there:
        sentence = f"There are several pipelines in {place.root}."
        return WeirError(Problem("PIPELINE_NOT_NAMED", sentence, hint=f"name one of: {', '.join(there)}"))
    sentence = f"No pipeline {f'`{pipeline}` ' if pipeline else ''}has run in {place.root}."
    hint = closest(pipeline or "", there) or f"available: {', '.join(there) or 'none yet'}"
    return WeirError(Problem("PIPELINE_NOT_FOUND", sentence, hint=hint))


def events(
    log: DeltaTable, limit: int, *, update: str | None = None, level: str | None = None,
    event_type: str | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The last events, newest last.

    Args:
        limit: How many at most.
        update: The beginning of an update's id.
    """
    wanted = {"level": level, "event_type": event_type}
    where = [f"{column} = {text_of(value)}" for column, value in wanted.items() if value]
    where += [f"starts_with(origin['update_id'], {text_of(update)})"] if update else []
    return select(log, "*", where, f"ORDER BY {ORDER} DESC LIMIT {int(limit)}")[::-1]


def last_updates(log: DeltaTable, count: int) -> list[str]:
    """Ids of the last updates, oldest first."""
    rows = select(
        log, "origin['update_id'] AS id", ["event_type = 'create_update'"],
        f"ORDER BY {ORDER} DESC LIMIT {int(count)}",
    )  # fmt: skip
    return [r["id"] for r in reversed(rows)]


def select(log: DeltaTable, columns: str, where: Iterable[str], rest: str) -> list[dict[str, Any]]:
    """Rows of a log.

    Args:
        columns: As in SELECT.
        where: Conditions that all hold.
        rest: What follows WHERE.
    """
    condition = " AND ".join(where) or "TRUE"
    return query(log, f"SELECT {columns} FROM t WHERE {condition} {rest}").rows


def text_of(value: str) -> str:
    """A text as the log's SQL has it."""
    return "'" + value.replace("'", "''") + "'"
