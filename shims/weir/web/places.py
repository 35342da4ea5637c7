"""Where boxes and lines of a graph go: Graphviz's layout, from left to right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pygraphviz

WIDTH, HEIGHT = 216, 46
POINTS = 72  # of an inch, in which Graphviz measures


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """A line between two boxes, as the path of SVG."""

    source: str
    target: str
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph with its places.

    Attributes:
        nodes: Name -> left and upper edge of its box.
    """

    width: int
    height: int
    nodes: Mapping[str, tuple[int, int]]
    edges: tuple[EdgeLine, ...]


@lru_cache(maxsize=64)
def drawing(names: tuple[str, ...], edges: tuple[tuple[str, str], ...]) -> Drawing:
    """Lay a graph out, once for each shape.

    Args:
        names: The boxes, in an order that stays.
        edges: From one of them to another.
    """
    numbers = {name: str(at) for at, name in enumerate(names)}
    graph: Any = pygraphviz.AGraph(directed=True, rankdir="LR", nodesep=0.22, ranksep=0.75)
    graph.node_attr.update(shape="box", fixedsize=True, width=WIDTH / POINTS, height=HEIGHT / POINTS)
    graph.edge_attr.update(tailport="e", headport="w")
    graph.add_nodes_from(numbers.values())
    graph.add_edges_from((numbers[a], numbers[b]) for a, b in edges if a != b)
    graph.layout(prog="dot")
    middles = {name: _point(graph.get_node(number).attr["pos"]) for name, number in numbers.items()}
    left = min((x for x, _ in middles.values()), default=0) - WIDTH / 2 - 12
    top = max((y for _, y in middles.values()), default=0) + HEIGHT / 2 + 12
    places = {n: (round(x - WIDTH / 2 - left), round(top - y - HEIGHT / 2)) for n, (x, y) in middles.items()}
    width = max((x for x, _ in places.values()), default=0) + WIDTH + 12
    height = max((y for _, y in places.values()), default=0) + HEIGHT + 12
    lines = {(e[0], e[1]): e.attr["pos"] for e in graph.edges()}
    paths = (EdgeLine(a, b, _line(lines[numbers[a], numbers[b]], left, top)) for a, b in edges if a != b)
    return Drawing(width, height, places, tuple(paths))


def _point(text: str) -> tuple[float, float]:
    x, y = text.split(",")
    return float(x), float(y)


def _line(text: str, left: float, top: float) -> str:
    """Graphviz' curve as SVG has it: it begins with its end, then come points by threes."""
    end, first, *others = text.removeprefix("e,").split(" ")
    points = [f"{x - left:.0f} {top - y:.0f}" for x, y in map(_point, (first, *others, end))]
    return f"M{points[0]}C{' '.join(points[1:-1])}L{points[-1]}"
