"""Checkpoints and memories that a hand removed or put back: rows may come twice, none is lost in silence."""

from __future__ import annotations

import shutil

import pytest

from tests.copies import copied, made_in
from weir.model.settings import Selection

SOURCE = """
import dlt

@dlt.table
def plain():
    return spark.readStream.table("ev").select("id")

@dlt.table(schema="id BIGINT, twice BIGINT GENERATED ALWAYS AS (id * 2)")
def generated():
    return spark.readStream.table("ev").select("id")

dlt.create_streaming_table("loaded")

@dlt.append_flow(target="loaded", once=True)
def load():
    return spark.read.table("ev").select("id")

for scd in (1, 2):
    dlt.create_streaming_table(f"pets_{scd}")
    dlt.apply_changes(f"pets_{scd}", "ev", ["id"], "at", apply_as_deletes="gone", column_list=["id", "at"],
                      stored_as_scd_type=scd)
"""
FIRST, SECOND = {"id": 1, "at": 1, "gone": False}, {"id": 2, "at": 1, "gone": False}
DELETED = {"id": 1, "at": 2, "gone": True}
CDC, STREAMS = ["pets_1", "pets_2"], ["generated", "pets_1", "pets_2", "plain"]


@pytest.fixture(scope="module")
def two_updates(spark, tmp_path_factory):
    """A pipeline after two updates with one row each."""
    p = made_in(tmp_path_factory.mktemp("checkpoints"), spark, SOURCE)
    for row in (FIRST, SECOND):
        p.feed("ev", [row])
        assert updated(p) == {}
    return p


@pytest.fixture
def pets(two_updates, tmp_path):
    return copied(two_updates, tmp_path)


def updated(p, selection=None):
    """Table -> the condition with which it failed."""
    found = {d.name.rpartition(".")[2]: d.error for d in p.update(selection).datasets if d.error}
    return {n: error.partition("]")[0].removeprefix("[") for n, error in sorted(found.items())}


def ids(p, table):
    return [row["id"] for row in p.rows(table, "id")]


def history(p):
    return [tuple(r.values()) for r in p.rows("pets_2", "id")]


@pytest.mark.parity(
    "same", "4.2", "A checkpoint that was removed: all is read again, and appended; changes end as before"
)
@pytest.mark.long("spark/test_checkpoints.py::test_a_checkpoint_older_than_its_table_is_refused")
def test_a_checkpoint_that_was_removed_reads_all_again(pets):
    shutil.rmtree(pets.storage.root / "checkpoints")
    pets.feed("ev", [DELETED])
    assert updated(pets) == {}
    assert (ids(pets, "plain"), ids(pets, "generated")) == ([1, 1, 1, 2, 2], [1, 1, 1, 2, 2])
    assert (ids(pets, "loaded"), ids(pets, "pets_1")) == ([1], [2])
    assert history(pets) == [(1, 1, 1, 2), (2, 1, 1, None)]


@pytest.mark.parity(
    "differs",
    "4.2",
    "A checkpoint older than its table, such as one from a backup",
    "refused: rows would be lost in silence",
)
def test_a_checkpoint_older_than_its_table_is_refused(pets):
    checkpoints = pets.storage.root / "checkpoints"
    shutil.copytree(checkpoints, checkpoints.with_name("old"))
    pets.feed("ev", [DELETED])
    assert updated(pets) == {}
    shutil.move(checkpoints, checkpoints.with_name("newest"))
    shutil.move(checkpoints.with_name("old"), checkpoints)
    before = {n: pets.version(n) for n in STREAMS}
    assert updated(pets) == dict.fromkeys(STREAMS, "CHECKPOINT_OLDER_THAN_TABLE")
    assert {n: pets.version(n) for n in STREAMS} == before
    shutil.rmtree(checkpoints)
    shutil.move(checkpoints.with_name("newest"), checkpoints)
    assert updated(pets) == {}
    assert (ids(pets, "plain"), ids(pets, "pets_1")) == ([1, 1, 2], [2])


@pytest.mark.long("spark/test_checkpoints.py::test_a_checkpoint_older_than_its_table_is_refused")
def test_changes_whose_memory_was_removed_are_refused_until_a_full_refresh(pets):
    shutil.rmtree(pets.storage.root / "changes")
    pets.feed("ev", [DELETED])
    assert updated(pets) == dict.fromkeys(CDC, "AUTOCDC_INVALID_STATE.CHANGES_NOT_FOUND")
    assert (ids(pets, "pets_1"), history(pets)) == ([1, 2], [(1, 1, 1, None), (2, 1, 1, None)])
    assert updated(pets, Selection(full_refresh=frozenset(CDC))) == {}
    assert (ids(pets, "pets_1"), history(pets)) == ([2], [(1, 1, 1, 2), (2, 1, 1, None)])


@pytest.mark.long("spark/test_checkpoints.py::test_a_checkpoint_older_than_its_table_is_refused")
def test_a_table_that_was_restored_goes_on_where_its_stream_is(pets, spark):
    for name in ("plain", "generated"):
        path = pets.storage.table(f"main.default.{name}")
        spark.sql(f"RESTORE TABLE delta.`{path}` TO VERSION AS OF {pets.version(name) - 1}")
    pets.feed("ev", [DELETED])
    assert updated(pets) == {}
    assert (ids(pets, "plain"), ids(pets, "generated")) == ([1, 1], [1, 1])
    shutil.rmtree(pets.storage.root / "checkpoints")
    assert updated(pets) == {}
    assert (ids(pets, "plain"), ids(pets, "generated")) == ([1, 1, 1, 1, 2], [1, 1, 1, 1, 2])
