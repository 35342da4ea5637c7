"""The twins of pages for programs: the same as plain data, in the words of the verbs' `--json`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weir.web.pages.compare import Change
from weir.web.states.panel import PipelineState
from weir.web.states.state import DatasetState, UpdateState, UpdateSummary


def pipeline_json(pipeline: PipelineState) -> dict[str, Any]:
    """A pipeline on the first page."""
    return {
        "name": pipeline.name,
        "updates": [summary_json(u) for u in pipeline.updates],
        "running": pipeline.holder.pid if pipeline.holder else None,
        "trouble": pipeline.trouble,
    }


def summary_json(update: UpdateSummary) -> dict[str, Any]:
    """An update in a list."""
    return {
        "update_id": update.id,
        "state": str(update.status),
        "started_at": update.started_at,
        "ended_at": update.ended_at,
        "user": update.user,
        "cause": update.cause,
        "mode": update.mode,
    }


def update_json(update: UpdateState, chosen: frozenset[str] | None) -> dict[str, Any]:
    """An update with its datasets, as `weir run --json` has them, and its graph, as `weir graph --json`."""
    end = update.seen_at
    datasets = [d for d in update.datasets.values() if chosen is None or d.name in chosen]
    return {
        **summary_json(update.summary),
        "pipeline": update.pipeline,
        "datasets": [_dataset(d, d.seconds(end) if end else 0.0) for d in datasets],
        "edges": [{"from": a, "to": b} for a, b in update.edges],
        "failures": [
            {"dataset": f.dataset, "condition": f.condition, "message": f.message, "causes": list(f.causes)}
            for f in update.failures
        ],
    }


def _dataset(dataset: DatasetState, seconds: float) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "kind": dataset.kind,
        "state": str(dataset.status),
        "rows_in": dataset.rows,
        "rows_written": dataset.written,
        "rows_dropped": dataset.dropped,
        "seconds": round(seconds, 3),
        "expectations": [
            {
                "name": r.name, "condition": r.condition, "action": r.action,
                "passed": r.count.passed if r.count else None, "failed": r.count.failed if r.count else None,
            }
            for r in dataset.rules
        ],
        "error": next((text for f in dataset.flows for _, text in f.exceptions[:1]), None),
    }  # fmt: skip


def compare_json(changes: Sequence[Change]) -> dict[str, Any]:
    """What two updates define otherwise."""
    keys = ("change", "what", "name", "before", "after")
    return {"changes": [dict(zip(keys, change, strict=True)) for change in changes]}
