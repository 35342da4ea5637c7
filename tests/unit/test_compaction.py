"""Tables of our own stay small, however many updates write into them, and whoever else does meanwhile."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from tests.killing import until
from tests.logs import event_log
from weir.model.events import Event
from weir.model.lineage import Trace
from weir.run.lake import compaction
from weir.run.lake.append import append_rows
from weir.run.lake.compaction import compact
from weir.run.lake.storage import Storage
from weir.run.listeners import eventlog
from weir.run.listeners.listener import UpdateRecord
from weir.run.listeners.records import Records

SCHEMA = pa.schema([("n", pa.int64())])
UPDATE = "5f0c8a1e-3f7b-4b0e-9d57-2f1c1f6d3a10"
TWO_HOURS = 7200


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table of few files, whose log is short."""
    monkeypatch.setattr(compaction, "FILES", 10)
    monkeypatch.setattr(compaction, "VERSIONS", 30)
    return tmp_path / "t"


def append(path: Path, *numbers: int) -> None:
    for number in numbers:
        assert append_rows(path, [{"n": number}], SCHEMA) is None


def numbers(path: Path, version: int | None = None) -> list[int]:
    return sorted(DeltaTable(path, version).to_pyarrow_table()["n"].to_pylist())


def log_of(path: Path) -> list[int]:
    """The versions whose commits are kept."""
    return sorted(int(file.stem) for file in (path / "_delta_log").glob("[0-9]*.json"))


def test_a_table_of_few_files_is_left_alone(table: Path) -> None:
    append(table, *range(10))
    assert compact(table) is None
    assert DeltaTable(table).version() == 9


def test_many_files_become_one_and_no_row_is_lost(table: Path) -> None:
    append(table, *range(11))
    assert compact(table) is None
    assert (len(DeltaTable(table).file_uris()), numbers(table)) == (1, list(range(11)))
    assert numbers(table, 10) == list(range(11))


def test_what_is_old_goes_and_every_version_that_stays_can_be_read(table: Path) -> None:
    for start in range(0, 100, 20):
        append(table, *range(start, start + 20))
        for file in (table / "_delta_log").iterdir():
            os.utime(file, (time.time() - TWO_HOURS,) * 2)
        assert compact(table) is None
    kept = log_of(table)
    assert kept == list(range(kept[0], DeltaTable(table).version() + 1))
    assert 30 <= len(kept) < 60
    assert numbers(table) == list(range(100))
    assert len(numbers(table, kept[0])) > 0


def test_what_another_writes_meanwhile_stays(table: Path) -> None:
    append(table, *range(20))
    other = DeltaTable(table)
    assert compact(table) is None
    append(table, 20)
    assert compact(table) is None
    assert (numbers(table), len(other.to_pyarrow_table())) == (list(range(21)), 20)


def test_what_is_no_table_is_told_in_a_line(table: Path) -> None:
    append(table, *range(11))
    for file in table.glob("*.parquet"):
        file.write_bytes(b"")
    assert isinstance(compact(table), str)
    assert compact(table.with_name("nothing")) is None


def test_a_log_that_is_written_every_second_stays_small(tmp_path: Path, table: Path, monkeypatch) -> None:
    monkeypatch.setattr(eventlog, "PAUSE", 0.0)
    with event_log(table, {"update_id": UPDATE, "pipeline_id": UPDATE}, pytest.fail) as log:
        for number in range(60):
            log.record(Event("hook_progress", str(number)))
            until(partial(flushed, table, number))
    found = DeltaTable(table)
    assert found.to_pyarrow_table().num_rows == 60
    assert len(found.file_uris()) <= 20


def flushed(path: Path, number: int) -> bool:
    """Were so many events written, in a commit each? Compactions are commits too."""
    return (path / "_delta_log" / f"{number:020}.json").exists()


def test_the_records_of_hundreds_of_updates_are_few_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "FILES", 10)
    now = datetime.now(UTC)
    ran = UpdateRecord("me", "here", "REFRESH", "p", UPDATE, "COMPLETED", now, now)
    records = Records(Storage(tmp_path), "main", pytest.fail)
    for _ in range(40):
        records.ended(ran, Trace())
    found = DeltaTable(Storage(tmp_path).table("main.system.audit_log"))
    assert (len(found.file_uris()) <= 11, found.to_pyarrow_table().num_rows) == (True, 40)
