"""`weir events`, `quality` and `reset` over a storage, without Spark."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import CommitProperties, Transaction, write_deltalake

from tests.logs import event_log
from weir.cli import weir
from weir.model.events import Event, flow_progress, update_progress
from weir.model.problems import WeirError
from weir.run.lake.storage import GENERATION, Storage
from weir.run.listeners.rows import pipeline_id

SILVER, FLOW = "main.default.silver", "main.default.live"
OLD, NEW = "aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"
LAST = "cccccccc-0000-4000-8000-000000000000"


def counted(**rules: tuple[int, int]) -> Event:
    expectations = [{"name": n, "dataset": SILVER, "passed_records": p, "failed_records": f}
                    for n, (p, f) in rules.items()]  # fmt: skip
    details = {"metrics": {"num_output_rows": 1}, "data_quality": {"expectations": expectations}}
    return flow_progress(SILVER, FLOW, "RUNNING", "METRICS", details)


def updated(place: Storage, update_id: str, *events: Event, name: str = "pets", at: int = 1) -> None:
    origin = {"update_id": update_id, "pipeline_id": pipeline_id(name, place.root)}
    with event_log(place.events(name), origin, print, lambda: at * 1_000_000_000) as log:
        for event in (Event("create_update", f"Update {update_id[:6]} started."), *events):
            log.record(event)


@pytest.fixture
def place(tmp_path: Path) -> Storage:
    """Two updates of one pipeline: the first counted two micro-batches, the second failed."""
    place = Storage(tmp_path)
    flow = Event("flow_definition", "", {}, dataset=SILVER, flow=FLOW)
    updated(place, OLD, flow, counted(known=(3, 1), small=(4, 0)), counted(known=(2, 0), small=(1, 1)))
    failed = update_progress(NEW, "FAILED", "ERROR", (("FlowFailed", "no [space] left"),))
    updated(place, NEW, flow, counted(known=(5, 5)), failed, at=2)
    return place


def call(*arguments: str, place: Storage) -> Any:
    result = CliRunner().invoke(
        weir, [*arguments, "--storage", str(place.root), "--json"], catch_exceptions=False
    )
    assert result.exit_code == 0
    return json.loads(result.stdout)


def shown(*arguments: str, place: Storage) -> list[str]:
    result = CliRunner().invoke(weir, [*arguments, "--storage", str(place.root)], catch_exceptions=False)
    assert result.exit_code == 0
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def messages(*arguments: str, place: Storage) -> list[str]:
    return [e["message"] for e in call("events", *arguments, place=place)["events"]]


def test_events_are_shown_newest_last(place: Storage) -> None:
    assert shown("events", "-n", "2", place=place) == [
        "time level type message error",
        f"1970-01-01 00:00:02.000 METRICS flow_progress Completed a streaming update of '{FLOW}'.",
        "1970-01-01 00:00:02.000 ERROR update_progress Update bbbbbb is FAILED. no [space] left",
    ]


def test_events_as_json_have_their_details_parsed(place: Storage) -> None:
    found = call("events", "pets", "-n", "1", place=place)
    [event] = found["events"]
    assert found == {
        "pipeline": "pets",
        "events": [
            {
                "id": event["id"],
                "sequence": {
                    "data_plane_id": {"instance": "execution", "seq_no": 4},
                    "control_plane_seq_no": 2_000_003,
                },
                "origin": {"update_id": NEW, "pipeline_id": pipeline_id("pets", place.root)},
                "timestamp": "1970-01-01T00:00:02.000Z",
                "message": "Update bbbbbb is FAILED.",
                "level": "ERROR",
                "maturity_level": "STABLE",
                "error": {
                    "fatal": True,
                    "exceptions": [{"class_name": "FlowFailed", "message": "no [space] left", "stack": []}],
                },
                "details": {"update_progress": {"state": "FAILED"}},
                "event_type": "update_progress",
            }
        ],
    }


def test_events_of_one_update_level_or_type(place: Storage) -> None:
    batch = f"Completed a streaming update of '{FLOW}'."
    assert messages("--update", "aaaaaa", place=place) == [
        "Update aaaaaa started.",
        "",
        batch,
        batch,
    ]
    assert messages("--level", "ERROR", place=place) == ["Update bbbbbb is FAILED."]
    assert messages("--type", "create_update", place=place) == [
        "Update aaaaaa started.",
        "Update bbbbbb started.",
    ]
    assert messages("--type", "it's none", place=place) == []


def test_quality_goes_rule_by_rule_over_the_last_updates(place: Storage) -> None:
    known = {
        "dataset": SILVER,
        "name": "known",
        "updates": [
            {"update_id": OLD, "passed": 5, "failed": 1},
            {"update_id": NEW, "passed": 5, "failed": 5},
        ],
        "passed": 10,
        "failed": 6,
    }
    small = {
        "dataset": SILVER,
        "name": "small",
        "updates": [
            {"update_id": OLD, "passed": 5, "failed": 1},
            {"update_id": NEW, "passed": None, "failed": None},
        ],
        "passed": 5,
        "failed": 1,
    }
    assert call("quality", place=place) == {
        "pipeline": "pets",
        "updates": [OLD, NEW],
        "rules": [known, small],
    }
    assert shown("quality", place=place) == [
        "passed / failed by update",
        "dataset rule aaaaaa bbbbbb passed failed",
        "default.silver known 5 / 1 5 / 5 10 6",
        "default.silver small 5 / 1 5 1",
    ]
    last = call("quality", "--updates", "1", place=place)
    assert (last["updates"], [r["name"] for r in last["rules"]]) == ([NEW], ["known"])


def test_a_rule_that_one_batch_did_not_count_is_unknown_for_its_update(place: Storage) -> None:
    uncounted = {"dropped_records": None, "uncounted": [{"name": "known", "dataset": SILVER}]}
    details = {"metrics": {"num_output_rows": 1}, "data_quality": uncounted}
    flow = flow_progress(SILVER, FLOW, "RUNNING", "METRICS", details)
    updated(place, LAST, flow, counted(known=(2, 1)), at=3)
    [known, _] = call("quality", place=place)["rules"]
    assert (known["passed"], known["failed"], known["updates"]) == (
        None,
        None,
        [
            {"update_id": OLD, "passed": 5, "failed": 1},
            {"update_id": NEW, "passed": 5, "failed": 5},
            {"update_id": LAST, "passed": None, "failed": None},
        ],
    )
    assert shown("quality", place=place)[2] == "default.silver known 5 / 1 5 / 5 unknown unknown unknown"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["events"], "[PIPELINE_NOT_NAMED] There are several pipelines in {root}.\n"
         "  hint: name one of: people, pets"),
        (["quality", "pet"], "[PIPELINE_NOT_FOUND] No pipeline `pet` has run in {root}.\n"
         "  hint: did you mean `pets`?"),
        (["reset", "--name", "x"], "[PIPELINE_NOT_FOUND] No pipeline `x` has run in {root}.\n"
         "  hint: available: people, pets"),
        (["reset", "--drop"], "[Unsupported] weir reset --drop is not supported here.\n"
         "  hint: remove the table's folder in the storage by hand"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_says_what_there_is(place: Storage, arguments: list[str], told: str) -> None:
    updated(place, OLD, name="people")
    with pytest.raises(WeirError) as caught:
        call(*arguments, place=place)
    assert str(caught.value) == told.format(root=place.root)


def test_a_storage_without_pipelines_says_so(tmp_path: Path) -> None:
    with pytest.raises(WeirError, match="No pipeline has run in"):
        call("events", place=Storage(tmp_path))


@pytest.fixture
def refreshed(place: Storage) -> Storage:
    """A table that was reset twice, and the checkpoints of its flow and of one that nobody knows."""
    generation = CommitProperties(app_transactions=[Transaction(GENERATION, 2)])
    write_deltalake(place.table(SILVER), pa.table({"x": [1]}), commit_properties=generation)
    for flow, number in [(FLOW, 0), (FLOW, 1), (FLOW, 2), ("forgotten", 0)]:
        place.checkpoint("pets", flow, number).mkdir(parents=True)
    for number in (1, 2):
        place.changes(SILVER, number).mkdir(parents=True)
    return place


def checkpoints(place: Storage) -> list[str]:
    return sorted(
        str(p.relative_to(place.root / "checkpoints")) for p in place.root.glob("checkpoints/*/*/*")
    )


def test_reset_removes_what_full_refreshes_left_behind_and_nothing_else(refreshed: Storage) -> None:
    before = checkpoints(refreshed)
    memory = Path("changes", *SILVER.split("."))
    old = [f"checkpoints/pets/{FLOW}/0", f"checkpoints/pets/{FLOW}/1", str(memory / "1")]
    assert call("reset", "silver", "--dry-run", place=refreshed) == {
        "removed": old,
        "dry_run": True,
    }
    assert checkpoints(refreshed) == before
    assert call("reset", "silver", place=refreshed) == {"removed": old, "dry_run": False}
    assert checkpoints(refreshed) == ["pets/forgotten/0", f"pets/{FLOW}/2"]
    assert [f.name for f in (refreshed.root / memory).iterdir()] == ["2"]
    assert shown("reset", place=refreshed) == ["no checkpoints of earlier generations"]


def test_reset_of_other_tables_leaves_them(refreshed: Storage) -> None:
    write_deltalake(refreshed.table("main.default.gold"), pa.table({"x": [1]}))
    assert call("reset", "gold", place=refreshed)["removed"] == []
    assert len(checkpoints(refreshed)) == 4


def test_looking_back_needs_no_spark() -> None:
    code = "import weir.verbs.history, weir.verbs.doctor, sys; print('pyspark' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
