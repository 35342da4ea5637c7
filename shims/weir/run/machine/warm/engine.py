"""Keeps a JVM for others: one client at a time, and nothing of a client when it has gone."""

from __future__ import annotations

import fcntl
import os
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

from weir.model.problems import Problem, WeirError
from weir.run.machine.conf import CONF
from weir.run.machine.warm.door import heard, tell
from weir.run.machine.warm.fit import Needs, unfit
from weir.run.machine.warm.lease import Lease
from weir.run.machine.warm.place import private_folder

LOOK_SECONDS = 0.5
QUESTION_SECONDS = 1.0
KILL_SECONDS = 30.0
MUCH, LOST = "it has grown", "its JVM has gone"
RESTARTS = (MUCH, LOST)  # reasons after which another may follow
GONE = (Py4JError, OSError, psutil.Error)


@dataclass(frozen=True, slots=True)
class Limits:
    """When an engine ends by itself.

    Attributes:
        idle: Seconds without a client.
        memory: Bytes of the JVM and its workers, looked at when a client has gone.
    """

    idle: float = float("inf")
    memory: float = float("inf")


@dataclass(frozen=True, slots=True)
class Client:
    """Who has the JVM now.

    Attributes:
        record: A file that is there until nothing of the client runs any more.
    """

    process: psutil.Process
    connection: socket.socket
    lease: Lease
    record: Path

    def has_gone(self) -> bool:
        """Has it ended, or left?"""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) or not self.process.is_running()


class WarmEngine:
    """A session that is lent.

    Attributes:
        over: Set to end it.
        jvm: The process that it keeps.
    """

    def __init__(self, session: SparkSession, has: Needs, path: Path) -> None:
        """Nobody can ask for it yet.

        Args:
            has: What its JVM was started with.
            path: The socket at which it can be asked for.
        """
        known: Any = session
        self.over = threading.Event()
        self._session, self._has, self._path = session, has, path
        self.jvm = psutil.Process(known._sc._gateway.proc.pid)
        self._client: Client | None = None
        self._served = 0
        self._used = time.monotonic()

    def serve(self, limits: Limits, ready: threading.Event | None = None) -> str:
        """Lend the JVM until `over`, or until it ends for another reason, which is returned.

        Raises:
            WeirError: Another engine serves the project, or the folder is not the user's alone.
        """
        with self._listening() as listener:
            if ready is not None:
                ready.set()
            try:
                while not (reason := self._reason(limits)):
                    self._look(listener)
            except GONE:
                reason = LOST
            finally:
                if self._client is not None:
                    with suppress(*GONE):
                        self._let_go(self._client)
            return reason

    def _reason(self, limits: Limits) -> str | None:
        if self.over.is_set():
            return "it was asked to"
        if not self.jvm.is_running() or self.jvm.status() == psutil.STATUS_ZOMBIE:
            return LOST
        if self._client is not None:
            return None
        if time.monotonic() - self._used > limits.idle:
            return f"nobody has used it for {limits.idle:.0f} seconds"
        return f"{MUCH} beyond {limits.memory:,.0f} bytes" if self._memory() > limits.memory else None

    def _look(self, listener: socket.socket) -> None:
        sockets = [listener, *([self._client.connection] if self._client else [])]
        select.select(sockets, [], [], LOOK_SECONDS)
        if self._client is not None and self._client.has_gone():
            self._let_go(self._client)
        with suppress(BlockingIOError):
            connection, _ = listener.accept()
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(QUESTION_SECONDS)
        with suppress(OSError, ValueError, LookupError, TypeError, psutil.NoSuchProcess):  # no answer
            question = heard(connection)
            if question["wish"] == "lease":
                self._lend(connection, question)
                return
            if question["wish"] == "stop":
                self.over.set()
            tell(connection, self._state())
        connection.close()

    def _lend(self, connection: socket.socket, question: Mapping[str, Any]) -> None:
        process = psutil.Process(question["pid"])
        wanted = Needs(**{**question["needs"], "jars": tuple(question["needs"]["jars"])})
        refusal = (
            "another process has it" if self._client else unfit(self._has, wanted) or self._fixed(wanted)
        )
        if refusal:
            tell(connection, {"refusal": refusal})
            connection.close()
            return
        self._served += 1
        lease = Lease(self._session, self._served)
        record = self._path.with_suffix(f".{lease.tag}.lease")
        record.write_text(str(self.jvm.pid), encoding="utf-8")
        self._client = Client(process, connection, lease, record)
        told = {"jvm": self.jvm.pid, "record": str(record), "settings": self._changes(wanted)}
        tell(connection, {**lease.address, **told})

    def _changes(self, wanted: Needs) -> dict[str, str | None]:
        """What the client must set so that its session is as if it had started the JVM."""
        has = self._has.settings
        more = {k: v for k, v in wanted.settings.items() if has.get(k) != v}
        return more | {k: CONF.get(k) for k in has if k not in wanted.settings}

    def _fixed(self, wanted: Needs) -> str | None:
        conf = self._session.conf
        fixed = [k for k in self._changes(wanted) if not conf.isModifiable(k)]
        return f"it was started with another {', '.join(fixed)}" if fixed else None

    def _let_go(self, client: Client) -> None:
        """End what the client has started.

        Raises:
            WeirError: It does not end; the JVM has been killed.
        """
        client.connection.close()
        if not client.lease.end(self.jvm):
            self.jvm.kill()
            self.jvm.wait(KILL_SECONDS)
        client.record.unlink(missing_ok=True)
        self._client, self._used = None, time.monotonic()

    def _state(self) -> dict[str, Any]:
        client = self._client.process.pid if self._client else None
        idle = time.monotonic() - self._used
        return {"pid": os.getpid(), "jvm": self.jvm.pid, "client": client, "served": self._served,
                "idle": idle, "memory": self._memory()}  # fmt: skip

    def _memory(self) -> int:
        return self.jvm.memory_info().rss + sum(map(size, self.jvm.children(recursive=True)))

    @contextmanager
    def _listening(self) -> Iterator[socket.socket]:
        """The socket, while nobody else serves the project; one that a killed engine left is replaced."""
        private_folder(self._path.parent)
        with self._path.with_suffix(".lock").open("w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise WeirError(_running(self._path)) from None
            self._path.unlink(missing_ok=True)
            self._remove_records()
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(self._path))
                self._path.chmod(0o600)
                listener.listen()
                listener.setblocking(False)
                try:
                    yield listener
                finally:
                    self._path.unlink(missing_ok=True)

    def _remove_records(self) -> None:
        """Those of JVMs that have ended with their engine."""
        for record in self._path.parent.glob(f"{self._path.stem}.*.lease"):
            if not psutil.pid_exists(int(record.read_text(encoding="utf-8"))):
                record.unlink()


def size(process: psutil.Process) -> int:
    """The bytes that a process holds; none once it has ended, which a worker may do at any moment."""
    with suppress(psutil.NoSuchProcess):
        return process.memory_info().rss
    return 0


def _running(path: Path) -> Problem:
    return Problem(
        "ENGINE_ALREADY_RUNNING", f"A warm engine listens at {path} already.", hint="weir dev --stop"
    )
