"""What is remembered of a deployment: a file in the workspace, written before and after each call."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePosixPath

from databricks.sdk.errors import NotFound
from databricks.sdk.service.workspace import ImportFormat

from deploy.api import Api
from deploy.values import Entry, Json


@dataclass(frozen=True, slots=True)
class State:
    """The resources that this deployment has made or begun to make.

    Attributes:
        lineage: One history of deployments; empty until something is remembered.
        serial: How often it was written.
        entries: By the addresses of the resources.
        definitions: The tables as the sources defined them last, by their names.
    """

    lineage: str = ""
    serial: int = 0
    entries: Mapping[str, Entry] = field(default_factory=dict[str, Entry])
    definitions: Mapping[str, Json] = field(default_factory=dict[str, Json])

    def with_entry(self, entry: Entry) -> State:
        """The state that remembers a resource like this."""
        return replace(self, entries={**self.entries, f"{entry.kind}.{entry.key}": entry})

    def without(self, address: str) -> State:
        """The state that has forgotten a resource."""
        return replace(self, entries={a: e for a, e in self.entries.items() if a != address})

    def to_text(self) -> str:
        """As it is kept."""
        entries = {address: asdict(entry) for address, entry in self.entries.items()}
        own = {"lineage": self.lineage, "serial": self.serial, "definitions": dict(self.definitions)}
        return json.dumps({**own, "entries": entries}, indent=1)


def read_state(api: Api, path: str) -> State:
    """What is remembered; a new history where nothing is."""
    stream = api.read(lambda: api.client.workspace.download(path))
    if stream is None:
        return State()
    content = json.loads(stream.read())
    entries = {address: Entry(**entry) for address, entry in content["entries"].items()}
    return State(content["lineage"], content["serial"], entries, content["definitions"])


def write_state(api: Api, path: str, state: State) -> State:
    """Remember it, and give it as it was written."""
    written = replace(state, serial=state.serial + 1, lineage=state.lineage or str(uuid.uuid4()))
    try:
        _upload(api, path, written)
    except NotFound:  # the Databricks CLI has removed the folder with the bundle
        api.client.workspace.mkdirs(str(PurePosixPath(path).parent))
        _upload(api, path, written)
    return written


def _upload(api: Api, path: str, state: State) -> None:
    content = io.BytesIO(state.to_text().encode())
    api.client.workspace.upload(path, content, format=ImportFormat.RAW, overwrite=True)
