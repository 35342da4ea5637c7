"""Which source files were saved."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from weir.bundle.sources import SKIPPED, SUFFIXES

WATCHED = (*SUFFIXES, ".yml", ".yaml")
LOOK_SECONDS = 0.3


class Saves:
    """Looks at folders again and again."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """What is there now counts as seen."""
        self._folders = tuple(folders)
        self._seen = self._state()

    def wait(self, seconds: float) -> frozenset[Path]:
        """The files that were saved, made or removed since the last call; none if nothing is for so long."""
        until = time.monotonic() + seconds
        while not (saved := self._saved()) and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        return saved

    def _saved(self) -> frozenset[Path]:
        before, self._seen = self._seen, self._state()
        return frozenset(path for path, _ in before.items() ^ self._seen.items())

    def _state(self) -> Mapping[Path, tuple[int, int]]:
        return {path: state for folder in self._folders for path, state in _files(folder)}


def _files(folder: Path) -> Iterable[tuple[Path, tuple[int, int]]]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED and not name.startswith(".")]
        for name in files:
            if name.endswith(WATCHED):
                path = Path(place, name)
                try:
                    state = path.stat()
                except FileNotFoundError:
                    continue  # an editor was just replacing it
                yield path, (state.st_mtime_ns, state.st_size)
