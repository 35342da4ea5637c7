"""What an update did, told as OpenLineage has it by its own client: to a file or an HTTP endpoint."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from weir.model.lineage import FlowLineage, Origins, Trace
from weir.model.problems import missing_extra
from weir.run.listeners.listener import Listener, Say, UpdateRecord

ENTRY = "weir.openlineage"
PRODUCER = "urn:altrupets:weir"
SECONDS = 5.0


class OpenLineage(Listener):
    """Sends a START and a last event of every flow, once the update is over."""

    def __init__(self, where: str, place: str, say: Say) -> None:
        """Nothing is sent yet.

        Args:
            where: A file that events are appended to, or the URL of an endpoint, whose key is in the
                environment (OPENLINEAGE_API_KEY).
            place: The namespace of tables: all pipelines of a storage share it.
            say: Told if they could not be sent; the update does not fail.
        """
        self._where, self._place, self._say = where, place, say

    def ended(self, ran: UpdateRecord, trace: Trace) -> None:
        """Send them."""
        try:
            with closing(_client(self._where)) as client:
                for event in _events(self._place, ran, trace):
                    client.emit(event)
        except ModuleNotFoundError:
            refused = missing_extra("The client", "openlineage")
            self._say(f"OpenLineage events could not be sent: {refused}")
        except Exception as error:  # noqa: BLE001 - whatever a transport raises
            self._say(f"OpenLineage events could not be sent: {type(error).__name__}")


def _client(where: str) -> Any:
    from openlineage.client import OpenLineageClient  # noqa: PLC0415 - 0.3 s, and seldom wanted
    from openlineage.client.transport.file import FileConfig, FileTransport  # noqa: PLC0415
    from openlineage.client.transport.http import HttpConfig, HttpTransport  # noqa: PLC0415

    if re.match(r"https?://", where):
        key = os.environ.get("OPENLINEAGE_API_KEY")
        auth = {"type": "api_key", "apiKey": key} if key else {}
        retry = {"total": 1, "backoff_factor": 0.1, "allowed_methods": ["POST"]}
        config = {"url": where, "timeout": SECONDS, "auth": auth, "retry": retry}
        return OpenLineageClient(transport=HttpTransport(HttpConfig.from_dict(config)))
    return OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=where, append=True)))


def _events(place: str, ran: UpdateRecord, trace: Trace) -> Iterator[Any]:
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState  # noqa: PLC0415

    for flow in trace.flows:
        run = Run(str(uuid.uuid5(uuid.UUID(ran.job_id), flow.flow)))
        job = Job(ran.pipeline, flow.flow)
        inputs, outputs = _datasets(place, flow)
        ended = RunState.COMPLETE if flow.completed else RunState.FAIL
        for state, at in ((RunState.START, ran.started_at), (ended, ran.ended_at)):
            yield RunEvent(
                eventTime=at.isoformat(), eventType=state, run=run, job=job, inputs=inputs,
                outputs=outputs, producer=PRODUCER,
            )  # fmt: skip


def _datasets(place: str, flow: FlowLineage) -> tuple[list[Any], list[Any]]:
    from openlineage.client.event_v2 import InputDataset, OutputDataset  # noqa: PLC0415
    from openlineage.client.facet_v2 import column_lineage_dataset as facet  # noqa: PLC0415

    def fields(origins: Origins) -> Any:
        return facet.Fields([
            facet.InputField(
                place, column.table, column.name, [facet.Transformation("DIRECT", str(derivation))]
            )
            for column, derivation in sorted(origins.items())
        ])  # fmt: skip

    columns = {name: fields(origins) for name, origins in flow.columns.items() if origins}
    facets: Any = {"columnLineage": facet.ColumnLineageDatasetFacet(fields=columns)} if columns else {}
    inputs = [InputDataset(place, source.table) for source in flow.sources]
    return inputs, [OutputDataset(place, flow.target, facets=facets)]
