"""What a verb is asked to do, and the session in which it is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from pyspark.sql import SparkSession

from weir.define.mentions import mentions
from weir.model.settings import TOPIC, Outside, Selection, Settings
from weir.model.trial import Trial
from weir.run.code.formats import FORMATS
from weir.run.code.functions import know_functions
from weir.run.lake.lock import jvm_of
from weir.run.lake.storage import Storage
from weir.run.listeners.listener import Listener
from weir.run.machine.session import Launch, connect_session, launch_of, session_of
from weir.run.update.stop import Stop
from weir.run.update.surroundings import request_looks


@dataclass(frozen=True, slots=True)
class Request:
    """What a verb is asked to do, and with what.

    Attributes:
        focus: Only these datasets and what they read, views as tables; the last parts of a name suffice. None
            for all.
        saved: If not empty, only what these sources define and all that reads it, where that can be told.
        remote: A Spark Connect server; None runs in this process.
        session: A session to use instead of starting one (tests).
        start: Starts the session that it shares with others, or gives it.
        looks: What settings, environment and program look like before a session is started; None where no
            update can be told without one.
        say: Told what takes long.
        remark: Told what people need not know: whether a warm engine is used, and why not.
        listeners: Who hears of a run besides its log, hooks and records.
        stop: Asks a run to end early.
        trial: What a test changes of the world.
    """

    settings: Settings
    outside: Outside = field(default_factory=Outside)
    selection: Selection = field(default_factory=Selection)
    focus: tuple[str, ...] | None = None
    saved: frozenset[str] = frozenset()
    remote: str | None = None
    session: SparkSession | None = None
    start: Callable[[], SparkSession] | None = None
    looks: Mapping[str, str] | None = None
    say: Callable[[str], None] = lambda _: None
    remark: Callable[[str], None] = lambda _: None
    listeners: tuple[Listener, ...] = ()
    stop: Stop = field(default_factory=Stop)
    trial: Trial = field(default_factory=Trial)

    @property
    def jvm(self) -> int | None:
        """The process id of the JVM that runs before a session is started for it; None if none does."""
        return jvm_of(self.session or SparkSession.getActiveSession())

    def with_looks(self) -> Request:
        """The request with its looks, if it is whole, triggered and in a session that is started for it."""
        plain = Request(self.settings, self.outside)
        asks = (self.selection, self.focus, self.saved, self.remote, self.session, self.trial)
        nothing = (plain.selection, plain.focus, plain.saved, plain.remote, plain.session, plain.trial)
        if self.looks or asks != nothing or self.settings.continuous:
            return self
        return replace(self, looks=request_looks(self.settings, self.outside))


def one_session(requests: tuple[Request, ...]) -> tuple[Request, ...]:
    """The requests, all of them with one session in this process, for which the first one's log is kept.

    It is started where the first needs it, with the entries of the configuration on which all agree: no
    pipeline has those of another.
    """

    @cache
    def start() -> SparkSession:
        more = frozenset().union(*(_jars_of(request) for request in requests))
        entries = common_entries([request.settings.configuration for request in requests])
        settings = replace(requests[0].settings, configuration=entries)
        return session_for(replace(requests[0], settings=settings), more)

    return tuple(replace(request, start=start) for request in requests)


def common_entries(configurations: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The entries that are the same in all configurations."""
    return dict(set.intersection(*(set(c.items()) for c in configurations)))


def session_for(request: Request, more: frozenset[str] | None = None) -> SparkSession:
    """The request's own or a new one, with these jars beside Delta's, or by default those that it needs."""
    session = _session_for(request, more)
    know_functions(session)
    return session


def _session_for(request: Request, more: frozenset[str] | None) -> SparkSession:
    if request.session:
        return request.session
    if request.start:
        return request.start()
    if request.remote:
        return connect_session(request.remote)
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    launch = launch_for(request, more=more, lasting=request.settings.continuous)
    return session_of(launch, request.remark)


def launch_for(request: Request, *, more: Collection[str] | None = None, lasting: bool) -> Launch:
    """How a JVM for a request is started, see `session_for`.

    Args:
        lasting: Whether it will last for minutes.

    Raises:
        WeirError: No Java, or its jars can't be had.
    """
    settings = request.settings
    log = Storage(settings.storage).log(settings.name)
    more = _jars_of(request) if more is None else more
    return launch_of(log, settings.configuration, request.say, more=more, lasting=lasting)


def _jars_of(request: Request) -> frozenset[str]:
    """Those of formats that a text in the sources names, or an entry of the configuration."""
    settings, formats = request.settings, {name: f.jars for name, f in FORMATS.items() if f.jars}
    topics = {"kafka"} if any(map(TOPIC.fullmatch, request.outside.streams.values())) else set[str]()
    chosen = formats.keys() & settings.configuration.values()
    in_sources = mentions(formats.keys() - chosen, settings.files, settings.roots)
    return frozenset(topics | {formats[name] for name in chosen | in_sources})
