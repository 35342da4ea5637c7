"""The event log as a table: what stands in it, and that nothing of it can hurt an update."""

import json
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests.logs import event_log
from weir.model.events import Event, update_progress
from weir.run.listeners import eventlog, rows
from weir.run.listeners.rows import pipeline_id

UPDATE = "5f0c8a1e-3f7b-4b0e-9d57-2f1c1f6d3a10"
PIPELINE = pipeline_id("pets", Path("/somewhere"))
ORIGIN = {"cloud": "local", "pipeline_id": PIPELINE, "pipeline_name": "pets", "update_id": UPDATE}
NOON = 1_780_000_000_000_000_000


def logged(path: Path, *events: Event, generations: dict[str, int] | None = None) -> list[dict]:
    said: list[str] = []
    with event_log(path, ORIGIN, said.append, lambda: NOON, generations) as log:
        for event in events:
            log.record(event)
    assert said == []
    found = DeltaTable(path).to_pyarrow_table().to_pylist()
    return sorted(found, key=lambda r: r["sequence"]["control_plane_seq_no"])


def test_an_event_becomes_a_row_with_databricks_columns(tmp_path: Path) -> None:
    error = (("PySparkException", "it broke"), ("java.io.IOException", "no space left"))
    event = Event("flow_progress", "Flow 'a' has FAILED.", {"status": "FAILED"}, "ERROR",
                  "main.default.t", "main.default.a", error, fatal=True)  # fmt: skip
    [row] = logged(tmp_path, event)
    empty = dict.fromkeys(rows.SCHEMA.field("origin").type.names)
    assert row == {
        "id": row["id"],
        "sequence": {
            "data_plane_id": {"instance": "execution", "seq_no": 1},
            "control_plane_seq_no": NOON // 1000,
        },
        "origin": {
            **empty,
            **ORIGIN,
            "dataset_name": "main.default.t",
            "flow_name": "main.default.a",
            "flow_id": str(uuid.uuid5(uuid.UUID(PIPELINE), "main.default.a/0")),
        },
        "timestamp": datetime.fromtimestamp(NOON / 1e9, UTC),
        "message": "Flow 'a' has FAILED.",
        "level": "ERROR",
        "maturity_level": "STABLE",
        "error": {
            "fatal": True,
            "exceptions": [{"class_name": c, "message": m, "stack": []} for c, m in error],
        },
        "details": '{"flow_progress": {"status": "FAILED"}}',
        "event_type": "flow_progress",
    }
    assert uuid.UUID(row["id"]).version == 1


def test_a_flow_keeps_its_id_until_its_table_is_reset(tmp_path: Path) -> None:
    event = Event("flow_progress", "", flow="f")
    [first] = logged(tmp_path / "1", event)
    [same] = logged(tmp_path / "2", event, generations={"f": 0})
    [other] = logged(tmp_path / "3", event, generations={"f": 1})
    assert first["origin"]["flow_id"] == same["origin"]["flow_id"] != other["origin"]["flow_id"]


def test_events_of_many_threads_are_numbered_without_gaps_in_one_commit(tmp_path: Path) -> None:
    events = [Event("hook_progress", str(n)) for n in range(200)]
    with event_log(tmp_path, ORIGIN) as log, ThreadPoolExecutor(8) as pool:
        list(pool.map(log.record, events))
    table = DeltaTable(tmp_path)
    found = table.to_pyarrow_table().to_pylist()
    numbers = [r["sequence"]["data_plane_id"]["seq_no"] for r in found]
    assert sorted(numbers) == list(range(1, 201))
    assert len({r["sequence"]["control_plane_seq_no"] for r in found}) == len({r["id"] for r in found}) == 200
    assert {r["message"] for r in found} == {str(n) for n in range(200)}
    assert table.version() <= 1


def test_what_json_does_not_know_is_written_as_text(tmp_path: Path) -> None:
    [row] = logged(tmp_path, Event("create_update", "", {"path": Path("a"), "ñ": 1}))
    assert json.loads(row["details"]) == {"create_update": {"path": "a", "ñ": 1}}


def test_a_log_that_cannot_be_written_is_told_once_and_hurts_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "PAUSE", 0.001)
    (tmp_path / "file").touch()
    said: list[str] = []
    with event_log(tmp_path / "file" / "log", ORIGIN, said.append) as log:
        for number in range(3):
            log.record(update_progress(UPDATE, f"STATE {number}"))
    assert len(said) == 1
    assert said[0].startswith("the event log could not be written: ")


def test_the_log_is_checkpointed_from_time_to_time(tmp_path: Path) -> None:
    for number in range(21):
        with event_log(tmp_path, ORIGIN) as log:
            log.record(Event("hook_progress", str(number)))
    assert [p.name for p in (tmp_path / "_delta_log").glob("*.checkpoint.parquet")] == [
        "00000000000000000019.checkpoint.parquet"
    ]
    assert DeltaTable(tmp_path).to_pyarrow_table().num_rows == 21


def test_no_spark_job_writes_it_since_no_spark_is_there(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from weir.model.events import Event
from weir.run.listeners.eventlog import EventLog
from weir.run.listeners.listener import Listeners
from weir.run.listeners.rows import EventRows
rows = EventRows({"update_id": sys.argv[2], "pipeline_id": sys.argv[2]})
with EventLog(Path(sys.argv[1]), print) as log:
    Listeners(rows.of, [log], print).record(Event("user_action", "hello"))
print(sorted({m.partition(".")[0] for m in sys.modules} & {"pyspark", "py4j"}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path, UPDATE], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
    assert DeltaTable(tmp_path).to_pyarrow_table()["message"].to_pylist() == ["hello"]
