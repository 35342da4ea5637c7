"""Where the boxes and arrows of a graph stand: from left to right, by Graphviz, the same each time."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

from weir.model.problems import missing_extra

try:
    import pygraphviz
except ImportError as error:
    raise missing_extra("A drawn graph", "ui") from error

WIDTH, HEIGHT = 216.0, 46.0  # points, which are the units of the drawing
BETWEEN_LAYERS, BETWEEN_BOXES = 56.0, 14.0
MARGIN = 12.0
INCH = 72.0
LAYERS_CROSSED = 3_000  # by all edges: Graphviz puts a point into each, and takes minutes for 100,000
Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Box:
    """A node by its upper left corner."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge: a point and then, three by three, what a cubic curve goes by and the point where it ends."""

    source: str
    target: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A graph on a plane whose origin is its upper left corner."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    curves: tuple[Curve, ...]


@lru_cache(maxsize=64)  # once a shape: an update that runs keeps its own
def layout(nodes: tuple[str, ...], edges: tuple[Edge, ...]) -> Layout:
    """Place a graph of any shape, circles included.

    Args:
        nodes: Their names; neighbours in this order are drawn beside each other where nothing speaks against.
        edges: Pairs of names; those from a node to itself and those of unknown nodes are left out.
    """
    number = {name: str(place) for place, name in enumerate(dict.fromkeys(nodes))}
    drawn = [(a, b) for a, b in dict.fromkeys(edges) if a != b and a in number and b in number]
    if not number:
        return Layout(0.0, 0.0, {}, ())
    bent = _bent(list(number), drawn)
    graph = _placed(list(number.values()), [(number[a], number[b]) for a, b in drawn if (a, b) in bent])
    _, _, width, height = map(float, graph.graph_attr["bb"].split(","))
    boxes = {name: _box(graph.get_node(place).attr["pos"], height) for name, place in number.items()}
    curves = tuple(
        Curve(a, b, tuple(_points(graph.get_edge(number[a], number[b]).attr["pos"], height)))
        if (a, b) in bent
        else Curve(a, b, _straight(boxes[a], boxes[b]))
        for a, b in drawn
    )
    return Layout(width + 2 * MARGIN, height + 2 * MARGIN, boxes, curves)


def _bent(nodes: list[str], edges: list[Edge]) -> set[Edge]:
    """The edges that Graphviz bends around boxes: the shortest; where there are many, others are straight."""
    depth = _depths(nodes, edges)
    length = {(a, b): max(1, abs(depth[b] - depth[a])) for a, b in edges}
    crossed = accumulate(sorted(length.values()))
    room = sum(1 for layers in crossed if layers <= max(LAYERS_CROSSED, len(nodes)))
    return set(sorted(edges, key=length.__getitem__)[:room])


def _depths(nodes: list[str], edges: list[Edge]) -> dict[str, int]:
    """The layer of each node, the longest way from a first one; what is in circles is in the first."""
    depth, waits = dict.fromkeys(nodes, 0), Counter(b for _, b in edges)
    readers = defaultdict[str, list[str]](list)
    for source, reader in edges:
        readers[source].append(reader)
    ready = [node for node in nodes if not waits[node]]
    for node in ready:
        for reader in readers[node]:
            depth[reader] = max(depth[reader], depth[node] + 1)
            waits[reader] -= 1
            if not waits[reader]:
                ready.append(reader)
    return depth


def _straight(source: Box, target: Box) -> tuple[tuple[float, float], ...]:
    start, end = (source.x + WIDTH, source.y + HEIGHT / 2), (target.x, target.y + HEIGHT / 2)
    return (start, start, end, end)


def _placed(nodes: list[str], edges: list[Edge]) -> Any:
    """Names are numbers here and no node has a label: no font is asked for, and no name is parsed."""
    graph: Any = pygraphviz.AGraph(
        directed=True, rankdir="LR", ranksep=BETWEEN_LAYERS / INCH, nodesep=BETWEEN_BOXES / INCH
    )
    graph.node_attr.update(shape="box", fixedsize="true", label="", width=WIDTH / INCH, height=HEIGHT / INCH)
    graph.edge_attr.update(arrowhead="none", tailport="e", headport="w")
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    graph.layout("dot")
    return graph


def _box(position: str, height: float) -> Box:
    x, y = map(float, position.split(","))
    return Box(_rounded(x - WIDTH / 2 + MARGIN), _rounded(height - y - HEIGHT / 2 + MARGIN))


def _points(spline: str, height: float) -> Iterator[tuple[float, float]]:
    for point in spline.split():
        x, y = map(float, point.split(","))
        yield _rounded(x + MARGIN), _rounded(height - y + MARGIN)


def _rounded(value: float) -> float:
    return math.floor(value * 10 + 0.5) / 10
