"""What a verb is asked to do, and the session in which it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyspark.sql import SparkSession

from weir.define.mentions import mentions
from weir.model.request import Outside, Selection, Settings
from weir.run.lake.lock import jvm_of
from weir.run.lake.storage import Storage
from weir.run.listeners.listener import Listener
from weir.run.machine.session import connect_session, start_session
from weir.run.update.stop import Stop


@dataclass(frozen=True, slots=True)
class Request:
    """What a verb is asked to do, and with what.

    Attributes:
        focus: Only these datasets and what they read; None for all.
        remote: A Spark Connect server; None runs in this process.
        session: A session to use instead of starting one (tests).
        say: Told what takes long.
        listeners: Who hears of a run besides its log, hooks and records.
        stop: Asks a run to end early.
    """

    settings: Settings
    outside: Outside = field(default_factory=Outside)
    selection: Selection = field(default_factory=Selection)
    focus: tuple[str, ...] | None = None
    remote: str | None = None
    session: SparkSession | None = None
    say: Callable[[str], None] = lambda _: None
    listeners: tuple[Listener, ...] = ()
    stop: Stop = field(default_factory=Stop)

    @property
    def jvm(self) -> int | None:
        """The process id of the JVM that runs before a session is started for it; None if none does."""
        return jvm_of(self.session or SparkSession.getActiveSession())


def one_session(requests: tuple[Request, ...]) -> tuple[Request, ...]:
    """The requests, all of them with one session in this process, for which the first one's log is kept.

    It is started with the entries of the configuration on which all agree: no pipeline has those of another.
    """
    kafka = any(_names_kafka(request.settings) for request in requests)
    entries = common_entries([request.settings.configuration for request in requests])
    settings = replace(requests[0].settings, configuration=entries)
    session = session_for(replace(requests[0], settings=settings), kafka=kafka)
    return tuple(replace(request, session=session) for request in requests)


def common_entries(configurations: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The entries that are the same in all configurations."""
    return dict(set.intersection(*(set(c.items()) for c in configurations)))


def session_for(request: Request, *, kafka: bool | None = None) -> SparkSession:
    """The request's own or a new one, with Kafka if it is wanted or, by default, if its sources name it."""
    if request.session:
        return request.session
    if request.remote:
        return connect_session(request.remote)
    settings = request.settings
    log = Storage(settings.storage).log(settings.name)
    kafka = _names_kafka(settings) if kafka is None else kafka
    return start_session(log, settings.configuration, request.say, kafka=kafka, lasting=settings.continuous)


def _names_kafka(settings: Settings) -> bool:
    """By a text in the sources, or by an entry of the configuration that chooses it."""
    chosen = "kafka" in settings.configuration.values()
    return chosen or mentions("kafka", settings.files, settings.roots)
