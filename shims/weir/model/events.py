"""One fact of an update: what the event log keeps and the terminal shows (specification §6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """A fact.

    Attributes:
        event_type: One of §6.3.
        level: INFO, WARN, ERROR or METRICS (§6.2).
        details: The value under the event type's key.
        error: The messages of an exception and its causes, outermost first.
        fatal: The error ends the update.
        batch_id: The micro-batch it is about.
    """

    event_type: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    level: str = "INFO"
    dataset: str | None = None
    flow: str | None = None
    error: tuple[tuple[str, str], ...] = ()
    fatal: bool = False
    batch_id: int | None = None


Recorder = Callable[[Event], None]


def update_progress(
    update_id: str, state: str, level: str = "INFO", error: tuple[tuple[str, str], ...] = ()
) -> Event:
    """`Update 1a2b3c is RUNNING.`; why it failed stands in the error only (§6.4, §6.5)."""
    details = {"state": state}
    if state == "CANCELED":
        details["cancellation_cause"] = "USER_ACTION"
    text = f"Update {update_id[:6]} is {state}."
    return Event("update_progress", text, details, level, error=error, fatal=bool(error))


_FLOW_TEXTS = {
    "QUEUED": "Flow '{flow}' is QUEUED.",
    "STARTING": "Flow '{flow}' is STARTING.",
    "RUNNING": "Flow '{flow}' is RUNNING.",
    "COMPLETED": "Flow '{flow}' has COMPLETED.",
    "FAILED": "Flow '{flow}' has FAILED.",
    "EXCLUDED": "Flow '{flow}' is EXCLUDED.",
    "IDLE": "Flow '{flow}' is IDLE.",
    "STOPPED": "Flow '{flow}' has STOPPED.",
    "SKIPPED": "Flow '{flow}' SKIPPED due to upstream failure(s).",
}


def flow_progress(
    dataset: str, flow: str, status: str, level: str = "INFO", details: Mapping[str, Any] | None = None,
    error: tuple[tuple[str, str], ...] = (),
) -> Event:  # fmt: skip
    """The state of a flow, with metrics and quality where it has some (§2.6, §6.3)."""
    text = _FLOW_TEXTS[status].format(flow=flow)
    if level == "METRICS":
        text = f"Completed a streaming update of '{flow}'."
    return Event("flow_progress", text, {"status": status, **(details or {})}, level, dataset, flow, error)


def planning_information(dataset: str, flow: str, technique: str, issue: str | None) -> Event:
    """How a materialized view is refreshed: COMPLETE_RECOMPUTE or NO_OP, and why it is no NO_OP (§6.3, §9).

    Args:
        issue: One of §9's issue types, its sub-type behind a dot.
    """
    kind, _, part = (issue or "").partition(".")
    cause = {"issue_type": kind, "prevent_incrementalization": True}
    cause |= {f"{kind.lower()}_sub_type": part} if part else {}
    chosen = {
        "maintenance_type": f"MAINTENANCE_TYPE_{technique}",
        "is_chosen": True,
        "is_applicable": True,
        "incrementalization_issues": [cause] if issue else [],
    }
    text = f"Flow '{flow}' has been planned to be executed as {technique}."
    details = {"technique_information": [chosen]}
    return Event("planning_information", text, details, dataset=dataset, flow=flow)


def hook_progress(hook: str, status: str, what: str) -> Event:
    """An event hook failed, or is disabled (§6.7)."""
    text = f"Event hook '{hook}' {_HOOK_TEXTS[status]} {what}."
    return Event("hook_progress", text, {"name": hook, "status": status}, "WARN")


_HOOK_TEXTS = {"FAILED": "has FAILED", "DISABLED": "is DISABLED"}


def deprecation(code: str, text: str) -> Event:
    """Something is used that is deprecated; the code is Databricks' (§6.3)."""
    return Event("deprecation", text, {"message": code}, "WARN")


_NOT_TOLD = {"numInputRows", "inputRowsPerSecond", "processedRowsPerSecond"}


def stream_progress(dataset: str, flow: str, progress: str) -> Event:
    """What Spark's listener tells of a micro-batch, without the three metrics that Databricks leaves out.

    Args:
        progress: Spark's JSON of a StreamingQueryProgress.
    """
    content = json.loads(progress, object_hook=lambda d: {k: v for k, v in d.items() if k not in _NOT_TOLD})
    details = {"progress_json": json.dumps(content, ensure_ascii=False)}
    text = f"Completed a micro-batch of '{flow}'."
    return Event("stream_progress", text, details, "METRICS", dataset, flow, batch_id=content["batchId"])
