"""Rows of the event log as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from weir.web.states.objects import Object, inner, number, objects, text


@dataclass(frozen=True, slots=True)
class LogEvent:
    """A row of the event log.

    Attributes:
        number: Orders the events of a pipeline; the part of a link that names one.
        details: The object under the event type's key.
        exceptions: Class and message, the outermost first.
    """

    number: int
    id: str
    update: str
    at: datetime
    level: str
    type: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    dataset: str | None = None
    flow: str | None = None
    exceptions: tuple[tuple[str, str], ...] = ()


def log_event(row: Object) -> LogEvent:
    """A row of the event log as a value; what it lacks, as in a log of another schema, is empty."""
    origin, kind = inner(row, "origin"), text(row, "event_type") or ""
    exceptions = objects(inner(row, "error"), "exceptions")
    return LogEvent(
        number(inner(row, "sequence"), "control_plane_seq_no") or 0,
        text(row, "id") or "",
        text(origin, "update_id") or "",
        row["timestamp"],
        text(row, "level") or "INFO",
        kind,
        text(row, "message") or "",
        _details(text(row, "details"), kind),
        text(origin, "dataset_name") or text(origin, "sink_name"),
        text(origin, "flow_name"),
        tuple((text(e, "class_name") or "", text(e, "message") or "") for e in exceptions),
    )


def _details(content: str | None, kind: str) -> Object:
    try:
        return inner(json.loads(content or "{}"), kind)
    except (ValueError, AttributeError):
        return {}
