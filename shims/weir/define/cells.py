"""A source as cells: a plain file is one, a notebook has many, each with its language and its first line.

A front end for another kind of file gives cells here; one for another language loads them in `load.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import decode_source
from pathlib import Path

from weir.model.origin import Origin

NOTEBOOK = re.compile(r"# (?:Databricks notebook source|COMMAND -{10}|MAGIC\s+%)")
CELL = "# COMMAND ----------"
MAGIC = re.compile(r"# MAGIC ?(.*)")
LANGUAGE = re.compile(r"\s*%(\S+)")
INSTALLS = frozenset({"pip"})  # its lines stand above Python


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a source.

    Attributes:
        language: `python`, or the name of a notebook's magic: `sql`, `md`, `run`.
        text: Its code, without what makes a notebook's cell a comment.
        origin: Where its first line stands.
    """

    language: str
    text: str
    origin: Origin


def cells_of(file: Path) -> tuple[Cell, ...]:
    """The cells of a Python file, which may be a notebook that Databricks keeps as one (§1.1).

    Raises:
        OSError: It can't be read.
        SyntaxError: It names an encoding that is none.
        UnicodeDecodeError: It has bytes that are none of its encoding.
    """
    text = decode_source(file.read_bytes())
    if not any(NOTEBOOK.match(line) for line in text.splitlines()):
        return (Cell("python", text, Origin(str(file), 1)),)
    return tuple(_cells(text.splitlines(), str(file)))


def _cells(lines: list[str], file: str) -> Iterator[Cell]:
    starts = [n for n, line in enumerate(lines) if line.startswith(CELL)]
    for start, end in zip([0, *(n + 1 for n in starts)], [*starts, len(lines)], strict=True):
        yield _cell(lines[start:end], start + 1, file)


def _cell(lines: list[str], first: int, file: str) -> Cell:
    """A cell whose magic comes first; its lines keep their numbers."""
    magics = [(n, language[1]) for n, line in enumerate(lines) if (language := _language(line))]
    if not magics:
        return Cell("python", "\n".join(lines), Origin(file, first))
    number, name = magics[0]
    code = [match[1] if (match := MAGIC.match(line)) else line for line in lines]
    if name in INSTALLS | {"python"}:
        python = ["" if LANGUAGE.match(line) else line for line in code]
        return Cell("python", "\n".join(python), Origin(file, first))
    return Cell(name, "\n".join(code[number:]), Origin(file, first + number))


def _language(line: str) -> re.Match[str] | None:
    magic = MAGIC.match(line)
    return LANGUAGE.match(magic[1]) if magic else None
