"""An update as a whole: it holds the pipeline's lock and tells what happens, also how it ended."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from weir.graph.analysis import Graph
from weir.model.definitions import Hook
from weir.model.events import deprecation, update_progress
from weir.model.lineage import Trace
from weir.model.problems import WeirError
from weir.model.results import DatasetResult, State
from weir.model.settings import Selection, Settings
from weir.plan.outline import outline_of
from weir.plan.steps import Plan, Setup
from weir.run.lake.lock import UpdateLock, jvm_of, lease_of, update_lock
from weir.run.lake.storage import Storage
from weir.run.listeners import openlineage
from weir.run.listeners.definition_events import (
    create_update,
    definition_events,
    runtime_details,
    user_action,
    user_name,
)
from weir.run.listeners.eventlog import EventLog
from weir.run.listeners.hooks import HookCalls
from weir.run.listeners.listener import Listener, Listeners, Say, UpdateRecord
from weir.run.listeners.plans import PlanFile
from weir.run.listeners.records import Records
from weir.run.listeners.rows import EventRows, pipeline_id
from weir.run.update.stop import Stop


@dataclass(frozen=True, slots=True)
class UpdateOrder:
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

    def __init__(self, order: UpdateOrder, lock: UpdateLock, listeners: Listeners, hooks: HookCalls) -> None:
        """Nothing is told yet.

        Args:
            hooks: One of the listeners, which has yet to hear of the pipeline's functions.
        """
        self.id = order.id
        self.trace = Trace()
        self.state = State.FAILED
        self.listeners = listeners
        self.record = listeners.record
        self._stop = order.stop
        self._lock = lock
        self._hooks = hooks
        self._over = False

    def progress(self, state: str, error: tuple[tuple[str, str], ...] = ()) -> None:
        """The next state (specification §5.4)."""
        level = "ERROR" if state == State.FAILED else "INFO"
        self.record(update_progress(self.id, state, level, error))

    def runs_on(self, session: Any) -> None:
        """The session is there, and nothing is written yet."""
        self._lock.names_jvm(jvm_of(session), lease_of(session))
        self.record(runtime_details(session.version))

    @contextmanager
    def loaded(self, hooks: tuple[Hook, ...], deprecations: Mapping[str, str]) -> Iterator[None]:
        """The sources are read: hooks hear all that was told and that is told in this block, also its end."""
        with self._hooks.calling(hooks, self.record), self.tells_its_end():
            for code, text in deprecations.items():
                self.record(deprecation(code, text))
            yield

    def planned(self, graph: Graph, plan: Plan) -> None:
        """What it is made of is known."""
        self.listeners.planned(outline_of(graph, plan))
        for event in definition_events(graph):
            self.record(event)
        if any(s.verb is Setup.RESET for s in plan.setup):
            self.progress("RESETTING")

    def leaves_running(self) -> None:
        """Some of its flows did not end with it."""
        self._lock.kept = True

    def stopping(self) -> None:
        """Someone asked for the end."""
        if not self._over:
            self.record(user_action(self.id, user_name(), "CANCEL"))
            self.progress("STOPPING")

    def ended(self, datasets: tuple[DatasetResult, ...]) -> State:
        """All flows have ended."""
        state = state_of(datasets)
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


def state_of(datasets: tuple[DatasetResult, ...]) -> State:
    """How flows ended together: failed if one has, canceled if one was stopped."""
    states = {d.state for d in datasets}
    if not states.isdisjoint({State.FAILED, State.SKIPPED}):
        return State.FAILED
    return State.CANCELED if State.STOPPED in states else State.COMPLETED


@contextmanager
def one_update(
    order: UpdateOrder, listening: Sequence[Listener], say: Say, own_jvm: int | None
) -> Iterator[Update]:
    """Hold the lock and tell what happens; whatever ends the update early is told before it is raised.

    Args:
        listening: Who hears of it besides its log, its hooks and its records.
        say: Told, in a sentence, what people should know: it waits, something can't be written.
        own_jvm: This process's JVM if it is there already.

    Raises:
        WeirError: Another update of the pipeline runs.
    """
    settings = order.settings
    storage, name = Storage(settings.storage), settings.name
    user, host = user_name(), socket.gethostname()
    log, hooks = EventLog(storage.events(name), say), HookCalls(say)
    plan = PlanFile(storage, name, order.id)
    after = [Records(storage, settings.namespace.catalog, say), *_openlineage(settings, say)]
    rows = EventRows(_origin(order, user, host))
    listeners = Listeners(rows.of, [rows, log, hooks, plan, *listening, *after], say)
    with update_lock(storage.lock(name), name, order.id, own_jvm, say) as lock, log:
        update, started = Update(order, lock, listeners, hooks), datetime.now(UTC)
        try:
            with update.tells_its_end():
                update.record(create_update(order.id, user, settings, order.selection, order.cause))
                update.record(user_action(order.id, user, "START"))
                update.progress("WAITING_FOR_RESOURCES")
                yield update
        finally:
            listeners.ended(_ran(order, user, host, update.state, started), update.trace)


def _openlineage(settings: Settings, say: Say) -> Iterator[Listener]:
    if endpoint := settings.configuration.get(openlineage.ENTRY):
        yield openlineage.OpenLineage(endpoint, settings.storage.as_uri(), say)


def _origin(order: UpdateOrder, user: str, host: str) -> Mapping[str, Any]:
    """What all events of the update have in common."""
    settings = order.settings
    return {
        "cloud": "local",
        "user": user,
        "host": host,
        "pipeline_id": pipeline_id(settings.name, settings.storage),
        "pipeline_type": "WORKSPACE",
        "pipeline_name": settings.name,
        "update_id": order.id,
        "request_id": order.id,
    }


def _ran(order: UpdateOrder, user: str, host: str, state: State, started: datetime) -> UpdateRecord:
    """The row of the audit log."""
    selection = order.selection
    fully = selection.full_refresh_all or selection.full_refresh
    action = "FULL_REFRESH" if fully else "REFRESH"
    return UpdateRecord(user, host, action, order.settings.name, order.id, state, started, datetime.now(UTC))


def _causes(error: BaseException) -> tuple[tuple[str, str], ...]:
    if isinstance(error, WeirError):
        return tuple((p.condition, p.message) for p in error.problems)
    return ((type(error).__name__, str(error)),)
