"""The simulator plants what its manifest says: the same for a seed, one more day at a time."""

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from simulator.arrivals import WATERMARK_DAYS, Fate, Record, records
from simulator.changes import new_changes
from simulator.defects import DEFECTS
from simulator.enriched import enriched
from simulator.settings import SimulatorSettings, midnight
from simulator.users import User
from simulator.versions import history

SMALL = SimulatorSettings(seed=3, days=20, events=2000, users=100)
OPTIONS = ["--seed", "3", "--days", "20", "--events", "2000", "--users", "100"]


def arrive(landing: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator", "--out", str(landing), "--arrive", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contents(landing: Path) -> dict[str, bytes]:
    return {
        file.relative_to(landing).as_posix(): file.read_bytes()
        for file in sorted(landing.rglob("*"))
        if file.is_file()
    }


def lines(landing: Path, pattern: str) -> list[str]:
    return [line for file in sorted(landing.glob(pattern)) for line in file.read_text().split("\n")[:-1]]


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landing")
    for _ in range(2):
        arrive(folder, *OPTIONS).check_returncode()
    return folder


@pytest.fixture(scope="module")
def manifest(landing: Path) -> dict[str, Any]:
    return json.loads((landing / "manifest.json").read_text())


def test_the_same_seed_gives_the_same_bytes(landing: Path, tmp_path: Path) -> None:
    arrive(tmp_path, *OPTIONS).check_returncode()
    arrive(tmp_path).check_returncode()

    assert contents(tmp_path) == contents(landing)


def test_another_seed_gives_other_events(landing: Path, tmp_path: Path) -> None:
    arrive(tmp_path, *OPTIONS, "--seed", "4").check_returncode()

    day = "events/streaming/2025-01-20.jsonl"
    assert contents(tmp_path)[day] != contents(landing)[day]


def test_the_second_arrival_brings_exactly_one_more_day(tmp_path: Path) -> None:
    arrive(tmp_path, *OPTIONS).check_returncode()
    first = contents(tmp_path)

    said = arrive(tmp_path).stdout

    second = contents(tmp_path)
    new = second.keys() - first.keys()
    assert said.startswith("arrival 2: days 21 to 21")
    assert new == {
        "events/streaming/2025-01-21.jsonl",
        "users/usuarios-0002.jsonl",
        "solicitudes/rescate/0002.jsonl",
        "solicitudes/adopcion/0002.jsonl",
        "eventos/auxilio/0002.jsonl",
        "eventos/rescate/0002.jsonl",
    }
    assert {name for name in first if first[name] != second[name]} == {"manifest.json"}


def test_an_arrival_cut_short_is_written_again_byte_for_byte(landing: Path, tmp_path: Path) -> None:
    arrive(tmp_path, *OPTIONS).check_returncode()
    before = (tmp_path / "manifest.json").read_bytes()
    arrive(tmp_path).check_returncode()
    (tmp_path / "manifest.json").write_bytes(before)

    arrive(tmp_path).check_returncode()

    assert contents(tmp_path) == contents(landing)


def test_a_folder_keeps_the_settings_it_was_begun_with(landing: Path) -> None:
    refused = arrive(landing, "--days", "30")

    assert refused.returncode == 1
    assert "take another folder for {'days': 30}" in refused.stderr


def test_a_simulation_too_small_to_hold_what_it_plants_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 10 days, an event a day and 10 users"):
        SimulatorSettings(days=9)


def test_every_raw_row_of_the_files_is_in_the_manifest(landing: Path, manifest: dict[str, Any]) -> None:
    exported = [json.loads(f.read_text()) for f in sorted(landing.glob("events/batch/*-0?.json"))]
    broken = [parsed(f.read_text()) for f in landing.glob("events/batch/*-roto.json")]
    raw_rows = len(lines(landing, "events/streaming/*")) + sum(map(len, exported)) + len(broken)

    assert broken == [None]
    assert manifest["cumulative"]["rows_written"]["altrupets_bronze.raw_events"] == raw_rows


def test_the_files_hold_the_defects_that_the_manifest_names(landing: Path, manifest: dict[str, Any]) -> None:
    exported = [json.loads(f.read_text()) for f in sorted(landing.glob("events/batch/*-0?.json"))]
    texts = lines(landing, "events/streaming/*")
    messages = [parsed(text) for text in texts] + [m for export in exported for m in export]
    whole = [message for message in messages if message]
    ids = Counter(message["event_id"] for message in whole if "event_id" in message)
    planted = sum((Counter(a["planted"]) for a in manifest["arrivals"]), Counter[str]())

    found = {
        "blank_line": texts.count(""),
        "torn_json": messages.count(None) - texts.count("") + 1,  # and the broken export
        "missing_event_id": sum("event_id" not in m for m in whole),
        "missing_user_id": sum("user_id" not in m for m in whole),
        "future_timestamp": sum(m["timestamp"].startswith("2996") for m in whole),
        "bad_timestamp": sum(not m["timestamp"].startswith(("2996", "2025-0")) for m in whole)
        + sum(m["timestamp"].startswith("2025-02-31") for m in whole),
        "negative_processing_time": sum(m["payload"]["processing_time"] < 0 for m in whole),
        "unknown_user": sum(m.get("user_id", "").startswith("usr-borrado") for m in whole),
        "unknown_event_type": sum(m["event_type"] == "animal_abducted_by_ovni" for m in whole),
        "duplicate": sum(count - 1 for count in ids.values()),
    }
    assert found == {name: planted[name] for name in found}
    assert found.keys() == DEFECTS.keys()
    assert all(found.values())


def test_each_rule_saw_every_row_and_each_row_has_one_fate(manifest: dict[str, Any]) -> None:
    for arrival in manifest["arrivals"]:
        expected = arrival["expected"]
        written, dropped = expected["rows_written"], expected["rows_dropped"]
        raw = written["altrupets_bronze.raw_events"]
        silver = written["altrupets_silver.events"]

        seen = expected["rules"]["events_parsed"]
        assert {rule["passed"] + rule["failed"] for rule in seen.values()} == {raw}
        assert dropped["events_parsed"] == written["altrupets_silver.events_quarantine"]
        assert raw == (
            silver + dropped["events_parsed"] + expected["duplicates_removed"] + expected["late_dropped"]
        )


def test_what_all_arrivals_wrote_is_their_sum(manifest: dict[str, Any]) -> None:
    first, second = (arrival["expected"] for arrival in manifest["arrivals"])
    streaming = ("altrupets_bronze.raw_events", "altrupets_silver.events")

    for table in streaming:
        both = first["rows_written"][table] + second["rows_written"][table]
        assert manifest["cumulative"]["rows_written"][table] == both
    assert manifest["cumulative"]["late_dropped"] == len(manifest["arrivals"][1]["late_event_ids"])


def test_late_is_behind_every_watermark_that_can_arise_and_the_rest_is_ahead() -> None:
    def good(arrival: int) -> list[Record]:
        unjudged = records(SMALL, arrival)
        return [r for r in unjudged if not (r.defect and DEFECTS[r.defect].silver_drop)]

    delay = timedelta(days=WATERMARK_DAYS)
    for arrival in (2, 3, 4):
        before = max(r.event.moment for r in good(arrival - 1)) - delay
        after = max(r.event.moment for r in good(arrival)) - delay
        late = [r.event.moment for r in good(arrival) if r.fate is Fate.LATE]
        others = [r.event.moment for r in good(arrival) if r.fate is not Fate.LATE]

        assert max(late) < before - delay
        assert min(others) > after > before


def test_what_is_late_was_never_seen_and_what_is_sent_again_was() -> None:
    seen = {r.event.event_id for r in records(SMALL, 1)}
    by_fate = {
        fate: {r.event.event_id for r in records(SMALL, 2) if r.fate is fate and not r.defect}
        for fate in Fate
    }

    assert not by_fate[Fate.LATE] & seen
    assert not by_fate[Fate.KEPT] & seen
    assert by_fate[Fate.DUPLICATE] & seen
    assert by_fate[Fate.DUPLICATE] <= seen | by_fate[Fate.KEPT]


def test_the_files_of_users_hold_the_changes_that_the_manifest_names(
    landing: Path, manifest: dict[str, Any]
) -> None:
    for number, arrival in enumerate(manifest["arrivals"], 1):
        rows = [parsed(line) for line in lines(landing, f"users/*-{number:04d}.jsonl")]
        whole = [row for row in rows if row]
        once = {(row["user_id"], row["updated_at"]): row for row in whole}
        planted = arrival["changes"]

        assert len(rows) - len(whole) == planted["torn"] == 1
        assert len(whole) == planted["told"] + planted["again"]
        assert len(once) > planted["told"] or number == 1  # and some that the file before told
        assert min(planted["deleted"], planted["again"]) > 0
        assert [row["updated_at"] for row in whole] != sorted(row["updated_at"] for row in whole)
    assert manifest["arrivals"][1]["changes"]["late"] > 0


def test_users_are_those_whose_last_version_is_valid(manifest: dict[str, Any]) -> None:
    users, history = manifest["cumulative"]["silver"].values()
    now = [version for version in history if version["__END_AT"] is None]

    assert {user["user_id"] for user in users} == {version["user_id"] for version in now}
    assert len(now) == len(users) < len({v["user_id"] for v in history}) < len(history)


def test_a_late_change_splits_the_version_that_was_known_and_gives_events_another_user() -> None:
    late = [change for change in new_changes(SMALL, 2) if change.moment < midnight(SMALL.days)]
    before, after = ({c.user.user_id: history(SMALL, n)[c.user.user_id] for c in late} for n in (1, 2))
    known, then = (dict(map(_user_of, enriched(SMALL, n))) for n in (1, 2))

    assert {user for user in before if before[user] != after[user]}
    assert {event for event in known if known[event] != then[event]}


def _user_of(found: tuple[Record, User | None]) -> tuple[str, User | None]:
    return found[0].event.event_id, found[1]


def test_no_two_versions_of_a_user_are_valid_at_once() -> None:
    for versions in history(SMALL, 3).values():
        assert all(a.end and a.start < a.end <= b.start for a, b in pairwise(versions))
