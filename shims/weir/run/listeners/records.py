"""The tables of the schema `system`: lineage of tables and columns, and who ran what.

delta-rs writes them, one commit an update each. An update never fails because of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from weir.model.lineage import TableVersion, Trace
from weir.model.names import TableName
from weir.run.lake.append import append_rows
from weir.run.lake.compaction import compact
from weir.run.lake.storage import Storage
from weir.run.listeners.listener import Listener, Say, UpdateRecord

_TEXT, _TIME = pa.string(), pa.timestamp("us", "UTC")
_VERSIONS = pa.list_(pa.struct([("table", _TEXT), ("version", pa.int64())]))
_JOB: Mapping[str, pa.DataType] = {
    "execution_timestamp": _TIME,
    "job_id": _TEXT,
    "pipeline": _TEXT,
    "flow": _TEXT,
}
SCHEMAS: Mapping[str, Mapping[str, pa.DataType]] = {
    "data_lineage": {"source_table": _TEXT, "target_table": _TEXT, "transformation_logic": _TEXT, **_JOB},
    "column_lineage": {
        "source_table": _TEXT, "source_column": _TEXT, "target_table": _TEXT, "target_column": _TEXT,
        "transformation_logic": _TEXT, **_JOB,
    },
    "audit_log": {
        "user": _TEXT, "host": _TEXT, "action": _TEXT, "pipeline": _TEXT, "job_id": _TEXT, "state": _TEXT,
        "started_at": _TIME, "ended_at": _TIME, "versions_read": _VERSIONS, "versions_written": _VERSIONS,
    },
}  # fmt: skip


class Records(Listener):
    """Appends what an update did; said, if it can't be written."""

    def __init__(self, storage: Storage, catalog: str, say: Say) -> None:
        """Nothing is written yet.

        Args:
            catalog: The catalog of the schema `system`.
        """
        self._storage, self._catalog, self._say = storage, catalog, say

    def ended(self, ran: UpdateRecord, trace: Trace) -> None:
        """Write it."""
        rows = {
            "data_lineage": list(_tables(ran, trace)),
            "column_lineage": list(_columns(ran, trace)),
            "audit_log": [_audit(ran, trace)],
        }
        for table, records in rows.items():
            name = str(TableName.of((self._catalog, "system", table)))
            schema, place = pa.schema(list(SCHEMAS[table].items())), self._storage.table(name)
            if records and (error := append_rows(place, records, schema)):
                self._say(f"{name} could not be written: {error}")
            elif error := compact(place):
                self._say(f"{name} could not be compacted: {error}")


def _tables(ran: UpdateRecord, trace: Trace) -> Iterator[dict[str, Any]]:
    for flow in trace.flows:
        for source in flow.sources if flow.completed else ():
            job = _job(ran, flow.flow)
            yield {
                "source_table": source.table, "target_table": flow.target,
                "transformation_logic": flow.transformation, **job,
            }  # fmt: skip


def _columns(ran: UpdateRecord, trace: Trace) -> Iterator[dict[str, Any]]:
    for flow in trace.flows:
        for target, origins in flow.columns.items() if flow.completed else ():
            for source, derivation in sorted(origins.items()):
                yield {
                    "source_table": source.table, "source_column": source.name,
                    "target_table": flow.target, "target_column": target,
                    "transformation_logic": derivation, **_job(ran, flow.flow),
                }  # fmt: skip


def _job(ran: UpdateRecord, flow: str) -> dict[str, Any]:
    return {"execution_timestamp": ran.ended_at, "job_id": ran.job_id, "pipeline": ran.pipeline, "flow": flow}


def _audit(ran: UpdateRecord, trace: Trace) -> dict[str, Any]:
    read = {source for flow in trace.flows for source in flow.sources}
    return {
        **{name: getattr(ran, name) for name in UpdateRecord.__slots__},
        "versions_read": _versions(read),
        "versions_written": _versions(trace.written),
    }


def _versions(tables: Sequence[TableVersion] | set[TableVersion]) -> list[dict[str, Any]]:
    return [{"table": v.table, "version": v.version} for v in sorted(tables, key=str)]
