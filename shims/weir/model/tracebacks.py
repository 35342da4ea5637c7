"""Exceptions in printed tracebacks: Python's, and what Java says below them, as a chain of causes.

Spark brings what a Python function raised (a handler of batches, a UDF, a data source) as text within an
error of its own; that text may in turn carry an error of Spark's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from weir.model.origin import is_users

_HEADER = re.compile(r"(?:Exception Group )?Traceback \(most recent call last\):")
_LINK = re.compile(
    r"\n(?:The above exception was the direct cause of the following exception:"
    r"|During handling of the above exception, another exception occurred:)\s*$"
)
_FRAME = re.compile(r'  File "(.+?)", line \d+')
_BAR = re.compile(r"^ *\| ?", re.MULTILINE)
_RULER = re.compile(r"^ *[+-]*-{10,}(?: \d+ -{10,})?$\n?", re.MULTILINE)
_NAMED = re.compile(r"([\w.<>]+)(?:: |\n|$)(.*)", re.DOTALL)
_CAUSED = re.compile(r"(?:Caused by)?: ([\w$]+(?:\.[\w$]+)+)(?:: (.*))?")
_IN_JAVA = re.compile(r"\s+at [\w.$/<>]+\(|\s+\.\.\. \d+ more$|\s+Suppressed: |JVM stacktrace:$")
_STATE = re.compile(r"(?:\s*SQLSTATE: [0-9A-Z]{5})+;?\s*$")
_OF_SPARK = ("py4j.", "pyspark.")


@dataclass(frozen=True, slots=True)
class Cause:
    """An exception in the chain of an error's causes.

    Attributes:
        name: Its class.
        message: What it says; empty where it says nothing.
        files: The lines of its Python traceback that name a file, outermost first.
        python: User code raised it in Python: no class of Spark's that carries Java's error.
    """

    name: str
    message: str
    files: tuple[str, ...] = ()
    python: bool = False


def has_traceback(text: str) -> bool:
    """Is there a traceback of Python in a text?"""
    return _HEADER.search(text) is not None


def causes_in(text: str) -> tuple[Cause, ...]:
    """The exceptions of all tracebacks in a text, each before what caused it."""
    if "Exception Group Traceback" in text:
        text = _RULER.sub("", _BAR.sub("", text))
    _, *printed = _HEADER.split(text)
    causes: list[Cause] = []
    linked: list[tuple[Cause, ...]] = []
    for block in printed:
        linked.append(tuple(_raised(_LINK.sub("", block))))
        if not _LINK.search(block):  # the last of its tracebacks, which is the outermost exception
            causes.extend(cause for chain in reversed(linked) for cause in chain)
            linked.clear()
    return tuple(causes)


def without_state(text: str) -> str:
    """A message of Spark's without its SQL state."""
    return _STATE.sub("", text)


def summary(causes: Sequence[Cause]) -> str:
    """What a person is told of an error: the exception that says most, the user's lines, where it came from.

    Args:
        causes: An error and its causes, outermost first.
    """
    raised = next((n for n, cause in enumerate(causes) if cause.python), None)
    if raised is None:
        with_message = [cause for cause in causes if cause.message.strip()]
        head = _first_line(with_message[-1]) if with_message else causes[-1].name
        return "\n".join([head, *_places(causes)])
    head, *below = causes[raised:]
    shown = [cause for cause in below if cause.python or cause is below[-1]]
    below_it = (_whole(cause).replace("\n", "\n    ") for cause in shown)
    places = _places([head]) or _places(shown)
    return "\n".join([_whole(head), *places, *(f"  from {text}" for text in below_it)])


def _whole(cause: Cause) -> str:
    """All that user code said, the first line of what Spark says; each with its class, or its condition."""
    if not cause.python and cause.message:
        return _first_line(cause)
    return f"{cause.name}: {cause.message}" if cause.message else cause.name


def _first_line(cause: Cause) -> str:
    return without_state(cause.message.strip().split("\n")[0])


def _places(causes: Sequence[Cause]) -> list[str]:
    """The user's own lines of the innermost exception that has some, innermost first."""
    for cause in reversed(causes):
        frames = ((_FRAME.match(f"  {file}"), file) for file in cause.files)
        if own := [f"  at {file}" for match, file in frames if match and is_users(match[1])]:
            return own[::-1]
    return []


def _raised(block: str) -> Iterator[Cause]:
    """The exception that a traceback ends in, then Java's that it carries."""
    lines = block.strip("\n").split("\n")
    heads = [n for n, line in enumerate(lines) if line.strip() and not line.startswith("  ")]
    begin = heads[0] if heads else len(lines)
    files = tuple(line.strip() for line in lines[:begin] if _FRAME.match(line))
    first, *below = _texts(lines[begin:])
    named = _NAMED.fullmatch(first)
    name, message = (named[1], named[2]) if named else ("", first)
    if first:
        yield Cause(name, message, files, python=not name.startswith(_OF_SPARK))
    for text in below:
        head, *rest = text.split("\n")
        if cause := _CAUSED.fullmatch(head):
            yield Cause(cause[1], "\n".join([cause[2] or "", *rest]).strip())


def _texts(lines: list[str]) -> Iterator[str]:
    """What stands between the frames of Java's stack traces: a text an exception."""
    text: list[str] = []
    in_java = bool(lines) and lines[0].startswith(_OF_SPARK)
    framed = False
    for line in lines:
        if in_java and _CAUSED.fullmatch(line):
            yield without_state("\n".join(text)).strip()
            text, framed = [], False
        framed = framed or _IN_JAVA.match(line) is not None
        in_java = in_java or framed
        if not framed:
            text.append(line)
    yield without_state("\n".join(text)).strip()
