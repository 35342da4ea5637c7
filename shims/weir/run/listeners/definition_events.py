"""The events that tell what an update is made of, before its flows move (specification §6.3, §6.4)."""

from __future__ import annotations

import getpass
import json
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from weir.define.definition_hash import dataset_hash, flow_hash
from weir.graph.analysis import (
    AnalyzedQuery,
    Graph,
    ResolvedDataset,
    ResolvedFlow,
    ResolvedSink,
    ResolvedTable,
    ResolvedView,
)
from weir.model.changes import HISTORY, START_AT
from weir.model.definitions import (
    Action,
    AutoCdcFlow,
    ChangesFlow,
    Dataset,
    Flow,
    MaterializedView,
    SnapshotFlow,
    UpdateFlow,
    View,
    runs_once,
)
from weir.model.events import Event
from weir.model.origin import Origin
from weir.model.secrets import redacted
from weir.model.settings import Selection, Settings

_ACTIONS = {Action.WARN: "ALLOW", Action.DROP: "DROP", Action.FAIL: "FAIL"}


def user_name() -> str:
    """Who started it; containers run under users that have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def create_update(update_id: str, user: str, settings: Settings, selection: Selection, cause: str) -> Event:
    """The first event of an update, with the whole effective configuration.

    Args:
        cause: USER_ACTION or RETRY_ON_FAILURE (specification §5.4).
    """
    config = {
        "name": settings.name,
        "catalog": settings.namespace.catalog,
        "schema": settings.namespace.schema,
        "storage": str(settings.storage),
        "configuration": redacted(settings.configuration),
        "libraries": [{"file": {"path": str(f)}} for f in settings.files],
        "continuous": settings.continuous,
        "development": settings.development,
    }
    details = {
        "cause": cause,
        "run_as": user,
        "config": config,
        "full_refresh": selection.full_refresh_all,
        "refresh_selection": sorted(selection.refresh),
        "full_refresh_selection": sorted(selection.full_refresh),
        "validate_only": False,
    }
    return Event("create_update", f"Update {update_id[:6]} started by {user}.", details)


_DONE = {"START": "started", "CANCEL": "canceled"}


def user_action(update_id: str, user: str, action: str) -> Event:
    """Who did what: the audit.

    Args:
        action: START or CANCEL.
    """
    details = {"action": action, "user_name": user, "user_id": None}
    return Event("user_action", f"User {user} {_DONE[action]} update {update_id[:6]}.", details)


def runtime_details(spark: str) -> Event:
    """What it runs on; `dbr_version` is where Databricks' queries look for it."""
    text = f"Spark {spark}, Delta {version('delta-spark')}, Python {platform.python_version()}"
    details = {"runtime_version": {"dbr_version": text}}
    return Event("runtime_details", f"Running on {text}.", details)


def definition_events(graph: Graph) -> Iterator[Event]:
    """Datasets and flows."""
    for dataset in graph.datasets.values():
        yield _sink_definition(dataset) if isinstance(dataset, ResolvedSink) else _dataset_definition(dataset)
        for flow in dataset.flows:
            yield _flow_definition(dataset, flow)


def _dataset_definition(dataset: ResolvedTable | ResolvedView) -> Event:
    details = {
        "dataset_type": dataset.kind.name,
        "num_flows": len(dataset.flows),
        "expectations": [
            {"name": e.name, "expression": e.text, "action": _ACTIONS[e.action]}
            for e in dataset.dataset.expectations
        ],
        **_definition(dataset.dataset),
    }
    text = f"Dataset '{dataset.name}' defined as {dataset.kind.name}."
    return Event("dataset_definition", text, details, dataset=dataset.name)


def _keys(flow: Flow) -> dict[str, Any]:
    """The columns that tell a row of the target of AUTO CDC from all others."""
    if not isinstance(flow, AutoCdcFlow):
        return {}
    versions = (START_AT,) if flow.changes.scd_type == HISTORY else ()
    return {"keys": [*flow.changes.keys, *versions]}


def _definition(dataset: Dataset) -> dict[str, Any]:
    """What Databricks does not tell: its comment, where it stands, and a hash of what it says."""
    return {"comment": dataset.comment, **_place(dataset.origin, dataset_hash(dataset))}


def _place(origin: Origin, definition: str) -> dict[str, Any]:
    return {"source": {"file": origin.file, "line": origin.line}, "definition_hash": definition}


def _sink_definition(dataset: ResolvedSink) -> Event:
    sink = dataset.dataset
    details = {"format": sink.format, "options": redacted(sink.options)}
    text = f"Sink '{dataset.name}' defined with the format {details['format']}."
    return Event("sink_definition", text, details, dataset=dataset.name)


def _flow_definition(dataset: ResolvedDataset, resolved: ResolvedFlow) -> Event:
    flow, analysis, sink = resolved.flow, resolved.analysis, isinstance(dataset, ResolvedSink)
    schema = analysis.schema.jsonValue() if isinstance(analysis, AnalyzedQuery) else None
    details: Mapping[str, Any] = {
        "output_dataset": None if sink else dataset.name,
        "output_sink": dataset.name if sink else None,
        "input_datasets": sorted(analysis.inputs) or None,  # null, as Databricks has it for sources
        "flow_type": flow_type(dataset, resolved),
        "schema": schema["fields"] if schema else None,
        "schema_json": json.dumps(schema) if schema else None,
        "language": "PYTHON",
        "once": runs_once(flow),
        "comment": flow.comment or dataset.dataset.comment,
        "spark_conf": redacted(flow.spark_conf),
        **_place(flow.origin, flow_hash(flow)),
        **_keys(flow),
    }
    text = f"Flow '{flow.name}' defined as {details['flow_type']}."
    return Event("flow_definition", text, details, dataset=dataset.name, flow=flow.name)


def flow_type(dataset: ResolvedDataset, resolved: ResolvedFlow) -> str:
    """What kind of flow it is (specification §6.3)."""
    match resolved.flow, dataset.dataset:
        case ChangesFlow(), _:
            return "CHANGE"
        case SnapshotFlow(), _:
            return "SNAPSHOT_CHANGE"
        case _, MaterializedView() | View():
            return dataset.kind.name
        case UpdateFlow(), _:
            return "UPDATE"
        case _:
            analysis = resolved.analysis
            return "COMPLETE" if isinstance(analysis, AnalyzedQuery) and analysis.complete else "APPEND"
