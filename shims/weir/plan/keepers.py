"""Who needs the rows of a table: what is computed from it, and which streams a delete would stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from weir.graph.analysis import Analyzed, Graph, ResolvedDataset, ResolvedTable, ResolvedView
from weir.model.definitions import MaterializedView, View
from weir.model.maintenance import KEPT


def promises(graph: Graph, name: str) -> Mapping[str, str]:
    """The materialized views computed from a table, through views, too -> for how long they keep rows."""
    views = [d for n in graph.readers_of(name) if isinstance((d := graph.datasets[n]).dataset, _COMPUTED)]
    kept = {d.name: d.dataset.table_properties.get(KEPT) for d in views if isinstance(d, ResolvedTable)}
    found = {n: period for n, period in kept.items() if period is not None}
    for view in views:
        found |= promises(graph, view.name)
    return found


_COMPUTED = (View, MaterializedView)


def streams_from(graph: Graph, name: str) -> Mapping[str, bool]:
    """The flows that stream from a table -> do they go on, and read nothing twice, when rows are deleted?"""
    tables = (d for d in graph.datasets.values() if not isinstance(d, ResolvedView))
    return dict(found for d in tables for found in _streams(d, graph, name))


def _streams(dataset: ResolvedDataset, graph: Graph, name: str) -> Iterator[tuple[str, bool]]:
    for flow in dataset.flows:
        if isinstance(flow.analysis, Analyzed):
            reads = [r for r in flow.analysis.streams if r.name == name]
            if reads:
                yield flow.flow.name, all(r.outlives_deletes for r in reads)
            continue
        computed = isinstance(dataset.dataset, MaterializedView)
        if not computed and name in graph.upstream_tables(dataset.name):
            yield flow.flow.name, False  # how it reads is not known before it runs
