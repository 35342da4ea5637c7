"""Event logs as pages read them: written by Weir's own writer, followed whatever happens to their files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from tests.logs import event_log
from weir.model.counts import RuleCount
from weir.model.events import Event, flow_progress, update_progress
from weir.run.lake.storage import Storage
from weir.web.reading.read import PipelineLog, open_log, pipelines, running_update
from weir.web.reading.tail import Tail
from weir.web.states.panel import PipelineState
from weir.web.states.status import Status

FIRST, SECOND = "11111111-3f7b-4b0e-9d57-2f1c1f6d3a10", "22222222-3f7b-4b0e-9d57-2f1c1f6d3a10"
TABLE = 'main.s.`it\'s "t"`'


class Writer:
    """Writes updates of the pipeline `pets`, a second of a clock for each event."""

    def __init__(self, storage: Storage) -> None:
        self.storage, self.now = storage, 1_780_000_000

    def tick(self) -> int:
        self.now += 1
        return self.now * 1_000_000_000

    def write(self, update: str, *events: Event) -> None:
        origin = {"pipeline_id": FIRST, "pipeline_name": "pets", "update_id": update}
        with event_log(self.storage.events("pets"), origin, clock=self.tick) as log:
            for event in events:
                log.record(event)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / ".weir")


@pytest.fixture
def writer(storage: Storage) -> Writer:
    return Writer(storage)


def created(update: str) -> Event:
    return Event(
        "create_update", f"Update {update[:6]} started.", {"run_as": "ana", "config": {"name": "pets"}}
    )


def defined(*rules: str) -> Event:
    expectations = [{"name": r, "expression": "x > 0", "action": "ALLOW"} for r in rules]
    details = {"dataset_type": "STREAMING_TABLE", "expectations": expectations}
    return Event("dataset_definition", "", details, dataset=TABLE)


def counted(dataset: str, failed: int) -> Event:
    rule = {"name": "known", "dataset": dataset, "passed_records": 9, "failed_records": failed}
    details = {
        "metrics": {"num_output_rows": 9},
        "data_quality": {"dropped_records": 0, "expectations": [rule]},
    }
    return flow_progress(TABLE, TABLE, "RUNNING", "METRICS", details)


def whole(update: str, state: str = "COMPLETED", failed: int = 1) -> list[Event]:
    return [created(update), defined("known"), flow_progress(TABLE, TABLE, "STARTING"), counted(TABLE, failed),
            flow_progress(TABLE, TABLE, "COMPLETED"), update_progress(update, state)]  # fmt: skip


def opened(storage: Storage) -> PipelineLog:
    log = open_log(storage, "pets")
    assert log is not None
    return log


@pytest.fixture
def sleeper() -> Iterator[psutil.Process]:
    """A process that lives until the test ends it."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield psutil.Process(process.pid)
    process.kill()
    process.communicate(timeout=30)


def held(storage: Storage, process: psutil.Process, update: str) -> None:
    """The record of a lock, as an update of that process leaves it."""
    lock = storage.lock("pets")
    lock.parent.mkdir(parents=True, exist_ok=True)
    record = {"host": os.uname().nodename, "pid": process.pid, "started": process.create_time(),
              "update_id": update, "since": "2026-05-01T12:00:00+00:00"}  # fmt: skip
    lock.write_text(json.dumps(record))


def test_the_last_updates_and_one_of_them_are_read(writer: Writer, storage: Storage) -> None:
    writer.write(FIRST, *whole(FIRST, "FAILED"))
    writer.write(SECOND, *whole(SECOND))
    log = opened(storage)
    assert [(s.id, s.status, s.user) for s in log.summaries()] == [
        (FIRST, Status.FAILED, "ana"), (SECOND, Status.COMPLETED, "ana"),
    ]  # fmt: skip
    assert log.id_of("2222") == SECOND
    assert log.id_of("3") is None
    update = log.update(SECOND)
    assert (update.status, update.datasets[TABLE].written, len(update.events)) == (Status.COMPLETED, 9, 6)


def test_a_dataset_is_followed_over_updates_also_a_view_that_others_count(
    writer: Writer, storage: Storage
) -> None:
    view = Event("dataset_definition", "", {"dataset_type": "VIEW", "expectations": [
        {"name": "known", "expression": "x > 0", "action": "DROP"}]}, dataset="s's \"v\"")  # fmt: skip
    writer.write(FIRST, *whole(FIRST)[:-1], view, counted('s\'s "v"', 4), update_progress(FIRST, "COMPLETED"))
    writer.write(SECOND, *whole(SECOND, failed=3))
    runs = opened(storage).history(TABLE)
    assert [(r.update.id, r.state.rules[0].count) for r in runs] == [
        (FIRST, RuleCount(9, 1)), (SECOND, RuleCount(9, 3)),
    ]  # fmt: skip
    [seen] = opened(storage).history('s\'s "v"')
    assert seen.state.rules[0].count == RuleCount(9, 4)


def test_an_update_runs_while_its_process_lives_and_is_lost_after_it(
    writer: Writer, storage: Storage, sleeper: psutil.Process
) -> None:
    writer.write(FIRST, *whole(FIRST)[:4])
    held(storage, sleeper, FIRST)
    assert running_update(storage, "pets") == FIRST
    assert opened(storage).update(FIRST).datasets[TABLE].status is Status.STARTING
    sleeper.kill()
    sleeper.wait(timeout=30)
    lost = opened(storage).update(FIRST)
    assert (lost.status, lost.datasets[TABLE].status) == (Status.LOST, Status.LOST)
    assert [s.status for s in opened(storage).summaries()] == [Status.LOST]


def test_what_another_process_writes_is_seen_once(writer: Writer, storage: Storage) -> None:
    tail = Tail(storage.events("pets"))
    assert tail.look() == ()
    writer.write(FIRST, *whole(FIRST)[:2])
    assert [e.type for e in tail.look()] == ["create_update", "dataset_definition"]
    assert tail.look() == ()
    writer.write(FIRST, *whole(FIRST)[2:])
    assert len(tail.look()) == 4
    assert tail.number == opened(storage).update(FIRST).events[-1].number
    later = Tail(storage.events("pets"), tail.number)
    assert later.look() == ()
    writer.write(SECOND, created(SECOND))
    assert [e.update for e in later.look()] == [e.update for e in tail.look()] == [SECOND]


def test_compaction_and_vacuum_between_two_looks_lose_nothing_and_repeat_nothing(
    writer: Writer, storage: Storage
) -> None:
    path = storage.events("pets")
    writer.write(FIRST, created(FIRST))
    tail = Tail(path)
    assert len(tail.look()) == 1
    for _ in range(3):
        writer.write(FIRST, defined())
    DeltaTable(path).optimize.compact()
    assert len(tail.look()) == 3
    writer.write(FIRST, defined())
    table = DeltaTable(path)
    table.optimize.compact()
    table.vacuum(0, dry_run=False, enforce_retention_duration=False)
    assert len(tail.look()) == 1
    assert tail.look() == ()
    assert len(opened(storage).update(FIRST).events) == 5


def test_a_log_whose_beginning_was_cleaned_is_followed_on(writer: Writer, storage: Storage) -> None:
    path = storage.events("pets")
    writer.write(FIRST, created(FIRST))
    tail = Tail(path)
    tail.look()
    for _ in range(3):
        writer.write(FIRST, defined())
    DeltaTable(path).create_checkpoint()
    for version in range(3):
        (path / "_delta_log" / f"{version:020}.json").unlink()
    assert len(tail.look()) == 3
    writer.write(FIRST, defined())
    assert len(tail.look()) == 1


def test_another_log_in_the_same_place_begins_anew(writer: Writer, storage: Storage) -> None:
    path = storage.events("pets")
    for _ in range(3):
        writer.write(FIRST, created(FIRST))
    tail = Tail(path)
    assert len(tail.look()) == 3
    shutil.rmtree(path)
    writer.now = 0
    writer.write(SECOND, created(SECOND))
    assert [e.update for e in tail.look()] == [SECOND]


def test_a_log_of_another_schema_is_read_as_far_as_it_goes_or_refused_by_name(storage: Storage) -> None:
    write_deltalake(storage.events("strange"), pa.table({"x": [1]}))
    more = {"sequence": [{"control_plane_seq_no": 1}], "timestamp": [time.time_ns() // 1000],
            "origin": [{"update_id": FIRST, "weather": "sun"}], "event_type": ["create_update"],
            "details": [json.dumps({"create_update": {"run_as": "ana"}})], "mood": ["good"]}  # fmt: skip
    table = pa.table(more)
    at = table.schema.get_field_index("timestamp")
    table = table.set_column(at, "timestamp", table["timestamp"].cast(pa.timestamp("us", "UTC")))
    write_deltalake(storage.events("newer"), table)
    newer, strange = pipelines(storage)
    assert [(s.user, s.status) for s in newer.updates] == [("ana", Status.LOST)]
    assert strange.trouble is not None
    assert strange.trouble.startswith("The event log of `strange` can't be read: ")


def test_pipelines_of_a_bundle_are_there_before_they_ran(writer: Writer, storage: Storage) -> None:
    assert pipelines(storage) == ()
    writer.write(FIRST, *whole(FIRST))
    never, pets = pipelines(storage, ["birds", "pets"])
    assert never == PipelineState("birds")
    assert pets.last is not None
    assert pets.last.summary == pets.updates[-1]


def test_reading_writes_nothing_and_leaves_the_lock_alone(
    writer: Writer, storage: Storage, sleeper: psutil.Process
) -> None:
    writer.write(FIRST, *whole(FIRST)[:4])
    held(storage, sleeper, FIRST)
    before = {f: f.stat().st_mtime_ns for f in storage.root.rglob("*")}
    pipelines(storage)
    opened(storage).history(TABLE)
    Tail(storage.events("pets")).look()
    assert {f: f.stat().st_mtime_ns for f in storage.root.rglob("*")} == before


def test_pages_are_read_without_spark_and_without_pyarrow() -> None:
    shims = Path(__file__).parents[3] / "shims"
    files = (f.relative_to(shims).with_suffix("") for f in (shims / "weir" / "web").rglob("*.py"))
    lines = [f"import {'.'.join(f.parts)}" for f in files if f.name != "__init__"]
    assert len(lines) > 50
    lines += [
        "import sys",
        "print(sorted({'pyspark', 'pyarrow', 'pandas', 'numpy', 'delta'} & sys.modules.keys()))",
    ]
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, timeout=120, check=True
    )
    assert ran.stdout.strip() == "[]"
