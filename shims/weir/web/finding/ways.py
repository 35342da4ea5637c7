"""The way of a column through a graph: the edges that it takes, and what becomes of it on each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from weir.graph.walk import reached
from weir.model.names import fold
from weir.web.states.panel import ColumnEdge
from weir.web.states.state import UpdateState

Edge = tuple[str, str]


def way_of(update: UpdateState, recorded: Iterable[ColumnEdge], column: str) -> Mapping[Edge, str]:
    """The drawn edges on the way of a column, in both directions; none where nothing is recorded.

    Args:
        recorded: Edges between columns of tables: views, which lineage passes over, are drawn, too.
        column: As table.column.
    """
    hows: dict[Edge, set[str]] = {}
    for edge in _reached(tuple(recorded), fold(column)):
        for drawn in _drawn(update, edge.source_table, edge.target_table):
            hows.setdefault(drawn, set()).add(edge.how)
    return {drawn: ", ".join(sorted(how)) for drawn, how in hows.items()}


def _reached(edges: tuple[ColumnEdge, ...], column: str) -> set[ColumnEdge]:
    """All edges before and behind a column."""
    above, below = dict[str, list[ColumnEdge]](), dict[str, list[ColumnEdge]]()
    for edge in edges:
        above.setdefault(_target(edge), []).append(edge)
        below.setdefault(_source(edge), []).append(edge)
    sources = (column, *reached(column, lambda c: map(_source, above.get(c, ()))))
    targets = (column, *reached(column, lambda c: map(_target, below.get(c, ()))))
    return {e for c in sources for e in above.get(c, ())} | {e for c in targets for e in below.get(c, ())}


def _source(edge: ColumnEdge) -> str:
    return fold(f"{edge.source_table}.{edge.source_column}")


def _target(edge: ColumnEdge) -> str:
    return fold(f"{edge.target_table}.{edge.target_column}")


def _drawn(update: UpdateState, source: str, target: str) -> Iterator[Edge]:
    """The edges that lead from one table to another, through nothing but views."""

    def passes(name: str) -> bool:
        return name in update.datasets and update.datasets[name].kind == "view"

    def inputs(name: str) -> tuple[str, ...]:
        return update.datasets[name].inputs if name in update.datasets else ()

    below = reached(source, lambda n: update.readers.get(n, ()) if n == source or passes(n) else ())
    above = reached(target, lambda n: inputs(n) if n == target or passes(n) else ())
    begins = {source, *filter(passes, below)}
    ends = {target, *filter(passes, above)}
    return ((a, b) for b in ends for a in inputs(b) if a in begins)
