"""Where in the user's sources something was written; every definition, problem and event carries it."""

from __future__ import annotations

import functools
import os
import re
import site
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")
OWN = Path(__file__).resolve().parents[2]
OWN_SOURCES = tuple(f"{OWN / package}{os.sep}" for package in ("weir", "dlt", "simulator"))
_IN_CELL = re.compile(r", cell \d+$")
_SQL = "<sql>"  # the name of the code that stands for a line of SQL
INSTALLED = frozenset({"site-packages", "dist-packages"})


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in the user's sources.

    Attributes:
        sql: It is a line of SQL in a source, so that its author writes clauses, not arguments.
    """

    file: str
    line: int
    function: str = ""
    sql: bool = field(default=False, compare=False)

    def wording(self, python: str, sql: str) -> str:
        """The one of two texts that is in the language of its line."""
        return sql if self.sql else python

    def __str__(self) -> str:
        between = ", line " if _IN_CELL.search(self.file) else ":"
        return f"{shorten(self.file)}{between}{self.line}"


def in_cell(file: str, number: int) -> str:
    """A cell of a notebook that has no lines of its own, as the file of an origin."""
    return f"{file}, cell {number}"


def shorten(file: str) -> str:
    """The path as the user would type it: relative to the working directory where it lies below it."""
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except ValueError:
        return file


@functools.cache
def is_users(file: str) -> bool:
    """Is this file the user's own, rather than Weir's, an installed package's or Python's?"""
    if file.startswith(("<", *OWN_SOURCES, *_library_folders())):
        return False
    return INSTALLED.isdisjoint(Path(file).parts)


@functools.cache
def _library_folders() -> tuple[str, ...]:
    """Where Python has its own modules and those that were installed, as written and as resolved."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = [*(sysconfig.get_path(n) for n in names), *site.getsitepackages(), site.getusersitepackages()]
    both = {f for folder in folders for f in (folder, str(Path(folder).resolve()))}
    return tuple(f"{folder}{os.sep}" for folder in both)


def here() -> Origin:
    """The innermost line of the user's code; the outermost of all where there is none."""
    frame = _outside(is_users)
    name = frame.f_code.co_name
    return Origin(frame.f_code.co_filename, frame.f_lineno, name, sql=name == _SQL)


def at(origin: Origin, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call a function from a line of the user's: `here` and tracebacks name that line."""
    code = compile("call(*args, **kwargs)", origin.file, "eval")
    code = code.replace(co_firstlineno=origin.line, co_name=_SQL if origin.sql else code.co_name)
    return eval(code, {"call": call, "args": args, "kwargs": kwargs})  # noqa: S307 - a text of ours


def called_by_user() -> bool:
    """Does Weir do something for the user's own code, rather than for a library that it uses?"""
    frame = _outside(lambda file: not file.startswith(OWN_SOURCES))
    return is_users(frame.f_code.co_filename)


def _outside(of_interest: Callable[[str], bool]) -> FrameType:
    """The innermost frame whose file is of interest; the outermost of all where there is none."""
    # inspect.stack() reads every source file: 100 times slower
    frame = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    while frame.f_back and not of_interest(frame.f_code.co_filename):
        frame = frame.f_back
    return frame
