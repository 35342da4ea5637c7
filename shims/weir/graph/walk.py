"""Walks over graphs of any depth: without recursion, each thing once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

Thing = TypeVar("Thing", bound=Hashable)


def reached(start: Thing, onward: Callable[[Thing], Iterable[Thing]]) -> tuple[Thing, ...]:
    """All that can be reached from a start, the nearest first and without the start.

    Args:
        onward: What lies one step further.
    """
    known = {start: None}
    waiting = [start]
    for here in waiting:
        for there in onward(here):
            if there not in known:
                known[there] = None
                waiting.append(there)
    return tuple(waiting[1:])


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
