"""Which source files were saved, as the system tells it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from watchfiles import watch

from weir.bundle.sources import SKIPPED, SUFFIXES

WATCHED = (*SUFFIXES, ".yml", ".yaml")
LOOK_SECONDS = 0.1


class Saves:
    """Hears of folders."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """What is saved from now on is heard, also while nobody waits."""
        self._folders = tuple(folder.resolve() for folder in folders)
        self._sets = self._watched()
        next(self._sets)  # starts to listen

    def wait(self, seconds: float) -> frozenset[Path]:
        """The files that were saved, made or removed since the last call; none if nothing is for so long."""
        until = time.monotonic() + seconds
        while not (saved := next(self._sets)) and time.monotonic() < until:
            pass
        return saved

    def _watched(self) -> Iterator[frozenset[Path]]:
        looks = round(LOOK_SECONDS * 1000)
        for changes in watch(
            *self._folders, watch_filter=lambda _, path: self._is_source(Path(path)),
            rust_timeout=looks, yield_on_timeout=True,
        ):  # fmt: skip
            yield frozenset(Path(path) for _, path in changes)

    def _is_source(self, path: Path) -> bool:
        """Is it a source that lies in no hidden folder and in none of a tool?"""
        if not path.name.endswith(WATCHED):
            return False
        below = [path.relative_to(f).parts for f in self._folders if path.is_relative_to(f)]
        return any(not any(_is_passed_over(part) for part in parts[:-1]) for parts in below)


def _is_passed_over(folder: str) -> bool:
    return folder.startswith(".") or folder in SKIPPED
