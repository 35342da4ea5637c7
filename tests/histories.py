"""Random histories of keys, and what they come to, in plain Python."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

COLUMNS = ("a", "b")


@dataclass(frozen=True)
class Change:
    """An event of a key: an upsert of two columns, or a delete."""

    id: int
    at: int
    op: str
    a: int | None = None
    b: int | None = None


def latest(changes: Iterable[Change], *, ignore_nulls: bool) -> tuple[int | None, ...] | None:
    """SCD type 1: the row after all changes of a key in their order; None if it is gone."""
    row: dict[str, int | None] | None = None
    for change in sorted(changes, key=lambda c: c.at):
        new = {n: getattr(change, n) for n in COLUMNS}
        kept = row if ignore_nulls and row else dict.fromkeys(COLUMNS)
        row = None if change.op == "d" else {n: kept[n] if new[n] is None else new[n] for n in COLUMNS}
    return tuple(row.values()) if row else None


def versions(changes: Iterable[Change], *, ignore_nulls: bool) -> Iterator[tuple[int | None, ...]]:
    """SCD type 2 that tracks `a`: (a, b, start, end) of every version of a key."""
    row: list[int | None] | None = None
    for change in sorted(changes, key=lambda c: c.at):
        new = [change.a, change.b]
        if row and ignore_nulls:
            new = [old if n is None else n for n, old in zip(new, row, strict=False)]
        if row and not (change.op == "u" and new[0] == row[0]):
            yield (*row, change.at)
            row = None
        row = None if change.op == "d" else [*new, row[2] if row else change.at]
    if row:
        yield (*row, None)


def histories(count: int) -> st.SearchStrategy[list[list[Change]]]:
    """Lists of histories; each key's changes have sequences of their own, in any order."""
    value = st.none() | st.integers(0, 2)
    change = st.tuples(st.integers(0, 9), st.sampled_from("uuud"), value, value)
    one = st.lists(change, min_size=1, max_size=6, unique_by=lambda c: c[0])
    return st.lists(one, min_size=count, max_size=count).map(
        lambda found: [[_change(key, *c) for c in history] for key, history in enumerate(found)]
    )


def random_histories(count: int, length: int, seed: int) -> list[list[Change]]:
    """The same without a shrinking search, for runs that take long."""
    draw = random.Random(seed)
    value = (None, 0, 1, 2)
    return [
        [
            _change(key, at, draw.choice("uuud"), draw.choice(value), draw.choice(value))
            for at in draw.sample(range(20), length)
        ]
        for key in range(count)
    ]


def _change(key: int, at: int, op: str, a: int | None, b: int | None) -> Change:
    return Change(key, at, op, a, b) if op == "u" else Change(key, at, op)
