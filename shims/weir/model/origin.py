"""Where in the user's sources something was written; every definition, problem and event carries it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

OWN_SOURCES = (
    str(Path(__file__).resolve().parents[1]),
    str(Path(__file__).resolve().parents[2] / "dlt"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in the user's sources."""

    file: str
    line: int
    function: str = ""

    def __str__(self) -> str:
        return f"{shorten(self.file)}:{self.line}"


def shorten(file: str) -> str:
    """The path as the user would type it: relative to the working directory where it lies below it."""
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except ValueError:
        return file


def here() -> Origin:
    """The first frame outside of Weir and `dlt`, which is the user's decorator or call."""
    frame = sys._getframe(1)  # noqa: SLF001 - inspect.stack() reads every source file: 100 times slower
    while frame.f_back and frame.f_code.co_filename.startswith(OWN_SOURCES):
        frame = frame.f_back
    return Origin(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
