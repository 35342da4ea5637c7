"""What checkpoints and logs tell of the past, read without Spark in milliseconds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from weir.graph.analysis import StreamRead
from weir.model.lineage import TableRead
from weir.model.refresh import RefreshInputs
from weir.plan.foresight import ANOTHER, CHANGED, DELETED, Break
from weir.run.lake.commits import Commit, commit_of, version_of_rows
from weir.run.lake.paths import folder_of, local_file, local_folder
from weir.run.lake.refreshes import last_refresh
from weir.run.lake.storage import TableState, application_of, open_table, query_id, table_state
from weir.run.lake.world import World


class PastUpdates:
    """The plan's `Past` of one pipeline."""

    def __init__(self, world: World) -> None:
        self.world = world

    def state(self, name: str) -> TableState | None:
        """The table as it is."""
        return self.world.storage.state(name)

    def has_checkpoint(self, flow: str, generation: int) -> bool:
        """Did the flow run in this generation?"""
        return self.world.storage.has_checkpoint(self.world.pipeline.name, flow, generation)

    def flows_that_wrote(self, table: str, generation: int) -> tuple[str, ...]:
        """A stream's commits carry the id of its query, which its checkpoint keeps."""
        opened = open_table(self.world.storage.table(table))
        if opened is None:
            return ()
        flows = self.world.storage.checkpoints(self.world.pipeline.name)
        ids = {flow: query_id(folder / str(generation)) for flow, folder in flows}
        return tuple(
            f for f, query in ids.items() if query and _wrote(opened, query, application_of(f, generation))
        )

    def breaks(self, flow: str, generation: int, reads: tuple[StreamRead, ...]) -> tuple[Break, ...]:
        """What is in the way of a stream, from its checkpoint on."""
        read_to = offsets(self._checkpoint(flow, generation))
        tables = [(r, opened) for r in reads if (opened := self._source(r.name)) is not None]
        return tuple(_breaks(read_to, tables)) if read_to else ()

    def last_refresh(self, name: str) -> RefreshInputs | None:
        """What the last commit of a materialized view was made of; None if it is no refresh."""
        return last_refresh(self.world.storage, name)

    def version_now(self, read: TableRead) -> TableRead | None:
        """What a read of a table would find now; None where that can't be seen."""
        folder = self.world.outside.tables.get(read.table, read.folder)
        state = table_state(local_file(folder))
        if state is None:
            return None
        rows = read.version if read.fixed else version_of_rows(local_file(folder), state.version)
        return replace(read, version=rows, id=state.id, folder=folder_of(folder))

    def _checkpoint(self, flow: str, generation: int) -> Path:
        return self.world.storage.checkpoint(self.world.pipeline.name, flow, generation)

    def _source(self, name: str) -> DeltaTable | None:
        if name in self.world.pipeline.datasets:
            return open_table(self.world.storage.table(name))
        path = self.world.outside_path(name)
        return open_table(local_file(path)) if path else None


def _wrote(table: DeltaTable, *apps: str) -> bool:
    return any(table.transaction_version(app) is not None for app in apps)


def offsets(checkpoint: Path) -> Mapping[str, Mapping[str, Any]]:
    """Id of each Delta table that a stream reads -> how far it has read in the last finished batch."""
    batches = [int(file.name) for file in (checkpoint / "commits").glob("*") if file.name.isdigit()]
    file = checkpoint / "offsets" / str(max(batches, default=-1))
    lines = file.read_text(encoding="utf-8").splitlines()[2:] if file.exists() else []
    offsets_of_tables = [json.loads(line) for line in lines if "reservoirId" in line]
    return {offset["reservoirId"]: offset for offset in offsets_of_tables}


def _breaks(
    read_to: Mapping[str, Mapping[str, Any]], tables: list[tuple[StreamRead, DeltaTable]]
) -> Iterator[Break]:
    ids = [str(table.metadata().id) for _, table in tables]
    forgotten = read_to.keys() - set(ids)
    for (read, table), identity in zip(tables, ids, strict=True):
        offset = read_to.get(identity)
        if offset is not None:
            yield from _first_change(read, table, next_version(offset))
        elif forgotten and len(set(ids)) == len(read_to):
            yield Break(ANOTHER, read.name)


def next_version(offset: Mapping[str, Any]) -> int:
    """The first version that a stream has not read to its end."""
    return offset["reservoirVersion"] + (1 if offset["isStartingVersion"] else 0)


def _first_change(read: StreamRead, table: DeltaTable, first: int) -> Iterator[Break]:
    for version in range(first, table.version() + 1):
        commit = commit_of(local_folder(table.table_uri), version)
        if commit is None:
            return  # cleaned up: what it did is not known
        condition = _refused(commit)
        if condition and not read.takes(condition):
            operation = " ".join(str(p) for p in (commit.operation, commit.parameters.get("mode")) if p)
            yield Break(condition, read.name, f"version {version} ({operation})")
            return


def _refused(commit: Commit) -> str | None:
    """The condition with which a stream refuses a commit; None if it only appends.

    The rule is Delta's: files removed beside files added are changes, files removed alone are a delete.
    """
    return (CHANGED if "add" in commit.moved else DELETED) if "remove" in commit.moved else None
