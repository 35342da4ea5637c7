"""What a retry is asked for: what a full refresh has emptied and begun to fill is not emptied again."""

from __future__ import annotations

from collections.abc import Collection

from weir.graph.analysis import Graph
from weir.model.definitions import MaterializedView
from weir.model.settings import Selection
from weir.plan.steps import Plan


def selection_of_retry(selection: Selection, plan: Plan, graph: Graph, unready: Collection[str]) -> Selection:
    """The selection for the next attempt at an update.

    Args:
        selection: That of the update that failed.
        plan: What it did.
        unready: Tables and sinks that could not be made ready, so that they were not reset.
    """
    anew = frozenset(step.dataset for step in plan.flows if step.anew)
    views = {n for n, d in graph.datasets.items() if isinstance(d.dataset, MaterializedView)}
    left = anew & (views | frozenset(unready))  # a view is computed anew without harm
    if left == anew:
        return selection
    rest = frozenset(step.dataset for step in plan.flows) - left
    return Selection(refresh=rest, full_refresh=left) if left or plan.excluded else Selection()
