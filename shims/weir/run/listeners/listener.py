"""Who hears of an update: its log, its hooks, its records, the terminal, a test. None of them can hurt it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from weir.model.events import Event
from weir.model.lineage import Trace
from weir.plan.outline import Outline

Row = Mapping[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """Who ran what, and when.

    Attributes:
        action: REFRESH or FULL_REFRESH.
        state: How it ended.
    """

    user: str
    host: str
    action: str
    pipeline: str
    job_id: str
    state: str
    started_at: datetime
    ended_at: datetime


class Listener:
    """Hears of an update, one thing after the other, in any thread."""

    def planned(self, outline: Outline) -> None:
        """What the update is made of is known; nothing was written yet."""

    def heard(self, event: Event, row: Row) -> None:
        """Something happened.

        Args:
            row: The event as a row of the event log.
        """

    def ended(self, ran: UpdateRecord, trace: Trace) -> None:
        """The update is over, and all its events were told."""


class Listeners:
    """Tells everything to all who listen; one that raises hears no more."""

    def __init__(self, row_of: Callable[[Event], Row], listeners: Iterable[Listener], say: Say) -> None:
        """Nothing has happened.

        Args:
            row_of: Makes the row of an event.
            listeners: Told in this order.
            say: Told, in a sentence, what people should know of the telling itself.
        """
        self._row_of = row_of
        self._listeners = list(listeners)
        self._say = say
        self._in_order = threading.RLock()

    def record(self, event: Event) -> None:
        """Tell an event."""
        with self._in_order:
            row = self._row_of(event)
            self._each(lambda listener: listener.heard(event, row))

    def planned(self, outline: Outline) -> None:
        """Tell what the update is made of."""
        self._each(lambda listener: listener.planned(outline))

    def ended(self, ran: UpdateRecord, trace: Trace) -> None:
        """Tell that it is over."""
        self._each(lambda listener: listener.ended(ran, trace))

    def say(self, sentence: str) -> None:
        """A sentence for people, if anybody is there to read it."""
        with suppress(Exception, SystemExit):
            self._say(sentence)

    def _each(self, tell: Callable[[Listener], None]) -> None:
        with self._in_order:
            for listener in tuple(self._listeners):
                try:
                    tell(listener)
                except KeyboardInterrupt:
                    raise
                except BaseException as error:  # noqa: BLE001 - rich exits where the terminal is gone
                    self._listeners.remove(listener)
                    name = type(listener).__name__
                    self.say(f"{name} gets no more events of this update: {type(error).__name__}: {error}")
