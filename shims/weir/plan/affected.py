"""Which tables a save affects: those that the saved sources define, and all that reads them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from weir.graph.analysis import Graph, ResolvedDataset


def affected(graph: Graph, saved: AbstractSet[str], shared: AbstractSet[str]) -> frozenset[str] | None:
    """The tables and sinks that may be others since sources were saved; None for all.

    Args:
        saved: The files that were saved.
        shared: The files that sources import: what they change can be anything.
    """
    changed = {d.name for d in graph.datasets.values() if not saved.isdisjoint(_files(d))}
    known = {file for name in changed for file in _files(graph.datasets[name])}
    if not changed or not saved <= known or not saved.isdisjoint(shared):
        return None
    waiting = list(changed)
    while waiting:
        below = set(graph.readers_of(waiting.pop())) - changed
        changed |= below
        waiting += below
    targets = frozenset(changed & graph.targets.keys())
    return None if targets in (frozenset(), frozenset(graph.targets)) else targets


def _files(dataset: ResolvedDataset) -> frozenset[str]:
    return frozenset({dataset.dataset.origin.file, *(f.flow.origin.file for f in dataset.flows)})
