"""Calls the pipeline's event hooks beside the update, one at a time, in one thread (specification §6.7)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any

from weir.model.blame import user_problem
from weir.model.definitions import Hook
from weir.model.events import Event, Recorder, hook_progress
from weir.run.listeners.listener import Listener, Row, Say
from weir.run.listeners.rows import rest_json

GRACE = 5.0  # seconds that hooks have after the update


@dataclass
class _HookState:
    """A hook and how often it has failed in a row."""

    hook: Hook
    failures: int = 0

    @property
    def disabled(self) -> bool:
        return self.hook.limit is not None and self.failures > self.hook.limit


class HookCalls(Listener):
    """The events of one update for its hooks; until the sources are loaded they wait in line."""

    def __init__(self, say: Say) -> None:
        """No thread yet.

        Args:
            say: Told, once, that events were given up.
        """
        self._say = say
        self._record: Recorder = lambda _: None
        self._events: SimpleQueue[Mapping[str, Any] | None] = SimpleQueue()
        self._wanted = True
        self._given_up = False

    def heard(self, event: Event, row: Row) -> None:
        """One more event; never waits."""
        del event
        if self._wanted and is_for_hooks(row):
            self._events.put(rest_json(row))

    @contextmanager
    def calling(self, hooks: tuple[Hook, ...], record: Recorder) -> Iterator[None]:
        """Call hooks during this block, and for a time of grace after it.

        Args:
            record: Told how hooks fail.
        """
        self._record = record
        self._wanted = bool(hooks)
        thread = Thread(target=self._deliver, args=(hooks,), name="event-hooks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._events.put(None)
            thread.join(GRACE)
            self._given_up = thread.is_alive()
            if self._given_up:  # the end mark that still waits stands for the event that hangs
                self._say(f"{self._events.qsize()} events did not reach the event hooks in {GRACE:g} s")

    def _deliver(self, hooks: tuple[Hook, ...]) -> None:
        called = [_HookState(h) for h in hooks]
        while (event := self._events.get()) is not None:
            for one in called:
                if not (one.disabled or self._given_up):
                    self._call(one, event)

    def _call(self, one: _HookState, event: Mapping[str, Any]) -> None:
        try:
            one.hook.function(copy.deepcopy(dict(event)))
        except BaseException as error:  # noqa: BLE001 - sys.exit() in a hook is a failure too
            one.failures += 1
            if not self._given_up:
                self._tell(one, error)
        else:
            one.failures = 0

    def _tell(self, one: _HookState, error: BaseException) -> None:
        hook = one.hook
        problem = user_problem("EVENT_HOOK_FAILED", error, hook.origin)
        self._record(hook_progress(hook.name, "FAILED", f"at {problem.origin}: {problem.message}"))
        if one.disabled:
            why = f"until the next update, after {one.failures} consecutive failures"
            self._record(hook_progress(hook.name, "DISABLED", why))


def is_for_hooks(event: Mapping[str, Any]) -> bool:
    """Hooks hear of what is stable, and never of themselves."""
    return event["maturity_level"] == "STABLE" and event["event_type"] != "hook_progress"
