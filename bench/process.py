"""One measured run: a fresh process, timed until it returns, with nothing left over for the next."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SETTLE = 120  # seconds for what a run left behind: a JVM writes Weir's class archive as it exits


@dataclass(frozen=True, slots=True)
class Done:
    """How a process ended; `code` is None if it took too long."""

    seconds: float
    code: int | None


def timed(command: Sequence[str], folder: Path, env: Mapping[str, str], log: Path, limit: float) -> Done:
    """Run a command in a session of its own.

    Args:
        command: What to run.
        folder: Where.
        env: The whole environment.
        log: For its output; `.err` is appended for its errors.
        limit: Seconds after which it is ended.
    """
    with log.open("wb") as out, log.with_suffix(f"{log.suffix}.err").open("wb") as err:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True,
        )  # fmt: skip
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            seconds = time.perf_counter() - begin
            _end_session(process.pid, SETTLE if process.returncode is not None else 0)
    return Done(seconds, code)


def _end_session(leader: int, patience: float) -> None:
    """Wait for the processes of a session that we started; end what is left after that."""
    end = time.monotonic() + patience
    while (left := _members(leader)) and time.monotonic() < end:
        time.sleep(0.2)  # which processes they are changes: there is no single one to wait for
    for process in left:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, timeout=10)


def _members(leader: int) -> list[psutil.Process]:
    return [p for p in psutil.process_iter() if _session(p.pid) == leader and _alive(p)]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
