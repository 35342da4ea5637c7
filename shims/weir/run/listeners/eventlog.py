"""The event log: one Delta table a pipeline with Databricks' columns (specification §6.2).

delta-rs writes it, no Spark job does. Events are gathered for a second, since a commit an event
makes thousands of files. An update never fails or waits because of its log.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from weir.model.events import Event
from weir.run.lake.storage import append_rows

PAUSE = 1.0
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


class EventLog:
    """The log of one update; `record` may be called from any thread while it is entered."""

    def __init__(
        self,
        path: Path,
        origin: Mapping[str, Any],
        tell: Callable[[str], None],
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        """Nothing is touched yet.

        Args:
            path: The Delta table, made by the first write.
            origin: The fields of `origin` that all events of the update share.
            tell: Told, once, that the log can't be written.
            clock: Nanoseconds of the epoch.
        """
        self.generations: Mapping[str, int] = {}
        self.sinks: frozenset[str] = frozenset()
        self._path, self._origin, self._tell, self._clock = path, origin, tell, clock
        self._guard = threading.Lock()
        self._waiting: list[Mapping[str, Any]] = []
        self._recorded = 0
        self._last = 0
        self._told = False
        self._ending = threading.Event()
        self._writer = threading.Thread(target=self._write, name="event-log", daemon=True)

    def __enter__(self) -> Self:
        self._writer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._ending.set()
        self._writer.join()

    def record(self, event: Event) -> Mapping[str, Any]:
        """Stamp an event and put it in line; gives its row."""
        with self._guard:
            self._recorded += 1
            self._last = max(self._last + 1, self._clock() // 1000)
            row = self._row(event, self._recorded, self._last)
            self._waiting.append(row)
        return row

    def _write(self) -> None:
        while not self._ending.wait(PAUSE):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        with self._guard:
            rows, self._waiting = self._waiting, []
        if not rows:
            return
        error = append_rows(self._path, rows, SCHEMA)
        if error is not None and not self._told:
            self._tell(f"the event log could not be written: {error}")
            self._told = True

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
