"""Who updates a pipeline just now: read from the record in its lock, which is never taken for that."""

from __future__ import annotations

import getpass
import json
import os
import signal
import socket
from pathlib import Path

import psutil

from weir.model.problems import Problem, WeirError
from weir.run.lake.lock import SAME_START, Holder


def holder_of(lock: Path) -> Holder | None:
    """The record of a lock whose process lives; one on another host counts as living."""
    try:
        holder = Holder(**json.loads(lock.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return holder if holder.host != socket.gethostname() or lives(holder.pid, holder.started) else None


def lives(pid: int, started: float) -> bool:
    """Does the very process still run that began then (seconds of the epoch)?"""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < SAME_START
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def stop(pipeline: str, lock: Path, *, kill: bool = False) -> int:
    """Ask the process that updates a pipeline to end, wherever it was started; its id.

    Args:
        kill: Do not ask it.

    Raises:
        WeirError: There is none, or it is on another host or another user's.
    """
    holder = holder_of(lock)
    if holder is None:
        raise _refused("UPDATE_NOT_RUNNING", f"No update of `{pipeline}` runs.", "nothing is to be done")
    if holder.host != socket.gethostname():
        text = f"The update of `{pipeline}` runs on {holder.host}."
        raise _refused("UPDATE_ELSEWHERE", text, f"end process {holder.pid} there")
    if (user := psutil.Process(holder.pid).username()) != _user():
        text = f"The update of `{pipeline}` is {user}'s."
        raise _refused("UPDATE_OF_ANOTHER_USER", text, f"ask {user} to end process {holder.pid}")
    os.kill(holder.pid, signal.SIGKILL if kill else signal.SIGTERM)
    return holder.pid


def _user() -> str:
    try:
        return psutil.Process().username()
    except KeyError:  # of a container's user, who has no name
        return getpass.getuser()


def _refused(condition: str, text: str, hint: str) -> WeirError:
    return WeirError(Problem(condition, text, hint=hint))
