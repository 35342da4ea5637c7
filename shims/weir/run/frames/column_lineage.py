"""Column lineage, from the JSON in which Spark tells a resolved plan.

A plan is a list of operators, each before its children; so is every expression in it. Read from the leaves
up, what an attribute is made of is known before something refers to it. Only values count: a column that is
merely filtered, joined, grouped, sorted or partitioned by is no origin.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weir.model.lineage import Derivation, Origins

Node = Mapping[str, Any]
NONE: Origins = {}
# Expressions that give what is below them as it is.
PLAIN = frozenset(["Alias", "ScalarSubquery"])
# What a window is cut by says where a value stands, not what it is.
ASIDE = frozenset(["WindowSpecDefinition"])
ONE_SIDE = ("LeftSemi", "LeftAnti", "Except", "Intersect")


def columns_of(plan: str, leaves: Mapping[int, Origins], output: Sequence[int]) -> tuple[Origins, ...]:
    """What each column of a plan's result is made of.

    Args:
        plan: The analysed plan's JSON.
        leaves: Expression id of an attribute of a leaf -> the column that it is.
        output: The expression ids of the result's columns.
    """
    reading = _Reading(dict(leaves))
    reading.plan(json.loads(plan))
    return tuple(reading.known.get(number, NONE) for number in output)


@dataclass
class _Reading:
    """What is known so far: of attributes, and of the results of common table expressions."""

    known: dict[int, Origins]
    shared: dict[int, list[int]] = field(default_factory=dict)

    def plan(self, nodes: Sequence[Node]) -> list[int]:
        """The ids of the result of a plan."""
        stack: list[list[int]] = []
        for node in _children_first(nodes):
            below = len(stack) - node["num-children"]
            stack[below:] = [self._operator(node, stack[below:])]
        return stack[-1]

    def _operator(self, node: Node, children: list[list[int]]) -> list[int]:
        """The ids of an operator's result; what they are made of becomes known."""
        return _OPERATORS.get(_name(node), _Reading.other)(self, node, children)

    def project(self, node: Node, _: list[list[int]]) -> list[int]:
        return self._named(node["projectList"])

    def aggregate(self, node: Node, _: list[list[int]]) -> list[int]:
        return self._named(node["aggregateExpressions"])

    def window(self, node: Node, children: list[list[int]]) -> list[int]:
        return children[0] + self._named(node["windowExpressions"])

    def union(self, _: Node, children: list[list[int]]) -> list[int]:
        self._positions(children[0], children[1:])
        return children[0]

    def lateral_join(self, node: Node, children: list[list[int]]) -> list[int]:
        return children[0] + self._nested(node["right"])

    def define(self, node: Node, children: list[list[int]]) -> list[int]:
        self.shared[node["id"]] = children[0]
        return children[0]

    def shared_again(self, node: Node, _: list[list[int]]) -> list[int]:
        self._positions(_ids(node["output"]), [self.shared.get(node["cteId"], [])])
        return _ids(node["output"])

    def with_shared(self, _: Node, children: list[list[int]]) -> list[int]:
        return children[-1]

    def other(self, node: Node, children: list[list[int]]) -> list[int]:
        below = [number for child in children for number in child]
        if isinstance(node.get("output"), list):
            ids = _ids(node["output"])
            if children:  # user code over rows: each column may have come of all
                origins = self._all(below, Derivation.TRANSFORMATION)
                self.known |= {number: origins for number in ids if number not in below}
            return ids
        kind = str((node.get("joinType") or {}).get("object", "")) or _name(node)
        return children[0] if children and any(k in kind for k in ONE_SIDE) else below

    def generate(self, node: Node, children: list[list[int]]) -> list[int]:
        origins, _ = self._expression(node["generator"])
        for number in _ids(node["generatorOutput"]):
            self.known[number] = _raised(origins, Derivation.TRANSFORMATION)
        unused = set(node["unrequiredChildIndex"])
        return [n for i, n in enumerate(children[0]) if i not in unused] + _ids(node["generatorOutput"])

    def expand(self, node: Node, children: list[list[int]]) -> list[int]:
        if not node["projections"]:  # those of an unpivot are left out
            return self.other(node, children)
        ids = _ids(node["output"])
        for projection in node["projections"]:
            for number, nodes in zip(ids, _expressions(projection), strict=True):
                self._add(number, self._expression(nodes)[0])
        return ids

    def _positions(self, first: list[int], others: list[list[int]]) -> None:
        """Columns that come from the same place of several results."""
        for other in others:
            for number, same in zip(first, other, strict=False):
                self._add(number, self.known.get(same, NONE))

    def _add(self, number: int, origins: Origins) -> None:
        self.known[number] = _both(self.known.get(number, NONE), origins)

    def _named(self, expressions: Iterable[Any]) -> list[int]:
        numbers = []
        for nodes in _expressions(expressions):
            origins, number = self._expression(nodes)
            if number is not None:
                self.known[number] = origins
                numbers.append(number)
        return numbers

    def _expression(self, nodes: Sequence[Node]) -> tuple[Origins, int | None]:
        """What an expression is made of, and the id under which it is known further up, if any."""
        stack: list[Origins] = []
        for node in reversed(nodes):
            below = [stack.pop() for _ in range(node["num-children"])]
            origins = self._origins_of(_name(node), node, below)
            if _name(node) == "Alias":  # aliases may stand anywhere
                self.known[_id(node)] = origins
            stack.append(origins)
        return stack[-1], _id(nodes[0]) if "exprId" in nodes[0] else None

    def _origins_of(self, name: str, node: Node, below: list[Origins]) -> Origins:
        if name == "AttributeReference":
            return self.known.get(_id(node), NONE)
        if name in ASIDE:
            return NONE
        if name == "OuterReference":
            return self._expression(node["e"])[0]
        origins = _together(below)
        if isinstance(node.get("plan"), list):
            value = self._all(self._nested([node]), Derivation.IDENTITY)
            origins = value if name == "ScalarSubquery" else _both(origins, value)
        if name == "AggregateExpression":
            return _raised(origins, Derivation.AGGREGATION)
        return origins if name in PLAIN else _raised(origins, Derivation.TRANSFORMATION)

    def _nested(self, expression: Sequence[Node]) -> list[int]:
        """The result of the plan in a subquery."""
        return self.plan(expression[0]["plan"])

    def _all(self, ids: Iterable[int], derivation: Derivation) -> Origins:
        return _raised(_together(self.known.get(number, NONE) for number in ids), derivation)


_OPERATORS = {
    "Project": _Reading.project, "Aggregate": _Reading.aggregate, "Window": _Reading.window,
    "Generate": _Reading.generate, "Expand": _Reading.expand, "Union": _Reading.union,
    "LateralJoin": _Reading.lateral_join, "CTERelationDef": _Reading.define,
    "CTERelationRef": _Reading.shared_again, "WithCTE": _Reading.with_shared,
}  # fmt: skip


def _children_first(nodes: Sequence[Node]) -> list[Node]:
    """From left to right: a common table expression stands to the left of what uses it."""
    stack: list[list[Node]] = []
    for node in reversed(nodes):
        children = [stack.pop() for _ in range(node["num-children"])]
        stack.append([*(n for child in children for n in child), node])
    return stack[-1]


def _name(node: Node) -> str:
    return node["class"].rsplit(".", 1)[-1]


def _id(node: Node) -> int:
    return node["exprId"]["id"]


def _ids(attributes: Iterable[Any]) -> list[int]:
    return [_id(nodes[0]) for nodes in _expressions(attributes)]


def _expressions(values: Iterable[Any]) -> Iterator[Sequence[Node]]:
    """Each expression is a list of nodes."""
    yield from (nodes for nodes in values if isinstance(nodes, list))


def _together(several: Iterable[Origins]) -> Origins:
    origins = NONE
    for one in several:
        origins = _both(origins, one)
    return origins


def _both(one: Origins, other: Origins) -> Origins:
    if not one or not other:
        return one or other
    common = {column: derivation.then(other[column]) for column, derivation in one.items() if column in other}
    return {**one, **other, **common}


def _raised(origins: Origins, derivation: Derivation) -> Origins:
    return {column: known.then(derivation) for column, known in origins.items()}
