"""Rows as a YAML test holds them: without what tells who somebody is, as text tables with types."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from weir.model.names import quoted

Row = Mapping[str, Any]
FIRST_DAY = dt.date(2000, 1, 1)


@dataclass
class Pseudonyms:
    """Stand-ins for personal values: the same value of a column always has the same one, in every table.

    Attributes:
        columns: The personal columns, in lower case.
        known: Column -> value -> its number.
    """

    columns: Collection[str]
    known: dict[str, dict[Any, int]] = field(default_factory=dict)

    def row(self, row: Row) -> dict[str, Any]:
        """A row without its personal values."""
        return {n: self._of(n.lower(), v) if n.lower() in self.columns else v for n, v in row.items()}

    def _of(self, column: str, value: Any) -> Any:
        match value:
            case None | bool():
                return value
            case Mapping():
                return {name: self._of(column, cell) for name, cell in value.items()}
            case list():
                return [self._of(column, cell) for cell in value]
            case str():
                document = _document(value)
                if document is not None:
                    return json.dumps(self._of(column, document), ensure_ascii=False)
        return _stand_in(column, value, self._number(column, value))

    def _number(self, column: str, value: Any) -> int:
        numbers = self.known.setdefault(column, {})
        return numbers.setdefault(value, len(numbers) + 1)


def _document(text: str) -> Any:
    """The JSON object or list that a text is; None if it is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, (dict, list)) else None


def _stand_in(column: str, value: Any, number: int) -> Any:
    """A value of the same type that says nothing."""
    match value:
        case str():
            return f"{column}-{number}"
        case bytes():
            return f"{column}-{number}".encode()
        case dt.datetime():
            return dt.datetime.combine(FIRST_DAY, dt.time(), value.tzinfo) + dt.timedelta(number)
        case dt.date():
            return FIRST_DAY + dt.timedelta(number)
        case _:
            return type(value)(number)


def text_table(rows: Sequence[Row], types: Mapping[str, str]) -> str:
    """Rows as the text table that `given` and `expect` take, aligned.

    Args:
        types: Column -> its type in SQL; an empty one is left out.

    >>> print(text_table([{"id": 1, "name": "a|b"}, {"id": 20, "name": None}], {"id": "INT", "name": ""}))
    | id INT | name  |
    | 1      | "a|b" |
    | 20     |       |
    """
    header = [f"{_name(name)} {kind}".rstrip() for name, kind in types.items()]
    cells = [header, *([cell(row[name]) for name in types] for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(header))]
    return "\n".join(_line(line, widths) for line in cells)


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    return f"| {' | '.join(c.ljust(width) for c, width in zip(cells, widths, strict=True))} |"


def _name(name: str) -> str:
    return name if name.isidentifier() else quoted(name)


def cell(value: Any) -> str:
    """A value in a text table, from which `read_given` and a column's type make the same value again.

    >>> [cell(v) for v in (None, 2.5, True, "x", " x", "null", "", {"a": [1]})]
    ['', '2.5', 'true', 'x', '" x"', '"null"', '""', '{"a": [1]}']
    """
    match value:
        case None:
            return ""
        case str():
            return value if _is_plain(value) else _json(value)
        case bool() | Mapping() | list():
            return _json(value)
        case float() | int():
            return repr(value)
        case _:
            return _in_json(value)


def _is_plain(text: str) -> bool:
    """Does a text mean itself, where cells are cut at bars and lines?"""
    return (
        text == text.strip()
        and text.lower() not in {"", "null"}
        and not set(text) & set('|"`\\')
        and text.isprintable()
        and any(c.isalnum() for c in text)
    )


def _json(value: Any) -> str:
    text = json.dumps(value, default=_in_json, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value, default=_in_json)


def _in_json(value: Any) -> str:
    match value:
        case bytes():
            return value.decode()
        case dt.datetime():
            return value.isoformat(" ")
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def document(
    name: str,
    given: Mapping[str, str],
    table: str,
    rows: str | None,
    more: Mapping[str, Any],
    head: Sequence[str],
) -> str:
    """The text of a file with one test.

    Args:
        given: Input -> its rows, as text.
        rows: Those of the table; None if its update is stopped.
        more: What else is expected of the table: rules, and those that stop it.
        head: Lines that stand above the test: sources, the target.
    """
    lines = [*head, "tests:", f"  - name: {json.dumps(name, ensure_ascii=False)}"]
    if "now" in more:
        lines.append(f"    now: {more['now']}")
    lines.append("    given:" if given else "    given: {}")
    for source, text in given.items():
        lines += [f"      {json.dumps(source)}: |", *_indented(text, 8)]
    lines += ["    expect:", f"      {json.dumps(table)}:"]
    if rows is not None:
        lines += ["        rows: |", *_indented(rows, 10)]
    lines += [
        f"        {key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in more.items()
        if key != "now"
    ]
    return "\n".join(lines) + "\n"


def _indented(text: str, by: int) -> list[str]:
    return [" " * by + line for line in text.splitlines()]
