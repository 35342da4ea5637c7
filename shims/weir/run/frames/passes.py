"""How often the rows of an observed part of a plan pass it, read from what Spark explains of the query.

An observation counts what passes it. That is every row once, unless something above in the plan runs the
part again (a global sort samples its input first, a cartesian product reads each side many times) or ends
it early (a limit). What is not known to do neither is taken to do both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Passes(IntEnum):
    """How often a row passes an observation, the surest first."""

    ONCE = 0
    ALL_OR_NONE = 1
    UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class _Node:
    """An operator: `Exchange`, `BroadcastHashJoin`; what follows its name; its number; how deep it stands."""

    name: str
    rest: str
    number: str
    depth: int


_NODE = re.compile(r"([ :+-]*)(?:\* )?(\w+)(.*?) \((\d+)\)")
_DETAIL = re.compile(r"\((\d+)\) \w")
_ARGUMENTS = "Arguments: "
_STREAMED = frozenset(
    [
        "AQEShuffleRead", "AdaptiveSparkPlan", "ArrowEvalPython", "ArrowWindowPython", "BatchEvalPython",
        "Coalesce", "CollectMetrics", "ColumnarToRow", "EventTimeWatermark", "Expand", "Filter", "Generate",
        "Project", "RowToColumnar", "Sample", "SortAggregate", "Union", "Window", "WindowInPandas",
    ]
)  # fmt: skip
_READ_TO_THE_END = frozenset(["HashAggregate", "ObjectHashAggregate", "Sort", "TakeOrderedAndProject"])
_ENDED_EARLY = frozenset(["CollectLimit", "GlobalLimit", "LocalLimit", "WindowGroupLimit"])
_SHUFFLED_JOINS = frozenset(["ShuffledHashJoin", "SortMergeJoin"])
_BEFORE_JOINS = frozenset(["AQEShuffleRead", "Exchange", "Sort"])


def passes(explained: str, observations: Sequence[str]) -> dict[str, Passes]:
    """How often rows pass each observation; unknown for one that is not in the plan, or in a subquery.

    Args:
        explained: What Spark explains of a query in its mode `formatted`.
        observations: Their names.
    """
    tree = {node.number: node for node in _tree(explained)}
    known: dict[str, Passes] = {}
    arguments = _arguments(explained)
    for number, text in arguments.items():
        for name in observations:
            if text.startswith(f"{name}, ["):
                passing = _climb(_above(tree, number), arguments) if number in tree else Passes.UNKNOWN
                known[name] = max(passing, known.get(name, Passes.ONCE))
    return {name: known.get(name, Passes.UNKNOWN) for name in observations}


def _tree(explained: str) -> Iterator[_Node]:
    """The operators of the plan, each before those below it."""
    _, _, plan = explained.partition("== Physical Plan ==\n")
    for line in plan.split("\n"):
        match = _NODE.match(line)
        if match is None:
            return
        indent, name, rest, number = match.groups()
        yield _Node(name, rest, number, len(indent))


def _arguments(explained: str) -> dict[str, str]:
    """The arguments of operators by their numbers, also of those in subqueries."""
    arguments: dict[str, str] = {}
    number = ""
    for line in explained.split("\n"):
        if detail := _DETAIL.match(line):
            number = detail[1]
        elif line.startswith(_ARGUMENTS):
            arguments.setdefault(number, line.removeprefix(_ARGUMENTS))
    return arguments


def _above(tree: dict[str, _Node], number: str) -> list[_Node]:
    """An operator and all above it."""
    path: list[_Node] = []
    for node in reversed(tree.values()):
        if node.number == number or (path and node.depth < path[-1].depth):
            path.append(node)
    return path


def _climb(path: list[_Node], arguments: dict[str, str]) -> Passes:
    """From an observation upwards to where its rows are kept, or to the end of the plan."""
    passing, to_the_end = Passes.ONCE, False
    for place in range(1, len(path)):
        below, node = path[place - 1 : place + 1]
        joined = node.name in _BEFORE_JOINS and _feeds_join(path[place + 1 :])
        if node.name == "Exchange" and not joined:
            return Passes.UNKNOWN if arguments.get(node.number, "").startswith("range") else passing
        how = _through(node, below, to_the_end=to_the_end)
        if how is Passes.UNKNOWN:
            return how
        passing = max(passing, how)
        to_the_end = to_the_end or (node.name in _READ_TO_THE_END and not joined)
    return passing


def _feeds_join(above: list[_Node]) -> bool:
    """Is it there for a join alone? Spark may find while it runs that it can join without."""
    first = next((node for node in above if node.name not in {"AQEShuffleRead", "Sort"}), None)
    return first is not None and first.name in _SHUFFLED_JOINS


def _through(node: _Node, below: _Node, *, to_the_end: bool) -> Passes:
    """How often a row passes for the sake of one operator.

    Args:
        below: The operator beneath it on the way.
        to_the_end: Something below reads all rows before it gives one.
    """
    kind, _, _ = node.rest.strip().partition(" ")
    match node.name:
        case "BroadcastHashJoin" if below.name == "BroadcastExchange":
            return Passes.ONCE
        case "BroadcastHashJoin":  # where the other side is empty, it may not read this one
            return Passes.ALL_OR_NONE if kind in {"Inner", "LeftAnti", "LeftSemi"} else Passes.ONCE
        case "BroadcastNestedLoopJoin":
            once = below.name == "BroadcastExchange" or kind in {"Cross", "Inner"}
        case name if name in _SHUFFLED_JOINS:
            once = below.name in _BEFORE_JOINS or to_the_end
        case name if name in _ENDED_EARLY:
            once = to_the_end
        case name:
            once = name in _STREAMED | _READ_TO_THE_END | {"BroadcastExchange", "Exchange"}
    return Passes.ONCE if once else Passes.UNKNOWN
