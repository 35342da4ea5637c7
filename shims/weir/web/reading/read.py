"""What the event log of a pipeline says of its updates: the last ones, one of them, a dataset over many."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable

from weir.history.logs import ORDER, last_updates, select, text_of
from weir.model.problems import Problem, WeirError
from weir.run.lake.storage import Storage, open_table
from weir.web.processes.holders import holder_of
from weir.web.states.fold import before_its_events, ended_without_a_word, fold, with_plan
from weir.web.states.log import LogEvent, log_event
from weir.web.states.objects import NOTHING, Object
from weir.web.states.panel import DatasetRun, PipelineState
from weir.web.states.state import UpdateState, UpdateSummary

SHOWN = 30  # updates over which a dataset is followed
_OF_UPDATES = "event_type IN ('create_update', 'update_progress')"


@dataclass(frozen=True, slots=True)
class PipelineLog:
    """The event log of a pipeline, opened once and read as it was then."""

    storage: Storage
    pipeline: str
    table: DeltaTable

    def summaries(self, count: int = SHOWN) -> tuple[UpdateSummary, ...]:
        """The last updates, the newest last."""
        running = running_update(self.storage, self.pipeline)
        updates = self._updates(last_updates(self.table, count), [_OF_UPDATES])
        return tuple((u if u.id == running else ended_without_a_word(u)).summary for u in updates)

    def id_of(self, prefix: str) -> str | None:
        """The newest update whose id begins like this; None if there is none."""
        where = ["event_type = 'create_update'", f"starts_with(origin['update_id'], {text_of(prefix)})"]
        rows = select(self.table, "origin['update_id'] AS id", where, f"ORDER BY {ORDER} DESC LIMIT 1")
        return rows[0]["id"] if rows else None

    def update(self, update_id: str) -> UpdateState:
        """One update with its plan; told as lost where its process is gone."""
        holder = running_update(self.storage, self.pipeline)
        [update] = self._updates([update_id], [])
        return settled(self.storage, self.pipeline, update, holder)

    def history(self, dataset: str, count: int = SHOWN) -> tuple[DatasetRun, ...]:
        """What the last updates did with a dataset, the oldest first; those without it are left out."""
        name, quoted = text_of(dataset), text_of(json.dumps(dataset, ensure_ascii=False))
        about = f"origin['dataset_name'] = {name} OR origin['sink_name'] = {name}"
        counted = f"event_type = 'flow_progress' AND level = 'METRICS' AND strpos(details, {quoted}) > 0"
        ids = last_updates(self.table, count)
        updates = self._updates(ids, [f"({_OF_UPDATES} OR {about} OR ({counted}))"])
        return tuple(DatasetRun(u.summary, u.datasets[dataset]) for u in updates if dataset in u.datasets)

    def _updates(self, ids: Sequence[str], where: Iterable[str]) -> list[UpdateState]:
        """The updates, each folded from those of its events for which a condition holds."""
        listed = ", ".join(map(text_of, ids)) or "''"
        conditions = [f"origin['update_id'] IN ({listed})", *where]
        events: dict[str, list[LogEvent]] = {i: [] for i in ids}
        for row in select(self.table, "*", conditions, f"ORDER BY {ORDER}"):
            event = log_event(row)
            events[event.update].append(event)
        return [fold(before_its_events(i), told) for i, told in events.items()]


def open_log(storage: Storage, pipeline: str) -> PipelineLog | None:
    """The event log of a pipeline; None where it has not run.

    Raises:
        WeirError: It is there and can't be read.
    """
    try:
        table = open_table(storage.events(pipeline))
        if table is None:
            return None
        select(table, ORDER, [], "LIMIT 0")
    except Exception as error:  # of many classes, and of none
        raise WeirError(_unreadable(pipeline, str(error))) from error
    return PipelineLog(storage, pipeline, table)


def _unreadable(pipeline: str, why: str) -> Problem:
    text = f"The event log of `{pipeline}` can't be read: {why.partition(chr(10))[0]}"
    return Problem("EVENT_LOG_UNREADABLE", text, hint="perhaps a newer Weir wrote it")


def pipelines(storage: Storage, names: Iterable[str] = (), count: int = 20) -> tuple[PipelineState, ...]:
    """The pipelines of a storage and of a bundle, by their names.

    Args:
        names: Those of the bundle.
        count: How many updates of each are told.
    """
    return tuple(_pipeline(storage, name, count) for name in sorted({*storage.logged(), *names}))


def _pipeline(storage: Storage, name: str, count: int) -> PipelineState:
    holder = holder_of(storage.lock(name))
    try:
        log = open_log(storage, name)
    except WeirError as error:
        return PipelineState(name, holder=holder, trouble=error.problems[0].message)
    if log is None:
        return PipelineState(name, holder=holder)
    summaries = log.summaries(count)
    last = log.update(summaries[-1].id) if summaries else None
    return PipelineState(name, summaries, last, holder)


def running_update(storage: Storage, pipeline: str) -> str | None:
    """The id of the update whose process lives and holds the lock, which is only read.

    To be asked before the log is read: an update tells its end before it lets the lock go.
    """
    holder = holder_of(storage.lock(pipeline))
    return holder.update_id if holder else None


def settled(storage: Storage, pipeline: str, update: UpdateState, running: str | None) -> UpdateState:
    """An update with its plan, and lost if it has no end and its process is gone.

    Args:
        running: What `running_update` said before the update's events were read.
    """
    planned = update if update.steps else with_plan(update, _plan(storage.plan(pipeline, update.id)))
    return planned if planned.id == running else ended_without_a_word(planned)


def _plan(file: Path) -> Object:
    try:
        content: Mapping[str, object] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return NOTHING
    return content
