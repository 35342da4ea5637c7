"""An update as a whole: it holds the pipeline's lock and tells what happens, also how it ended."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from weir.graph.analysis import Graph
from weir.model.events import Event, Record, update_progress
from weir.model.problems import WeirError
from weir.model.request import Selection, Settings
from weir.model.results import DatasetResult, State
from weir.plan.steps import Plan, Verb
from weir.run.definition_events import (
    create_update,
    definition_events,
    runtime_details,
    user_action,
    user_name,
)
from weir.run.eventlog import EventLog, pipeline_id
from weir.run.lock import UpdateLock, jvm_of, update_lock
from weir.run.storage import Storage


class Update:
    """An update that runs."""

    def __init__(self, update_id: str, lock: UpdateLock, log: EventLog, tell: Record) -> None:
        self.id = update_id
        self._lock = lock
        self._log = log
        self._tell = tell

    def record(self, event: Event) -> None:
        """Into the log first: who else is told may fail."""
        self._log.record(event)
        self._tell(event)

    def progress(self, state: str, error: tuple[tuple[str, str], ...] = ()) -> None:
        """The next state (specification §5.4)."""
        level = "ERROR" if state == State.FAILED else "INFO"
        self.record(update_progress(self.id, state, level, error))

    def runs_on(self, session: Any) -> None:
        """The session is there, and nothing is written yet."""
        self._lock.names_jvm(jvm_of(session))
        self.record(runtime_details(session.version))

    def planned(self, graph: Graph, plan: Plan) -> None:
        """What it is made of is known."""
        self._log.generations = {s.flow: s.generation for s in plan.flows if s.flow}
        for event in definition_events(graph, plan):
            self.record(event)
        if any(s.verb is Verb.RESET for s in plan.setup):
            self.progress("RESETTING")

    def ended(self, datasets: tuple[DatasetResult, ...]) -> State:
        """All flows have ended: failed if one has."""
        failed = any(d.state in {State.FAILED, State.SKIPPED} for d in datasets)
        state = State.FAILED if failed else State.COMPLETED
        self.progress(state, tuple(("FlowFailed", d.error) for d in datasets if d.error))
        return state


@contextmanager
def one_update(
    update_id: str, settings: Settings, selection: Selection, tell: Record, own_jvm: int | None,
    say: Callable[[str], None],
) -> Iterator[Update]:  # fmt: skip
    """Hold the lock, keep the log; whatever ends the update early is told before it is raised.

    Args:
        tell: Told every event besides the log.
        own_jvm: This process's JVM if it is there already.
        say: Told when this takes long, or the log can't be written.

    Raises:
        WeirError: Another update of the pipeline runs.
    """
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
    held = update_lock(storage.lock(name), name, update_id, own_jvm, say)
    with held as lock, EventLog(storage.events(name), origin, say) as log:
        update = Update(update_id, lock, log, tell)
        try:
            update.record(create_update(update_id, user, settings, selection))
            update.record(user_action(update_id, user))
            update.progress("WAITING_FOR_RESOURCES")
            yield update
        except KeyboardInterrupt:
            update.progress(State.CANCELED)
            raise
        except BaseException as error:
            update.progress(State.FAILED, _causes(error))
            raise


def _causes(error: BaseException) -> tuple[tuple[str, str], ...]:
    if isinstance(error, WeirError):
        return tuple((p.condition, p.message) for p in error.problems)
    return ((type(error).__name__, str(error)),)
