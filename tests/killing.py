"""Real processes: they are killed at a moment, and none is waited for without an end."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from weir.run.machine.warm.place import socket_path

Process = TypeVar("Process", bound=subprocess.Popen[Any])
PATIENCE = 300.0  # seconds: more than anything takes here


def mortal(process: Process, seconds: float = PATIENCE) -> Process:
    """The process, which is killed then: whoever reads from it or waits for it goes on, and fails."""
    killer = threading.Timer(seconds, process.kill)
    killer.daemon = True
    killer.start()
    return process


def ends(process: subprocess.Popen[Any], seconds: float = PATIENCE) -> int:
    """The exit code of a process; one that does not end in time is killed, and the test fails by its name.

    It has ended when nothing of it runs in the JVM that it was lent either: a test goes on in the same one.
    """
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(seconds)
        raise AssertionError(f"it did not end within {seconds} seconds: {process.args}") from None
    if engine := socket_path(Path()):
        until(lambda: not any(engine.parent.glob("*.lease")), seconds)
    return code


def until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Look until something holds."""
    late = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < late, f"it did not come within {seconds} seconds"


def kill_when(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Kill at once when a file appears; the process must still be running then."""

    def appeared() -> bool:
        if path.exists():
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise AssertionError(process.wait(0.002), "the update ended before the moment came")
        return False

    try:
        until(appeared)
    finally:
        process.kill()
        ends(process)
