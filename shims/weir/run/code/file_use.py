"""What the code of a pipeline does with files of this machine while it defines, by Python's own functions.

Not what Weir does meanwhile, nor with what lies in Python's environment: its packages are known by their
versions.
"""

from __future__ import annotations

import importlib
import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from importlib.util import resolve_name
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from weir.define.reading import reader
from weir.run.lake.looks import kind_looks, place_looks

WEIR = f"{Path(__file__).parents[2]}/"
LIBRARY = f"{sysconfig.get_path('stdlib')}/"
PACKAGES = tuple(f"{sysconfig.get_path(scheme)}/" for scheme in ("purelib", "platlib"))
ASKS = frozenset({"stat", "lstat"})
WRITES = frozenset("wax+")


@dataclass(slots=True)
class FileUse:
    """What code has used so far.

    Attributes:
        places: Files that it opened and folders that it listed, and what they looked like before.
        kinds: Paths that it only asked for, and what they looked like before.
        imports: Modules that it imported by names that it computed.
        unseen: What it did that no look can tell; None if there is nothing.
    """

    places: dict[Path, str] = field(default_factory=dict[Path, str])
    kinds: dict[Path, str] = field(default_factory=dict[Path, str])
    imports: set[str] = field(default_factory=set[str])
    unseen: str | None = None

    def note(self, function: str, arguments: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Code may be about to use a file; called by what stands for one of Python's functions.

        Args:
            function: Its name.
            arguments: Its arguments, with the path as it lies here.
            named: Those that are given by name.
        """
        file = arguments[0] if arguments else named.get("file", named.get("path"))
        if isinstance(file, int) or not _is_of_code(sys._getframe(2)):  # noqa: SLF001 - the caller's caller
            return
        path = Path(os.fsdecode("." if file is None else file)).absolute()
        if f"{path}".startswith((LIBRARY, *PACKAGES)):
            return
        mode = arguments[1] if len(arguments) > 1 else named.get("mode", "r")
        if function == "open" and not WRITES.isdisjoint(mode):
            self.unseen = f"writes {path}"
        else:
            self._look(path, asks=function in ASKS)

    def _look(self, path: Path, *, asks: bool) -> None:
        looks = self.kinds if asks else self.places
        try:
            if path not in looks:
                looks[path] = kind_looks(path) if asks else place_looks(path)
        except OSError as error:
            self.unseen = f"reads {path}: {error}"

    @contextmanager
    def of_modules(self) -> Iterator[None]:
        """Note, too, which modules are imported by a name that is a value."""
        original = importlib.import_module

        @wraps(original)
        def import_module(name: str, package: str | None = None) -> ModuleType:
            if _is_of_code(sys._getframe(1)):  # noqa: SLF001 - who calls
                self.imports.add(resolve_name(name, package))
            return original(name, package)

        importlib.import_module = import_module
        try:
            yield
        finally:
            importlib.import_module = original


def _is_of_code(frame: FrameType | None) -> bool:
    """Does the code of a pipeline, or a package for it, call a function of Python's library?"""
    if reader.get() is None:
        return False
    while frame is not None and _is_of_python(frame.f_code.co_filename):
        frame = frame.f_back
    return frame is not None and not frame.f_code.co_filename.startswith(WEIR)


def _is_of_python(file: str) -> bool:
    return file.startswith(("<frozen ", LIBRARY)) and not file.startswith(PACKAGES)
