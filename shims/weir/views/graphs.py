"""Graphs and what is defined, as data."""

from __future__ import annotations

from typing import Any

from weir.graph.analysis import Graph, ResolvedDataset
from weir.model.definitions import Dataset
from weir.run.frames.schemas import describe


def graph_json(graph: Graph) -> dict[str, Any]:
    """Datasets and edges."""
    nodes = [{"name": d.name, "kind": str(d.kind)} for d in graph.datasets.values()]
    edges = [{"from": source, "to": d.name} for d in graph.datasets.values() for source in sorted(d.inputs)]
    return {"datasets": nodes, "edges": edges}


def dataset_json(dataset: ResolvedDataset) -> dict[str, Any]:
    """A dataset as `weir validate --json` prints it."""
    return {
        "name": dataset.name,
        "kind": str(dataset.kind),
        "inputs": sorted(dataset.inputs),
        "schema": describe(dataset.schema),
        "expectations": rules_json(dataset.dataset),
    }


def rules_json(dataset: Dataset) -> list[dict[str, str]]:
    """The rules of a dataset as they are defined."""
    return [{"name": e.name, "condition": e.text, "action": str(e.action)} for e in dataset.expectations]
