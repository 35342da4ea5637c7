"""An update as a whole: it holds the pipeline's lock and tells what happens, also how it ended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from weir.graph.analysis import Graph, ResolvedSink
from weir.model.definitions import Hook
from weir.model.events import Event, Record, deprecation, update_progress
from weir.model.lineage import Trace
from weir.model.problems import WeirError
from weir.model.request import Selection, Settings
from weir.model.results import DatasetResult, State
from weir.plan.steps import Plan, Setup
from weir.run.lake.lock import UpdateLock, jvm_of, update_lock
from weir.run.lake.storage import Storage
from weir.run.listeners import openlineage
from weir.run.listeners.definition_events import (
    create_update,
    definition_events,
    runtime_details,
    user_action,
    user_name,
)
from weir.run.listeners.eventlog import EventLog, pipeline_id, rest_json
from weir.run.listeners.hooks import HookCalls
from weir.run.listeners.records import Ran, write_records
from weir.run.update.stop import Stop


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of an update besides its log.

    Attributes:
        events: Every event.
        rows: Every event as Databricks' REST API has it.
        say: A sentence: this takes long, the log can't be written, events were given up.
    """

    events: Record
    rows: Callable[[Mapping[str, Any]], None]
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """The update that was asked for.

    Attributes:
        cause: USER_ACTION or RETRY_ON_FAILURE (specification §5.4).
        stop: Asks for its early end.
    """

    id: str
    settings: Settings
    selection: Selection
    cause: str
    stop: Stop


class Update:
    """An update that runs."""

    def __init__(self, asked: Asked, lock: UpdateLock, log: EventLog, told: Told) -> None:
        self.id = asked.id
        self.trace = Trace()
        self.state = State.FAILED
        self._stop = asked.stop
        self._lock = lock
        self._log = log
        self._told = told
        self._hooks = HookCalls(self.record, told.say)
        self._in_order = threading.Lock()
        self._over = False

    def record(self, event: Event) -> None:
        """Into the log first: who else is told may fail."""
        with self._in_order:
            row = rest_json(self._log.record(event))
            self._hooks.put(row)
            self._told.rows(row)
            self._told.events(event)

    def progress(self, state: str, error: tuple[tuple[str, str], ...] = ()) -> None:
        """The next state (specification §5.4)."""
        level = "ERROR" if state == State.FAILED else "INFO"
        self.record(update_progress(self.id, state, level, error))

    def runs_on(self, session: Any) -> None:
        """The session is there, and nothing is written yet."""
        self._lock.names_jvm(jvm_of(session))
        self.record(runtime_details(session.version))

    @contextmanager
    def loaded(self, hooks: tuple[Hook, ...], deprecations: Mapping[str, str]) -> Iterator[None]:
        """The sources are read: hooks hear all that was told and that is told in this block, also its end."""
        with self._hooks.calling(hooks), self.tells_its_end():
            for code, text in deprecations.items():
                self.record(deprecation(code, text))
            yield

    def planned(self, graph: Graph, plan: Plan) -> None:
        """What it is made of is known."""
        self._log.generations = {s.flow: s.generation for s in plan.flows if s.flow}
        self._log.sinks = frozenset(n for n, d in graph.datasets.items() if isinstance(d, ResolvedSink))
        for event in definition_events(graph):
            self.record(event)
        if any(s.verb is Setup.RESET for s in plan.setup):
            self.progress("RESETTING")

    def stopping(self) -> None:
        """Someone asked for the end."""
        if not self._over:
            self.record(user_action(self.id, user_name(), "CANCEL"))
            self.progress("STOPPING")

    def ended(self, datasets: tuple[DatasetResult, ...]) -> State:
        """All flows have ended: failed if one has, canceled if one was stopped."""
        states = {d.state for d in datasets}
        state = State.CANCELED if State.STOPPED in states else State.COMPLETED
        if not states.isdisjoint({State.FAILED, State.SKIPPED}):
            state = State.FAILED
        self._ends(state, tuple(("FlowFailed", d.error) for d in datasets if d.error))
        return state

    @contextmanager
    def tells_its_end(self) -> Iterator[None]:
        """What ends the update early is told, once, before it is raised."""
        try:
            yield
        except BaseException as error:
            if self._stop.asked or isinstance(error, KeyboardInterrupt):
                self._ends(State.CANCELED)
            else:
                self._ends(State.FAILED, _causes(error))
            raise

    def _ends(self, state: State, causes: tuple[tuple[str, str], ...] = ()) -> None:
        if not self._over:
            self._over = True
            self.state = state
            self.progress(state, causes)


@contextmanager
def one_update(asked: Asked, told: Told, own_jvm: int | None) -> Iterator[Update]:
    """Hold the lock, keep the log; whatever ends the update early is told before it is raised.

    Args:
        told: Told what happens, besides the log.
        own_jvm: This process's JVM if it is there already.

    Raises:
        WeirError: Another update of the pipeline runs.
    """
    settings, update_id = asked.settings, asked.id
    storage, name, user = Storage(settings.storage), settings.name, user_name()
    origin = {
        "cloud": "local",
        "user": user,
        "host": socket.gethostname(),
        "pipeline_id": pipeline_id(name, settings.storage),
        "pipeline_type": "WORKSPACE",
        "pipeline_name": name,
        "update_id": update_id,
        "request_id": update_id,
    }
    held = update_lock(storage.lock(name), name, update_id, own_jvm, told.say)
    with held as lock, EventLog(storage.events(name), origin, told.say) as log:
        update, started = Update(asked, lock, log, told), datetime.now(UTC)
        try:
            with update.tells_its_end():
                update.record(create_update(update_id, user, settings, asked.selection, asked.cause))
                update.record(user_action(update_id, user, "START"))
                update.progress("WAITING_FOR_RESOURCES")
                yield update
        finally:
            ran = _ran(asked, user, origin["host"], update.state, started)
            write_records(storage, settings.namespace.catalog, ran, update.trace, told.say)
            endpoint = settings.configuration.get(openlineage.ENTRY)
            if endpoint:
                openlineage.emit(endpoint, settings.storage.as_uri(), ran, update.trace, told.say)


def _ran(asked: Asked, user: str, host: str, state: State, started: datetime) -> Ran:
    """The row of the audit log."""
    selection = asked.selection
    fully = selection.full_refresh_all or selection.full_refresh
    action = "FULL_REFRESH" if fully else "REFRESH"
    return Ran(user, host, action, asked.settings.name, asked.id, state, started, datetime.now(UTC))


def _causes(error: BaseException) -> tuple[tuple[str, str], ...]:
    if isinstance(error, WeirError):
        return tuple((p.condition, p.message) for p in error.problems)
    return ((type(error).__name__, str(error)),)
