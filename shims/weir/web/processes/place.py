"""What the page keeps in a storage, in `ui/`, for its user alone; and where a server of it listens."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from weir.web.processes.holders import lives

FOLDER = "ui"


@dataclass(frozen=True, slots=True)
class Running:
    """A server of a storage, as it wrote it down.

    Attributes:
        token: Lets a browser in, once.
        started: When its process began.
    """

    port: int
    token: str
    pid: int
    started: float
    read_only: bool

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://127.0.0.1:{self.port}/?t={self.token}"


def private(path: Path, mode: str) -> IO[str]:
    """Open a file that only the user can read; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return open(path, mode, encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600))


def write_down(folder: Path, running: Running) -> None:
    """Let a second server of the same storage know of this one."""
    draft = folder / "server.draft"
    draft.unlink(missing_ok=True)
    with private(draft, "w") as file:
        json.dump(asdict(running), file)
    draft.replace(folder / "server.json")


def running_at(folder: Path) -> Running | None:
    """The server of a storage; None if none runs."""
    try:
        running = Running(**json.loads((folder / "server.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return running if lives(running.pid, running.started) else None


def forget(folder: Path, pid: int) -> None:
    """Take the record of a server away that ends, unless another one has taken its place."""
    running = running_at(folder)
    if running is not None and running.pid == pid:
        (folder / "server.json").unlink(missing_ok=True)
