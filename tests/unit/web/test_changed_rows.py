"""The panel of a dataset shows which rows its update added, took away and changed."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.web.stories import Made, Story
from weir.model.events import Event, flow_progress
from weir.run.lake.storage import Storage
from weir.web.pages.view import View
from weir.web.reading.world import Project, World
from weir.web.serving import panels
from weir.web.serving.panels import panel_of

PETS = "main.silver.pets"
VERSIONS = (
    {"id": [1, 2, 3], "name": ["Ana", "Bo", ""]},
    {"id": [1, 2, 4], "name": ["Ana", "<b>Bo</b>", None]},
)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """Two updates of a target of AUTO CDC, each of which left a version."""
    storage = Storage(tmp_path)
    for version, rows in enumerate(VERSIONS):
        write_deltalake(storage.table(PETS), pa.table(rows), mode="overwrite")
        story = Story(tmp_path, "pets", (Made(PETS, kind="STREAMING_TABLE"),))
        story.begin()
        story.tell(
            Event("flow_definition", "", {"flow_type": "CHANGE", "keys": ["id"]}, dataset=PETS, flow=PETS)
        )
        story.starts(PETS)
        story.tell(flow_progress(PETS, PETS, "COMPLETED", details={"table_version": version}))
        story.ends()
    return storage


def panel(storage: Storage, update: int, **query: str) -> str:
    """The tab of an update of the pipeline, counted from the first, as words."""
    world = World(Project(storage, storage.root))
    ids = [u.id for u in world.pipeline("pets").updates]
    view = View("/p/pets", {"d": PETS, "tab": "data", **query})
    html = panel_of(world, view, world.update("pets", ids[update])) or ""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_rows_of_two_updates_are_compared(storage: Storage) -> None:
    shown = panel(storage, 1)
    assert "1 rows came · 1 rows went · 1 rows changed" in shown
    assert "~ 2 Bo &lt;b&gt;Bo&lt;/b&gt; - 3 &#x27;&#x27; + 4 NULL" in shown


def test_any_two_versions_are_compared(storage: Storage) -> None:
    write_deltalake(storage.table(PETS), pa.table({"id": [9], "name": ["Zoe"]}), mode="append")
    assert "1 rows came · 0 rows went" in panel(storage, 1, version="2", against="1")
    assert "2 rows came · 1 rows went · 1 rows changed" in panel(storage, 1, version="2", against="0")
    assert "is not there any more" in panel(storage, 1, version="1", against="7")


@pytest.mark.parametrize("version", ["²", "9" * 5000, "-1"])
def test_a_version_that_is_no_number_is_the_newest(storage: Storage, version: str) -> None:
    assert panel(storage, 1, version=version) == panel(storage, 1)


def test_the_first_update_has_none_before_it(storage: Storage) -> None:
    assert "rows came" not in panel(storage, 0)


def test_a_large_table_is_compared_when_somebody_wants_it(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "LARGE", 2)
    assert "Compare the 3 rows of this table" in panel(storage, 1)
    assert "1 rows came" in panel(storage, 1, diff="1")
