"""Walks over graphs of any depth: without recursion, each thing once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

Thing = TypeVar("Thing", bound=Hashable)


def reached(
    start: Thing, onward: Callable[[Thing], Iterable[Thing]], steps: int | None = None
) -> tuple[Thing, ...]:
    """All that can be reached from a start, the nearest first and without the start.

    Args:
        onward: What lies one step further.
        steps: How far; None for as far as it goes.

    >>> reached(1, lambda n: [2 * n, 2 * n + 1], steps=2)
    (2, 3, 4, 5, 6, 7)
    """
    known, edge = {start: None}, [start]
    while edge and steps != 0:
        new = dict.fromkeys(there for here in edge for there in onward(here) if there not in known)
        known |= new
        edge, steps = list(new), None if steps is None else steps - 1
    return tuple(known)[1:]


def each_after(things: Iterable[Thing], needs: Callable[[Thing], Iterable[Thing]]) -> Iterator[Thing]:
    """All things and all that they need, each once and after its needs, else in the order given.

    Args:
        needs: What a thing needs; nothing may need itself, at any distance.
    """
    done, opened = set[Thing](), set[Thing]()
    for thing in things:
        waiting = [thing]
        while waiting:
            here = waiting[-1]
            if here in opened or here in done:
                waiting.pop()
                if here not in done:
                    done.add(here)
                    yield here
            else:
                opened.add(here)
                waiting.extend(reversed([*needs(here)]))
