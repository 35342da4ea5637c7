"""All pipelines of a storage and a bundle as they are now, and what changed lately. Threads may share it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

from weir.bundle.bundle import find_bundle, read_bundle
from weir.model.problems import WeirError
from weir.run.lake.lock import Holder
from weir.run.lake.storage import Storage
from weir.web.processes.holders import holder_of
from weir.web.processes.jobs import Jobs
from weir.web.reading.follow import Followed
from weir.web.states.log import LogEvent
from weir.web.states.objects import inner, objects, text
from weir.web.states.panel import PipelineState
from weir.web.states.state import UpdateState

OFTEN = 0.2  # seconds between two looks
KEPT = 2_000  # changes that a page can catch up with


@dataclass(frozen=True, slots=True)
class Changed:
    """What one look saw of one pipeline.

    Attributes:
        number: Orders all changes since the server began.
        datasets: Those of which something is another.
        whole: The page of the update has another shape.
    """

    number: int
    pipeline: str
    update: str
    datasets: frozenset[str]
    events: tuple[LogEvent, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """What is shown.

    Attributes:
        folder: Where verbs are run.
        keys: Name of a pipeline of the bundle -> its key there.
    """

    storage: Storage
    folder: Path
    target: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def at(cls, folder: Path, storage: Path, target: str | None) -> Project:
        """The project of a folder.

        Raises:
            WeirError: Its bundle can't be read.
        """
        file = find_bundle(folder)
        pipelines = read_bundle(file, target).pipelines if file else {}
        return cls(Storage(storage), folder, target, {p.name: key for key, p in pipelines.items()})

    @property
    def own(self) -> Path:
        """Where all is kept that the page itself writes."""
        return self.storage.root / "ui"


class World:
    """The logs that are followed.

    Attributes:
        jobs: The verbs that were started from the page.
        boot: Tells this server from one that ran before.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.jobs = Jobs(project.own, project.folder)
        self.boot = token_hex(4)
        self._guard = threading.RLock()
        self._logs: dict[str, Followed] = {}
        self._trouble: dict[str, str] = {}
        self._runs: dict[str, Holder | None] = {}
        self._changes: deque[Changed] = deque(maxlen=KEPT)
        self._number, self._looked = 0, 0.0

    @property
    def number(self) -> int:
        """Of the last change."""
        return self._number

    def look(self) -> None:
        """See what others have written since; at most five times a second."""
        with self._guard:
            if time.monotonic() - self._looked < OFTEN:
                return
            for name in self.project.storage.logged():
                if name not in self._logs:
                    self._logs[name] = Followed(self.project.storage, name)
            for name, log in self._logs.items():
                self._look_at(name, log)
            self._looked = time.monotonic()

    def names(self) -> list[str]:
        """The bundle's pipelines, then others that have run here."""
        self.look()
        return list(dict.fromkeys([*self.project.keys, *self._logs]))

    def pipeline(self, name: str, *, whole: bool = True) -> PipelineState | None:
        """A pipeline as it is now.

        Args:
            name: Its name.
            whole: With the state of its newest update.
        """
        if name not in self.names():
            return None
        with self._guard:
            log = self._logs.get(name)
            newest = self.update(name, log.newest) if log and log.newest and whole else None
            summaries = tuple(log.summaries.values()) if log else ()
            if newest is not None:
                summaries = (*summaries[:-1], newest.summary)
            return PipelineState(name, summaries, newest, self.holder(name), self._trouble.get(name))

    def update(self, name: str, wanted: str) -> UpdateState | None:
        """An update by the beginning of its id."""
        with self._guard:
            log = self._logs.get(name)
            known = [i for i in (log.summaries if log else ()) if i.startswith(wanted)]
            return log.update(known[-1]) if log and known else None

    def last(self, name: str, count: int) -> list[UpdateState]:
        """The last updates of a pipeline, the oldest first."""
        with self._guard:
            log = self._logs.get(name)
            ids = list(log.summaries)[-count:] if log else []
            states = [self.update(name, i) for i in ids]
        return [s for s in states if s is not None]

    def before(self, update: UpdateState) -> UpdateState | None:
        """The update before another one of its pipeline."""
        with self._guard:
            log = self._logs.get(update.pipeline)
            ids = list(log.summaries) if log else []
            at = ids.index(update.id) if update.id in ids else 0
            return self.update(update.pipeline, ids[at - 1]) if at else None

    def holder(self, name: str) -> Holder | None:
        """Who updates it."""
        return holder_of(self.project.storage.lock(name))

    def since(self, number: int) -> Sequence[Changed] | None:
        """The changes after a number; None where they are not kept any more."""
        with self._guard:
            first = self._changes[0].number if self._changes else self._number + 1
            if number + 1 < first or number > self._number:
                return None
            return [c for c in self._changes if c.number > number]

    def _look_at(self, name: str, log: Followed) -> None:
        try:
            events = log.look()
            self._trouble.pop(name, None)
        except (OSError, WeirError) as error:
            self._trouble[name] = error.problems[0].message if isinstance(error, WeirError) else str(error)
            return
        holder = self.holder(name)
        moved = holder != self._runs.get(name, holder)
        self._runs[name] = holder
        for changed in _changes(name, events, self._number):
            self._note(changed)
        if moved and log.newest:
            self._note(Changed(self._number + 1, name, log.newest, frozenset(), whole=True))

    def _note(self, changed: Changed) -> None:
        self._changes.append(changed)
        self._number = changed.number


SHAPING = frozenset(
    {"create_update", "dataset_definition", "flow_definition", "sink_definition", "update_progress"}
)


def _about(event: LogEvent) -> Iterator[str]:
    """The datasets that an event moves: its own, and views whose rules its flow counted."""
    if event.dataset:
        yield event.dataset
    for rule in objects(inner(event.details, "data_quality"), "expectations"):
        yield text(rule, "dataset") or ""


def _changes(pipeline: str, events: Sequence[LogEvent], number: int) -> Iterator[Changed]:
    for update in dict.fromkeys(e.update for e in events):
        mine = tuple(e for e in events if e.update == update)
        datasets = frozenset(name for e in mine for name in _about(e))
        number += 1
        yield Changed(number, pipeline, update, datasets, mine, any(e.type in SHAPING for e in mine))
