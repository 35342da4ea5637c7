"""Graphs and what is defined, as data."""

from __future__ import annotations

from typing import Any

from weir.graph.analysis import Graph, ResolvedDataset, ResolvedFlow
from weir.model.definitions import Dataset
from weir.model.origin import Origin
from weir.run.frames.schemas import describe
from weir.run.listeners.definition_events import flow_type


def graph_json(graph: Graph) -> dict[str, Any]:
    """Datasets with their flows, each with its place in the sources, and edges."""
    nodes = [_node_json(d) for d in graph.datasets.values()]
    edges = [{"from": source, "to": d.name} for d in graph.datasets.values() for source in sorted(d.inputs)]
    return {"datasets": nodes, "edges": edges}


def _node_json(dataset: ResolvedDataset) -> dict[str, Any]:
    flows = [_flow_json(dataset, f) for f in dataset.flows]
    place, comment = _place_json(dataset.dataset.origin), dataset.dataset.comment
    return {"name": dataset.name, "kind": str(dataset.kind), "comment": comment, **place, "flows": flows}


def _flow_json(dataset: ResolvedDataset, resolved: ResolvedFlow) -> dict[str, Any]:
    name, inputs = resolved.flow.name, sorted(resolved.analysis.inputs)
    place = _place_json(resolved.flow.origin)
    return {"name": name, "type": flow_type(dataset, resolved), "inputs": inputs, **place}


def _place_json(origin: Origin) -> dict[str, Any]:
    return {"file": origin.file, "line": origin.line}


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
