"""Events as rows: numbered, stamped, with Databricks' columns (specification §6.2)."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from weir.model.events import Event
from weir.plan.outline import Outline
from weir.run.listeners.listener import Listener

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _struct(**fields: pa.DataType) -> pa.StructType:
    return pa.struct(list(fields.items()))


_TEXT, _NUMBER = pa.string(), pa.int64()
_ORIGIN = [
    "cloud",
    "region",
    "user",
    "host",
    "pipeline_id",
    "pipeline_type",
    "pipeline_name",
    "cluster_id",
    "update_id",
    "maintenance_id",
    "table_id",
    "table_name",
    "dataset_name",
    "sink_name",
    "flow_id",
    "flow_name",
    "request_id",
    "materialization_name",
    "uc_resource_id",
]
_FRAME = _struct(declaring_class=_TEXT, method_name=_TEXT, file_name=_TEXT, line_number=_NUMBER)
_EXCEPTION = _struct(class_name=_TEXT, message=_TEXT, stack=pa.list_(_FRAME))
_SEQUENCE = _struct(data_plane_id=_struct(instance=_TEXT, seq_no=_NUMBER), control_plane_seq_no=_NUMBER)
SCHEMA = pa.schema(
    [
        pa.field("id", _TEXT, nullable=False),
        pa.field("sequence", _SEQUENCE, nullable=False),
        pa.field(
            "origin",
            _struct(**dict.fromkeys(_ORIGIN, _TEXT), org_id=_NUMBER, batch_id=_NUMBER),
            nullable=False,
        ),
        pa.field("timestamp", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("message", _TEXT, nullable=False),
        pa.field("level", _TEXT, nullable=False),
        pa.field("maturity_level", _TEXT, nullable=False),
        pa.field("error", _struct(fatal=pa.bool_(), exceptions=pa.list_(_EXCEPTION))),
        pa.field("details", _TEXT, nullable=False),
        pa.field("event_type", _TEXT, nullable=False),
    ]
)


def pipeline_id(name: str, storage: Path) -> str:
    """The same for every update of a pipeline in one storage."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"weir:{storage}/{name}"))


class EventRows(Listener):
    """Makes the rows of one update's events, one after the other."""

    def __init__(self, origin: Mapping[str, Any], clock: Callable[[], int] = time.time_ns) -> None:
        """Begin to count.

        Args:
            origin: The fields of `origin` that all events of the update share.
            clock: Nanoseconds of the epoch.
        """
        self.generations: Mapping[str, int] = {}
        self.sinks: frozenset[str] = frozenset()
        self._origin, self._clock = origin, clock
        self._recorded = 0
        self._last = 0

    def planned(self, outline: Outline) -> None:
        """Checkpoint generations are known, and which outputs are sinks."""
        self.generations, self.sinks = outline.generations, outline.sinks

    def of(self, event: Event) -> Mapping[str, Any]:
        """The row of the next event."""
        self._recorded += 1
        self._last = max(self._last + 1, self._clock() // 1000)
        return self._row(event, self._recorded, self._last)

    def _row(self, event: Event, number: int, at: int) -> dict[str, Any]:
        return {
            "id": str(uuid.uuid1(node=uuid.UUID(self._origin["update_id"]).node, clock_seq=0)),
            "sequence": {
                "data_plane_id": {"instance": "execution", "seq_no": number},
                "control_plane_seq_no": at,
            },
            "origin": {**self._origin, **self._place(event)},
            "timestamp": EPOCH + timedelta(microseconds=at),
            "message": event.message,
            "level": event.level,
            "maturity_level": "STABLE",
            "error": _error(event),
            "details": json.dumps({event.event_type: event.details}, ensure_ascii=False, default=str),
            "event_type": event.event_type,
        }

    def _place(self, event: Event) -> dict[str, Any]:
        """A flow's id lives as long as its checkpoint, as on Databricks."""
        known = f"{event.flow}/{self.generations.get(event.flow or '', 0)}"
        space = uuid.UUID(self._origin["pipeline_id"])
        flow_id = str(uuid.uuid5(space, known)) if event.flow else None
        output = "sink_name" if event.dataset in self.sinks else "dataset_name"
        place = {output: event.dataset, "flow_name": event.flow, "flow_id": flow_id}
        return {**place, "batch_id": event.batch_id}


def rest_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """An event as Databricks' REST API has it: `details` parsed, no empty fields of the origin."""
    origin = {k: v for k, v in row["origin"].items() if v is not None}
    at = row["timestamp"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**row, "origin": origin, "timestamp": at, "details": json.loads(row["details"])}


def _error(event: Event) -> dict[str, Any] | None:
    if not event.error:
        return None
    chain = [{"class_name": name, "message": text, "stack": []} for name, text in event.error]
    return {"fatal": event.fatal, "exceptions": chain}
