"""Source files as cells: a plain file is one, a notebook has many, each with its language and first line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import decode_source
from pathlib import Path

from weir.define.cells import Cell, Line, notebook_cells
from weir.define.jupyter import jupyter_cells
from weir.model.origin import Origin

# Written by hand without the mark of a magic; no line of Python or SQL reads so.
BARE_INSTALLATION = re.compile(r"[%!]\s*(?:pip3?|conda)\s+(?:install|uninstall)\b")


@dataclass(frozen=True, slots=True)
class Markup:
    """How Databricks keeps a notebook as a source file: what is no code of the language is a comment."""

    language: str
    comment: str

    @property
    def notebook(self) -> re.Pattern[str]:
        """A line that only a notebook has."""
        return re.compile(rf"{self.comment} (?:Databricks notebook source|COMMAND -{{10}}|MAGIC\s+[%!])")

    @property
    def magic(self) -> re.Pattern[str]:
        """A line that is no code of the notebook's own language."""
        return re.compile(rf"{self.comment} MAGIC ?(.*)")

    @property
    def between(self) -> str:
        """How a line between two cells begins."""
        return f"{self.comment} COMMAND ----------"


PYTHON = Markup("python", "#")
SQL = Markup("sql", "--")


def cells_of(file: Path) -> tuple[Cell, ...]:
    """The cells of a source file.

    Raises:
        OSError: It can't be read.
        SyntaxError: It names an encoding that is none.
        UnicodeDecodeError: It has bytes that are none of its encoding.
        WeirError: It is no notebook, though its name says so.
    """
    match file.suffix.lower():
        case ".ipynb":
            return tuple(jupyter_cells(file))
        case ".sql":
            return tuple(_cells(_text(file.read_bytes()), SQL, str(file)))
        case _:
            return tuple(_cells(decode_source(file.read_bytes()), PYTHON, str(file)))


def _text(content: bytes) -> str:
    """A text in UTF-8, or in what its byte order mark says."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = content.decode("utf-16" if marked else "utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cells(text: str, markup: Markup, file: str) -> Iterator[Cell]:
    lines = text.split("\n")
    if not any(markup.notebook.match(line) for line in lines):
        yield Cell(markup.language, text, Origin(file, 1))
        return
    between = [n for n, line in enumerate(lines) if line.startswith(markup.between)]
    for start, end in zip([0, *(n + 1 for n in between)], [*between, len(lines)], strict=True):
        cell = [_line(line, markup) for line in lines[start:end]]
        yield from notebook_cells(cell, markup.language, file, start + 1)


def _line(line: str, markup: Markup) -> Line:
    match = markup.magic.fullmatch(line)
    return Line(match[1]) if match else Line(line, may_be_magic=bool(BARE_INSTALLATION.match(line)))
