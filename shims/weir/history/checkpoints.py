"""What a full refresh has left behind: checkpoints and memories of changes of earlier generations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from deltalake import DeltaTable

from weir.history.logs import ORDER, select
from weir.run.lake.existing import PIPELINE
from weir.run.lake.storage import Storage


def owner_of(tables: Iterable[str], place: Storage) -> str | None:
    """The one pipeline whose tables these are."""
    states = (place.state(t) for t in tables)
    owners = {s.properties.get(PIPELINE) for s in states if s}
    return owners.pop() if len(owners) == 1 else None


def left_behind(place: Storage, pipeline: str, log: DeltaTable) -> Iterator[tuple[Path, str]]:
    """Checkpoints and memories of changes older than the generation of their table, with the table.

    An update that runs meanwhile never goes back to them, so no lock is needed.
    """
    targets = _targets(log)
    flows = place.checkpoints(pipeline)
    for flow, folder in ((flow, folder) for flow, at in flows for folder in sorted(at.glob("*"))):
        table, sink = targets.get(flow, (None, None))
        state = place.state(table) if table else None
        newest = state.generation if state else 0
        if sink:
            newest = place.sink_generation(pipeline, flow)
        if folder.name.isdigit() and int(folder.name) < newest:
            yield folder, table or sink or ""
    for table in sorted({t for t, _ in targets.values() if t}):
        state = place.state(table)
        for folder in sorted(place.changes(table, 0).parent.glob("*")):
            if state is not None and folder.name.isdigit() and int(folder.name) < state.generation:
                yield folder, table


def _targets(log: DeltaTable) -> dict[str, tuple[str | None, str | None]]:
    """Flow -> table or sink, as the last update defined them."""
    columns = "origin['flow_name'] AS flow, origin['dataset_name'] AS dataset, origin['sink_name'] AS sink"
    rows = select(log, columns, ["event_type = 'flow_definition'"], f"ORDER BY {ORDER}")
    return {r["flow"]: (r["dataset"], r["sink"]) for r in rows}
