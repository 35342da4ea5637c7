"""No full refresh empties a table whose rows cannot all be read again."""

from __future__ import annotations

from collections.abc import Iterator

from weir.graph.analysis import Graph, ResolvedTable, ResolvedView
from weir.model.changes import HISTORY
from weir.model.definitions import AutoCdcFlow, StreamingTable
from weir.plan.steps import is_protected

FOR_EVER = 1_000  # years


def test_what_cannot_be_read_again_is_never_reset(graphs):
    years = {n: kept(d) for g in graphs for n, d in tables(g)}
    lost = {n for g in graphs for n, d in tables(g) if any(losses(g, d, years))}
    held = lost | {n for g in graphs for t, d in tables(g) if t in lost for n in streamed(g, d) if n in years}
    assert {n for g in graphs for n, d in tables(g) if is_protected(d.dataset)} == held
    assert (len(lost), len(held)) == (19, 22)


def tables(graph: Graph) -> Iterator[tuple[str, ResolvedTable]]:
    return ((n, d) for n, d in graph.targets.items() if isinstance(d, ResolvedTable))


def kept(table: ResolvedTable) -> int:
    """For how many years a table has its rows; what is private holds those of the newest update alone."""
    if table.dataset.private:
        return 0
    period = table.dataset.table_properties.get("retention.period", f"{FOR_EVER} years")
    return int(period.split()[0])


def losses(graph: Graph, table: ResolvedTable, years: dict[str, int]) -> Iterator[bool]:
    """For each thing that a streaming table reads: would a full refresh miss rows of it?"""
    if not isinstance(table.dataset, StreamingTable):
        return
    for flow in table.flows:
        history = isinstance(flow.flow, AutoCdcFlow) and flow.flow.changes.scd_type == HISTORY
        feeds = {s.name for s in flow.analysis.streams if "readchangefeed" in s.options}
        yield history and bool(feeds)  # of a change feed, only what has not been vacuumed
        yield from (years.get(n, 0) < years[table.name] for n in sources(graph, flow.analysis.inputs))


def streamed(graph: Graph, table: ResolvedTable) -> Iterator[str]:
    """The tables whose rows it streams: if one starts over, so must it; a change feed goes on."""
    for flow in table.flows if isinstance(table.dataset, StreamingTable) else ():
        read = {s.name for s in flow.analysis.streams if "readchangefeed" not in s.options}
        yield from sources(graph, frozenset(read)) if read else ()


def sources(graph: Graph, inputs: frozenset[str]) -> Iterator[str]:
    """Full names of the tables behind views; `files` for what is read from no table."""
    if not inputs:
        yield "files or a queue"
    for name in inputs:
        view = graph.datasets.get(name)
        yield from sources(graph, view.inputs) if isinstance(view, ResolvedView) else [name]
