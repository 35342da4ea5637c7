"""Modules of a project that Python does not find by itself here (specification §1.6)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType


class FoldersElsewhere:
    """Finds what nobody else does in the folders that stand for those that are not here.

    Notebooks append `/Workspace/Users/me/project`, and `os.path.abspath("../lib")` of their own folder,
    which is the working directory there. Others import what lies between them and the root of their
    pipeline, which may be any folder above them here.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = roots

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What Python asks a finder of its `sys.meta_path`."""
        if path is not None:  # of a package, which knows its folders
            return _of_own_databricks(name) if name.startswith("databricks.") else None
        missing = (Path(entry) for entry in sys.path if not Path(entry).exists())
        folders = [folder for entry in missing for folder in self._folders(entry)]
        return PathFinder.find_spec(name, [str(f) for f in (*folders, *self._between())], target)

    def _between(self) -> Iterator[Path]:
        """The folders above one root that lie below another, the nearest first."""
        for root in self.roots:
            yield from (above for above in root.parents if any(r in above.parents for r in self.roots))

    def _folders(self, entry: Path) -> Iterator[Path]:
        """Those that an entry means: as seen from a root, else its longest tails below one."""
        seen_from_here = Path(os.path.relpath(entry))
        tails = (Path(*entry.parts[n:]) for n in range(1, len(entry.parts)))
        candidates = (root / path for path in (seen_from_here, *tails) for root in self.roots)
        return (folder.resolve() for folder in candidates if folder.is_dir())


def _of_own_databricks(name: str) -> ModuleSpec | None:
    """What lies below a project's own folder `databricks`: another of the name was imported before."""
    *package, module = name.split(".")
    folders = [Path(entry, *package) for entry in sys.path]
    there = [str(f) for f in folders if (f / module).is_dir() or (f / f"{module}.py").exists()]
    return PathFinder.find_spec(name, there) if there else None
