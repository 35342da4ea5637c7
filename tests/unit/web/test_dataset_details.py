"""What tables and lineage tell of a dataset beside one update."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from tests.web.stories import Made, Story, columns_made
from weir.graph.analysis import AnalysisDeferred, Graph, ResolvedFlow, ResolvedTable
from weir.model.changes import ALL, HISTORY, Changes, Feed
from weir.model.definitions import ChangesFlow, StreamingTable
from weir.model.governance import PROPERTY, FunctionCall, Protection
from weir.model.origin import Origin
from weir.run.lake.storage import Storage
from weir.run.listeners.definition_events import definition_events
from weir.web.reading.details import column_edges, details_of
from weir.web.reading.read import open_log
from weir.web.states.panel import ColumnEdge
from weir.web.states.state import Column

PETS, RAW = "main.silver.pets", "main.bronze.raw"
MASKED = Protection({"mail": FunctionCall("main.f.hidden", ("`mail`",))}).to_text()


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path)


def test_a_table_tells_its_columns_with_comments_and_masks(storage: Storage) -> None:
    story = Story(storage.root, "pets", (Made(PETS, kind="STREAMING_TABLE", columns=("id",)),)).whole()
    log = open_log(storage, "pets")
    assert log is not None
    dataset = log.update(story.id).datasets[PETS]
    assert details_of(storage, "pets", dataset).columns == (Column("id", "string"),)
    schema = pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("mail", pa.list_(pa.string()))])
    properties = {PROPERTY: MASKED, "quality": "gold"}
    DeltaTable.create(
        storage.table(PETS),
        schema,
        description="all pets",
        configuration=properties,
        raise_if_key_not_exists=False,
    )
    details = details_of(storage, "pets", dataset)
    assert details.columns == (
        Column("id", "bigint", nullable=False), Column("mail", "array<string>", mask="main.f.hidden"),
    )  # fmt: skip
    assert details.comment == "all pets"
    assert (details.generation, details.checkpoints) == (0, {})
    checkpoint = storage.checkpoint("pets", PETS, 0)
    (checkpoint / "offsets").mkdir(parents=True)
    assert details_of(storage, "pets", dataset).checkpoints == {PETS: str(checkpoint)}
    assert details.properties == {"quality": "gold"}
    assert [run.update.id for run in details.history] == [story.id]


def test_lineage_is_that_of_the_last_run_of_each_flow(storage: Storage) -> None:
    assert column_edges(storage, PETS) == ((), ())
    columns_made(storage, 1, "a", (RAW, "old", PETS, "id"))
    columns_made(storage, 2, "a", (RAW, "id", PETS, "id"), (RAW, "x", "main.other", "x"))
    columns_made(storage, 1, "b", (PETS, "id", "main.gold.n", "n"))
    assert column_edges(storage, PETS) == (
        (ColumnEdge(RAW, "id", PETS, "id", "IDENTITY"),),
        (ColumnEdge(PETS, "id", "main.gold.n", "n", "IDENTITY"),),
    )
    assert DeltaTable(storage.table("main.system.column_lineage")).version() == 2


def test_targets_of_auto_cdc_tell_the_keys_by_which_rows_are_compared(storage: Storage) -> None:
    here = Origin("p.py", 1)
    changes = Changes(Feed.STREAM, ("id", "Año"), HISTORY, "at", columns=ALL)
    flow = ChangesFlow(PETS, PETS, lambda: None, here, changes=changes)
    resolved = ResolvedFlow(flow, AnalysisDeferred(frozenset(), "it looks at data", streaming=True))
    graph = Graph({PETS: ResolvedTable(StreamingTable(PETS, here), (resolved,))})
    story = Story(storage.root, "pets", ())
    story.begin()
    story.tell(*definition_events(graph))
    log = open_log(storage, "pets")
    assert log is not None
    dataset = log.update(story.id).datasets[PETS]
    assert dataset.keys == ("id", "Año", "__START_AT")
    assert (dataset.origin, dataset.kind) == (here, "streaming_table")
