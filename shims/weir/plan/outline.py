"""What an update is made of, as those see it who follow it: plain values of a graph and its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weir.graph.analysis import Graph, ResolvedTable
from weir.model.definitions import DatasetKind, MaterializedView
from weir.plan.plain import plan_json
from weir.plan.steps import Plan


@dataclass(frozen=True, slots=True)
class Outline:
    """An update before its flows move.

    Attributes:
        targets: Name of each table and sink -> its kind, in the order of the graph.
        leaves: The published materialized views that nothing published reads.
        generations: Flow -> its checkpoint generation.
        steps: The plan as `weir plan --json` prints it.
    """

    targets: Mapping[str, str]
    leaves: tuple[str, ...]
    generations: Mapping[str, int]
    steps: tuple[Mapping[str, Any], ...]
    notices: tuple[str, ...] = ()

    @property
    def sinks(self) -> frozenset[str]:
        """The targets that are no tables."""
        return frozenset(name for name, kind in self.targets.items() if kind == DatasetKind.SINK)


def outline_of(graph: Graph, plan: Plan) -> Outline:
    """The outline of an update."""
    return Outline(
        {name: str(target.kind) for name, target in graph.targets.items()},
        leaves_of(graph),
        {s.flow: s.generation for s in plan.flows if s.flow},
        tuple(plan_json(plan)),
        plan.notices,
    )


def leaves_of(graph: Graph) -> tuple[str, ...]:
    """The materialized views at which a pipeline ends."""
    tables = [d for d in graph.datasets.values() if isinstance(d, ResolvedTable)]
    published = graph.datasets.keys() - {d.name for d in tables if d.dataset.private}
    return tuple(
        d.name for d in tables
        if isinstance(d.dataset, MaterializedView) and d.name in published
        and published.isdisjoint(graph.readers_of(d.name))
    )  # fmt: skip
