"""The event log of a pipeline as it grows: its updates, and the states of those that were looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from weir.history.logs import ORDER, select
from weir.run.lake.storage import Storage
from weir.web.reading.read import open_log, running_update, settled
from weir.web.reading.tail import Tail
from weir.web.states.fold import before_its_events, fold
from weir.web.states.log import LogEvent
from weir.web.states.state import UpdateState, UpdateSummary

KEPT = 32  # updates whose whole state is kept
LISTED = 200  # of the last updates
OF_UPDATES = frozenset({"create_update", "update_progress"})


class Followed:
    """A log, and what was read of it.

    Attributes:
        summaries: Of the last updates, the oldest first.
    """

    def __init__(self, storage: Storage, pipeline: str) -> None:
        """Read nothing yet."""
        self.summaries: dict[str, UpdateSummary] = {}
        self._storage, self._pipeline = storage, pipeline
        self._tail: Tail | None = None
        self._unseen: tuple[LogEvent, ...] = ()  # read for a state, and not given by `look` yet
        self._updates: OrderedDict[str, UpdateState] = OrderedDict()

    @property
    def newest(self) -> str | None:
        """The id of the newest update."""
        return next(reversed(self.summaries), None)

    def look(self) -> tuple[LogEvent, ...]:
        """What came since the last look; nothing at the first, which reads the list of updates.

        Raises:
            WeirError: The log can't be read.
        """
        if self._tail is None:
            return self._begin()
        self._read()
        unseen, self._unseen = self._unseen, ()
        return unseen

    def update(self, update_id: str) -> UpdateState | None:
        """The state of an update, with its plan; lost if its process is gone. None if it is not listed."""
        if update_id not in self.summaries:
            return None
        running = running_update(self._storage, self._pipeline)
        self._read()
        if update_id not in self._updates:
            log = open_log(self._storage, self._pipeline)
            if log is None:
                return None
            self._keep(log.update(update_id))
        return settled(self._storage, self._pipeline, self._updates[update_id], running)

    def _read(self) -> None:
        events = self._tail.look() if self._tail else ()
        self._take(events)
        self._unseen += events

    def _begin(self) -> tuple[LogEvent, ...]:
        log = open_log(self._storage, self._pipeline)
        if log is not None:
            self.summaries = {s.id: s for s in log.summaries(LISTED)}
            [row] = select(log.table, f"max({ORDER}) AS number", [], "")
            self._tail = Tail(self._storage.events(self._pipeline), row["number"] or 0)
        return ()

    def _take(self, events: Iterable[LogEvent]) -> None:
        by_update: dict[str, list[LogEvent]] = {}
        for event in events:
            by_update.setdefault(event.update, []).append(event)
        for update_id, told in by_update.items():
            self._summarize(update_id, told)
            if update_id in self._updates:
                self._keep(fold(self._updates[update_id], told))

    def _summarize(self, update_id: str, told: Iterable[LogEvent]) -> None:
        known = self.summaries.get(update_id)
        before = UpdateState(known) if known else before_its_events(update_id)
        self.summaries[update_id] = fold(before, [e for e in told if e.type in OF_UPDATES]).summary

    def _keep(self, update: UpdateState) -> None:
        self._updates[update.id] = update
        self._updates.move_to_end(update.id)
        while len(self._updates) > KEPT:
            self._updates.popitem(last=False)
