"""Rows that a test gives: dictionaries, a text table or a CSV file, as values of the wanted types."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weir.model.names import unquoted
from weir.model.problems import Problem, WeirError

Given = Sequence[Mapping[str, Any]] | str | Path
NULLS = frozenset({"", "null", "NULL"})
_CELL = re.compile(r'((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^|"`]|["`])*?)(?:\||$)')
_RULE = re.compile(r"[\s|:+=-]*-[\s|:+=-]*")
_HEADER = re.compile(r"(`(?:[^`]|``)+`|\S+)(?:\s+(\S.*))?")
_WHOLE = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class GivenRows:
    """Rows as they were written.

    Attributes:
        rows: Column -> value; a text where `texts` is true.
        columns: All columns, in the order of their first appearance.
        types: Column -> its type in SQL, where the header of a text names one.
        texts: Were the values cells of a text?
    """

    rows: tuple[Mapping[str, Any], ...]
    columns: tuple[str, ...]
    types: Mapping[str, str] = field(default_factory=dict[str, str])
    texts: bool = False


def read_given(given: Given) -> GivenRows:
    """Rows from a list of dictionaries, a text table (`str`), or a CSV file (`Path`).

    The first line of a text or file names the columns, each with its type if wanted:

    >>> read_given('''
    ...     id BIGINT | name
    ...     1         | ana
    ...     2         |
    ... ''').rows
    ({'id': '1', 'name': 'ana'}, {'id': '2', 'name': None})

    Raises:
        WeirError: A line has more or fewer cells than the header, or the file can't be read.
    """
    if isinstance(given, str):
        lines = [(n, line.strip()) for n, line in enumerate(given.splitlines(), 1)]
        lines = [(n, line) for n, line in lines if line and not _RULE.fullmatch(line)]
        framed = bool(lines) and lines[0][1].startswith("|")
        return _of_lines("the text table", ((n, _cells(line, framed=framed)) for n, line in lines))
    if isinstance(given, Path):
        return _of_lines(str(given), _csv_lines(given))
    columns = dict.fromkeys(column for row in given for column in row)
    return GivenRows(tuple(dict(row) for row in given), tuple(columns))


def _cells(line: str, *, framed: bool) -> list[str]:
    """The cells of a line; a bar in double quotes or backquotes ends none.

    >>> _cells('| 1 | {"a|b": 2} |  |', framed=True), _cells("| 1", framed=False)
    (['1', '{"a|b": 2}', ''], ['', '1'])
    """
    line = line.removeprefix("|").removesuffix("|") if framed else line
    cells: list[str] = []
    position = 0
    while True:
        match = _CELL.match(line, position)
        assert match is not None  # noqa: S101 - it matches the empty text
        cells.append(match[1].strip())
        position = match.end()
        if not match[0].endswith("|"):
            return cells


def _csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from ((n, line) for n, line in enumerate(csv.reader(file), 1) if line)
    except OSError as error:
        raise WeirError(Problem("PATH_NOT_FOUND", f"Can't read `{path}`: {error.strerror}.")) from error


def _of_lines(where: str, lines: Iterator[tuple[int, list[str]]]) -> GivenRows:
    _, header = next(lines, (0, []))
    names = [_named(cell) for cell in header]
    columns = tuple(name for name, _ in names)
    rows: list[Mapping[str, Any]] = []
    for number, cells in lines:
        if len(cells) != len(columns):
            message = f"Line {number} of {where} has {len(cells)} cells, the header has {len(columns)}."
            raise WeirError(Problem("GIVEN_ROWS_WRONG", message, hint="an empty cell is NULL"))
        rows.append({c: _text(cell) for c, cell in zip(columns, cells, strict=True)})
    return GivenRows(tuple(rows), columns, {name: kind for name, kind in names if kind}, texts=True)


def _named(cell: str) -> tuple[str, str | None]:
    """Name and type of a column."""
    match = _HEADER.fullmatch(cell.strip())
    name, kind = (match[1], match[2]) if match else (cell, None)
    return (unquoted(name) if name.startswith("`") else name), kind


def _text(cell: str) -> str | None:
    """What a cell says: NULL where it is empty; in double quotes, what JSON reads there."""
    if cell in NULLS:
        return None
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        try:
            return str(json.loads(cell))
        except ValueError:
            return cell
    return cell


def guessed(cells: Sequence[str | None]) -> list[Any]:
    """The values of a column of texts whose type nobody told: all whole, all numbers, all truth, or texts.

    >>> guessed(["1", None, "2.5"]), guessed(["007x", "1"])
    ([1.0, None, 2.5], ['007x', '1'])
    """
    texts = [cell for cell in cells if cell is not None]
    if texts and all(map(_WHOLE.fullmatch, texts)):
        return [None if cell is None else int(cell) for cell in cells]
    if texts and all(map(_NUMBER.fullmatch, texts)):
        return [None if cell is None else float(cell) for cell in cells]
    if texts and all(text in _TRUTH for text in texts):
        return [None if cell is None else _TRUTH[cell] for cell in cells]
    return list(cells)
