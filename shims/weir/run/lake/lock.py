"""One update of a pipeline at a time: a lock that names its holder, taken over safely from a dead one.

The kernel drops the lock when Python dies, but not Python's JVM, which may go on to commit for a
while: whoever takes over waits for that process to end.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import psutil

from weir.model.problems import Problem, WeirError, unsupported

try:
    import fcntl
except ImportError:
    raise unsupported("Windows", "run Weir in WSL, the Windows Subsystem for Linux") from None

PATIENCE = 60.0  # seconds that a JVM without its Python is waited for
SAME_START = 2.0  # the clock that start times are counted from is set now and then


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock, as its file says.

    Attributes:
        started: When the process started: with the pid it names one process for ever.
        jvm_pid: The process that writes; None before it is known and over Spark Connect.
        since: When the lock was taken.
        lease: Of a JVM that others use too: the file that is there until nothing of ours runs in it.
    """

    host: str
    pid: int
    started: float
    update_id: str
    since: str
    jvm_pid: int | None = None
    jvm_started: float | None = None
    lease: str | None = None

    @property
    def text(self) -> str:
        """The content of the lock's file."""
        return json.dumps({k: v for k, v in asdict(self).items() if k != "lease" or v})


class UpdateLock:
    """A lock that is held.

    Attributes:
        kept: Something may still write when it is let go: who comes next has to wait for the JVM's end.
    """

    def __init__(self, file: TextIO, holder: Holder) -> None:
        self.kept = False
        self._file = file
        self._holder = holder
        _write(file, holder.text)

    def names_jvm(self, pid: int | None, lease: str | None = None) -> None:
        """Write down the process that a successor must wait for; before it writes anything."""
        started = psutil.Process(pid).create_time() if pid else None
        self._holder = replace(self._holder, jvm_pid=pid, jvm_started=started, lease=lease)
        _write(self._file, self._holder.text)


@contextmanager
def update_lock(
    path: Path,
    pipeline: str,
    update_id: str = "",
    own_jvm: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    patience: float = PATIENCE,
) -> Iterator[UpdateLock]:
    """Hold the lock of a pipeline; a clean end leaves no record in its file.

    Args:
        path: The lock's file: made when missing, never removed.
        own_jvm: This process's JVM, which nobody need wait for.
        say: Told when it has to wait.
        patience: How many seconds it waits at most.

    Raises:
        WeirError: Another update of the pipeline runs, or its JVM does not end.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WeirError(_running(pipeline, _read(file))) from None
        dead = _read(file)
        if dead is not None and not _is_ours(dead, own_jvm):
            _outlive(dead, pipeline, path, say, patience)
        lock = UpdateLock(file, _myself(update_id))
        try:
            yield lock
        finally:
            if not lock.kept:
                _write(file, "")


def jvm_of(session: Any) -> int | None:
    """The process of a session's JVM; None over Spark Connect, and where the JVM started Python."""
    value = session
    for name in ("_sc", "_gateway", "proc", "pid"):
        value = getattr(value, name, None)
    return value


def lease_of(session: Any) -> str | None:
    """The file that tells whether something of this process runs in a JVM that others use too."""
    gateway = getattr(getattr(session, "_sc", None), "_gateway", None)
    return vars(gateway).get("lease") if gateway is not None else None  # what it has not, it asks the JVM for


def _is_ours(dead: Holder, own_jvm: int | None) -> bool:
    """Did this process leave the record, or one whose JVM we have now, all for us?"""
    if dead.lease is not None:
        return dead.pid == os.getpid()
    return dead.jvm_pid in {None, own_jvm}


def _myself(update_id: str) -> Holder:
    process = psutil.Process()
    since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return Holder(socket.gethostname(), process.pid, process.create_time(), update_id, since)


def _outlive(dead: Holder, pipeline: str, path: Path, say: Callable[[str], None], patience: float) -> None:
    """Wait for the JVM of a killed update."""
    if dead.host != socket.gethostname():
        raise WeirError(_elsewhere(pipeline, dead, path))
    deadline = time.monotonic() + patience
    if _alive(dead):
        say(f"waiting for Java process {dead.jvm_pid} of a killed update to end")
    while _alive(dead):
        if time.monotonic() >= deadline:
            raise WeirError(_survivor(pipeline, dead))
        time.sleep(0.1)  # psutil's own wait never ends for a zombie that nobody collects


def _alive(dead: Holder) -> bool:
    """Does the very process still run for it? One that nobody collects, as in containers, does not."""
    if dead.lease is not None and not Path(dead.lease).exists():
        return False
    try:
        process = psutil.Process(dead.jvm_pid)
        same = abs(process.create_time() - (dead.jvm_started or 0.0)) < SAME_START
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _read(file: TextIO) -> Holder | None:
    """The record of the file; None where there is none, or its writer is just at it."""
    file.seek(0)
    try:
        return Holder(**json.loads(file.read()))
    except (ValueError, TypeError):
        return None


def _write(file: TextIO, text: str) -> None:
    file.truncate(0)
    file.write(text)
    file.flush()
    os.fsync(file.fileno())


def _running(pipeline: str, holder: Holder | None) -> Problem:
    who = "another process"
    if holder is not None:
        who = f"process {holder.pid} on {holder.host}, since {holder.since}"
    return Problem(
        "UPDATE_ALREADY_RUNNING",
        f"An update of pipeline `{pipeline}` is running: {who}.",
        hint="wait for it, or end that process; another --storage is another pipeline",
    )


def _survivor(pipeline: str, dead: Holder) -> Problem:
    return Problem(
        "UPDATE_ALREADY_RUNNING",
        f"The last update of pipeline `{pipeline}` (process {dead.pid} on {dead.host}, since "
        f"{dead.since}) was killed, but its Java process {dead.jvm_pid} still runs and may write.",
        hint=f"end it: kill {dead.jvm_pid}",
    )


def _elsewhere(pipeline: str, dead: Holder, path: Path) -> Problem:
    return Problem(
        "UPDATE_ALREADY_RUNNING",
        f"The last update of pipeline `{pipeline}` did not end cleanly: process {dead.pid} on "
        f"{dead.host}, since {dead.since}; this machine can't tell whether it is still writing.",
        hint=f"make sure that it is gone on {dead.host}, then remove {path}",
    )
