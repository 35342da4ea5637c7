"""What is different between the rows of a table and those that a test expects, aligned by their key."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
SHOWN = 20  # rows that differ; how many more there are is said
LEGEND = "- missing, + not expected, ~ expected -> found"


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows that two sides do not share.

    Attributes:
        key: The columns by which rows are the same one.
        same: How many rows both have.
        changed: Pairs of rows of one key: expected, found.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]
    same: int
    missing: tuple[Row, ...]
    unexpected: tuple[Row, ...]
    changed: tuple[tuple[Row, Row], ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.changed)


def difference(found: Sequence[Row], expected: Sequence[Row], key: Iterable[str] = ()) -> Difference:
    """Compare rows, whose order does not count; numbers are the same to twelve digits.

    Args:
        key: The columns by which rows are the same one; by default the first that is a key on both sides.
    """
    columns = tuple(dict.fromkeys(column for row in (*expected, *found) for column in row))
    unexpected, missing = _only_in(found, expected), _only_in(expected, found)
    key = tuple(key) or _key(columns, missing, unexpected)
    by_key = {_same(row, key): row for row in unexpected} if key else {}
    pairs = [(row, by_key[_same(row, key)]) for row in missing if key and _same(row, key) in by_key]
    paired = {id(row) for pair in pairs for row in pair}
    return Difference(
        columns, key, len(found) - len(unexpected),
        tuple(row for row in missing if id(row) not in paired),
        tuple(row for row in unexpected if id(row) not in paired),
        tuple(pairs),
    )  # fmt: skip


def same_rows(one: Sequence[Row], other: Sequence[Row]) -> bool:
    """Have both the same rows, each as often, in whatever order?"""
    return Counter(map(_same, one)) == Counter(map(_same, other))


def _only_in(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    left = Counter(map(_same, others))
    only: list[Row] = []
    for row in rows:
        known = _same(row)
        if left[known] > 0:
            left[known] -= 1
        else:
            only.append(row)
    return only


def _key(columns: Iterable[str], missing: Sequence[Row], unexpected: Sequence[Row]) -> tuple[str, ...]:
    """The first column that tells the rows of each side apart and is the same in some of both."""
    for column in columns:
        here, there = ([_value(row.get(column)) for row in rows] for rows in (missing, unexpected))
        distinct = all(len(set(side)) == len(side) and None not in side for side in (here, there))
        if distinct and set(here) & set(there):
            return (column,)
    return ()


def _same(row: Row, columns: Iterable[str] | None = None) -> Hashable:
    """What is equal for rows that are."""
    names = row.keys() if columns is None else columns
    return frozenset((name, _value(row.get(name))) for name in names)


def _value(value: Any) -> Hashable:
    match value:
        case float():
            return float(f"{value:.12g}") if value == value else "NaN"  # noqa: PLR0124 - NaN is not itself
        case Mapping():
            return frozenset((_value(k), _value(v)) for k, v in value.items())
        case list() | tuple():
            return tuple(map(_value, value))
        case _:
            return value


def difference_lines(difference: Difference) -> list[str]:
    """The difference as people read it: a table of the rows that differ."""
    d = difference
    counts = (
        (len(d.changed), "different"), (len(d.missing), "missing"), (len(d.unexpected), "not expected"),
    )  # fmt: skip
    told = ", ".join(f"{n} {what}" for n, what in counts if n)
    key = f" (key: {', '.join(d.key)})" if d.key else ""
    rows = list(_marked(d))
    lines = _aligned([("", *d.columns), *rows[:SHOWN]])
    more = [f"and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
    return [f"rows: {d.same} as expected, {told}{key}", f"  {LEGEND}", *lines, *more]


def _marked(d: Difference) -> Iterator[tuple[str, ...]]:
    for expected, found in d.changed:
        yield ("~", *(_change(expected, found, column) for column in d.columns))
    for mark, rows in (("-", d.missing), ("+", d.unexpected)):
        for row in rows:
            yield (mark, *(shown(row[column]) if column in row else "" for column in d.columns))


def _change(expected: Row, found: Row, column: str) -> str:
    texts = [shown(row[column]) if column in row else "no column" for row in (expected, found)]
    if column not in expected and column not in found:
        return ""
    if column in expected and column in found and _value(expected[column]) == _value(found[column]):
        return texts[1]
    if texts[0] == texts[1]:
        texts = [f"{t} {type(row[column]).__name__}" for t, row in zip(texts, (expected, found), strict=True)]
    return " -> ".join(texts)


def shown(value: Any) -> str:
    """A value in a text table.

    >>> shown(None), shown(2.5), shown("a"), shown("null")
    ('NULL', '2.5', 'a', '"null"')
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"' if value.strip() != value or value.lower() in {"", "null"} else value
        case dt.datetime():
            return value.isoformat(" ")
        case Decimal() | dt.date():
            return str(value)
        case _:
            return repr(value)


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        mark, *cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"{mark or ' '} {' | '.join(cells)}".rstrip()
