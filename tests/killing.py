"""Real processes that are killed at a moment."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path


def kill_when(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Kill at once when a file appears; the process must still be running then."""
    while not path.exists():
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise AssertionError(process.wait(0.002), "the update ended before the moment came")
    process.kill()
    process.wait()
