"""Ends an update early: a signal asks, all that Spark does is canceled, and the flows end where they stand.

A signal only leaves a mark: an exception out of its handler could break a call to the JVM in two.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from weir.run.frames.below import is_remote

LOOK_SECONDS = 0.2
PATIENCE = 30.0  # seconds that flows have to end


class Stop:
    """Whether an update was asked to end.

    Attributes:
        signal: The number of the signal that asked.
    """

    def __init__(self, *signals: signal.Signals, patience: float = PATIENCE) -> None:
        """Know what to listen to: nothing by default.

        Args:
            patience: Seconds that flows have to end.
        """
        self.signals = signals
        self.signal: int | None = None
        self._patience = patience
        self._since = 0.0

    @property
    def asked(self) -> bool:
        """Shall it end?"""
        return self.signal is not None

    @property
    def overdue(self) -> bool:
        """Has it been asked to end for longer than flows need to?"""
        return self.asked and time.monotonic() - self._since > self._patience

    def ask(self, number: int = signal.SIGTERM, frame: FrameType | None = None) -> None:
        """Ask for the end.

        Raises:
            KeyboardInterrupt: Asked by Ctrl-C a second time.
        """
        del frame
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        if not self.asked:
            self._since = time.monotonic()
        self.signal = number

    def pause(self, seconds: float) -> bool:
        """Wait; false as soon as it shall end."""
        until = time.monotonic() + seconds
        while not self.asked and (seconds_left := until - time.monotonic()) > 0:
            time.sleep(min(seconds_left, LOOK_SECONDS))
        return not self.asked

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Let the signals ask; to be entered after the session was built, since PySpark takes SIGINT too."""
        before = {number: signal.signal(number, self.ask) for number in self.signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def cancels(self, session: SparkSession, stopping: Callable[[], None]) -> Iterator[None]:
        """Cancel what the session does in this block, once it shall end.

        Args:
            stopping: Called before.
        """
        over = threading.Event()

        def watch() -> None:
            while not self.asked:
                if over.wait(LOOK_SECONDS):
                    return
            stopping()
            while not over.wait(LOOK_SECONDS):
                cancel(session)

        watcher = threading.Thread(target=watch, name="stop", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join(PATIENCE)  # a JVM that hangs takes it along


def cancel(session: SparkSession) -> None:
    """End all queries and jobs of a session."""
    end_streams(session, lambda _: True)
    with suppress(*GONE):
        if is_remote(session):
            session.interruptAll()
        else:
            session.sparkContext.cancelAllJobs()


def end_streams(session: SparkSession, which: Callable[[str], bool]) -> None:
    """End the queries of some names; one that does not end keeps no other waiting."""
    with suppress(*GONE):
        for query in session.streams.active:
            with suppress(*GONE):
                if which(query.name):
                    query.stop()


GONE = (PySparkException, Py4JError, OSError)  # where the JVM is gone nothing runs
