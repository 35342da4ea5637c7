"""Who needs the rows of a table: what is computed from it, and which streams a delete would stop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from weir.graph.analysis import AnalyzedQuery, Graph, ResolvedDataset, ResolvedView
from weir.graph.walk import reached
from weir.model.definitions import MaterializedView, View
from weir.model.maintenance import KEPT


def promises(graph: Graph, name: str) -> Mapping[str, str]:
    """The materialized views computed from a table, through views, too -> for how long they keep rows."""
    datasets = (graph.datasets[n].dataset for n in reached(name, lambda n: _computed_from(graph, n)))
    views = [d for d in datasets if isinstance(d, MaterializedView)]
    return {v.name: v.table_properties[KEPT] for v in views if KEPT in v.table_properties}


def _computed_from(graph: Graph, name: str) -> Iterable[str]:
    computed = (View, MaterializedView)
    return (n for n in graph.readers_of(name) if isinstance(graph.datasets[n].dataset, computed))


def streams_from(graph: Graph, name: str) -> Mapping[str, bool]:
    """The flows that stream from a table -> do they go on, and read nothing twice, when rows are deleted?"""

    def onward(read: str) -> Iterable[str]:
        through = read == name or isinstance(graph.datasets[read], ResolvedView)
        return graph.readers_of(read) if through else ()

    readers = (graph.datasets[n] for n in reached(name, onward))
    tables = (d for d in readers if not isinstance(d, ResolvedView))
    return dict(stream for d in tables for stream in _streams(d, name))


def _streams(dataset: ResolvedDataset, name: str) -> Iterator[tuple[str, bool]]:
    for flow in dataset.flows:
        if isinstance(flow.analysis, AnalyzedQuery):
            reads = [r for r in flow.analysis.streams if r.name == name]
            if reads:
                yield flow.flow.name, all(r.outlives_deletes for r in reads)
        elif not isinstance(dataset.dataset, MaterializedView):
            yield flow.flow.name, False  # how it reads is not known before it runs
