"""The monolith's pipeline, run as a user runs it: two arrivals, and every count is the manifest's.

The manifest says what was planted; the runtime says what it counted; the tables say what is there.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, QueryBuilder

ROOT = Path(__file__).parents[2]
CATALOG = "altrupets_catalog"
SIZE = ["--seed", "11", "--days", "30", "--events", "6000", "--users", "500"]
THIRTY_DAYS = 30 * 86_400
WEIR = Path(sys.executable).with_name("weir")


@dataclass(frozen=True)
class Lake:
    """Where events land, and where the tables are."""

    landing: Path
    storage: Path

    def arrive(self) -> dict[str, Any]:
        simulator = [sys.executable, "-m", "simulator", "--out", str(self.landing), "--arrive"]
        first = not self.landing.exists()
        subprocess.run([*simulator, *(SIZE if first else [])], check=True)
        return json.loads((self.landing / "manifest.json").read_text())

    def update(self) -> dict[str, Any]:
        options = ["--storage", str(self.storage), "--conf", f"altrupets.landing={self.landing}"]
        command = [WEIR, "run", "--json", *options]
        ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
        return json.loads(ran.stdout)

    def rows(self, table: str, columns: str = "*", rest: str = "") -> list[dict[str, Any]]:
        """What is there, read without Spark."""
        delta = DeltaTable(self.storage / "tables" / CATALOG / Path(*table.split(".")))
        found = QueryBuilder().register("t", delta).execute(f"SELECT {columns} FROM t {rest}")
        return pa.table(found.read_all()).to_pylist()


@dataclass(frozen=True)
class Arrival:
    """One arrival taken in: what was planted, what the runtime counted, what then lay there."""

    manifest: dict[str, Any]
    report: dict[str, Any]
    tables: dict[str, int]
    quarantined: dict[str, int]
    gold: dict[str, list[dict[str, Any]]]
    silver: dict[str, list[dict[str, Any]]]
    event_ids: tuple[str, ...]
    raw: str

    @property
    def planted(self) -> dict[str, Any]:
        return self.manifest["arrivals"][-1]

    @property
    def datasets(self) -> dict[str, dict[str, Any]]:
        return {d["name"].removeprefix(f"{CATALOG}."): d for d in self.report["datasets"]}


@pytest.fixture(scope="module")
def arrivals(tmp_path_factory: pytest.TempPathFactory) -> list[Arrival]:
    folder = tmp_path_factory.mktemp("monolito")
    lake = Lake(folder / "landing", folder / "storage")
    return [take_in(lake) for _ in range(2)]


def take_in(lake: Lake) -> Arrival:
    manifest = lake.arrive()
    age(min((lake.landing / "events" / "streaming").iterdir()))
    report = lake.update()
    tables = manifest["cumulative"]["rows_written"]
    quarantine = lake.rows("altrupets_silver.events_quarantine", "reasons")
    ids = lake.rows("altrupets_silver.events", "event_id")
    return Arrival(
        manifest,
        report,
        {table: lake.rows(table, "count(*) AS n")[0]["n"] for table in tables},
        dict(Counter(reason for row in quarantine for reason in row["reasons"])),
        {table: gold_rows(lake, table) for table in manifest["cumulative"]["gold"]},
        {table: user_rows(lake, table) for table in manifest["cumulative"]["silver"]},
        tuple(row["event_id"] for row in ids),
        "\n".join(row["raw_data"] for row in lake.rows("altrupets_bronze.raw_events", "raw_data")),
    )


def age(file: Path) -> None:
    """Like a file that was copied with its date: Spark's file source would pass over it."""
    before = file.stat().st_mtime - THIRTY_DAYS
    os.utime(file, (before, before))


def gold_rows(lake: Lake, table: str) -> list[dict[str, Any]]:
    found = [row | {"date": row["date"].isoformat()} for row in lake.rows(f"altrupets_gold.{table}")]
    return sorted(found, key=lambda row: (row["date"], row.get("region") or ""))


def user_rows(lake: Lake, table: str) -> list[dict[str, Any]]:
    return in_order(
        {
            name: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in lake.rows(f"altrupets_silver.{table}")
    )


def in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["user_id"], row.get("__START_AT")))


@pytest.fixture(params=[0, 1], ids=["the first arrival", "one more day"])
def arrival(arrivals: list[Arrival], request: pytest.FixtureRequest) -> Arrival:
    return arrivals[request.param]


def test_the_update_completes(arrival: Arrival) -> None:
    errors = {name: d["error"] for name, d in arrival.datasets.items() if d["error"]}

    assert (arrival.report["state"], errors) == ("COMPLETED", {})


def test_an_update_writes_what_arrived_and_no_more(arrival: Arrival) -> None:
    expected = arrival.planted["expected"]["rows_written"]

    assert {name: arrival.datasets[name]["rows_written"] for name in expected} == expected


def test_each_rule_passed_and_failed_as_planted(arrival: Arrival) -> None:
    counted = {
        name: {
            rule["name"]: {"passed": rule["passed"], "failed": rule["failed"]}
            for rule in dataset["expectations"]
            if rule["action"] != "fail"
        }
        for name, dataset in arrival.datasets.items()
        if any(rule["action"] != "fail" for rule in dataset["expectations"])
    }
    assert counted == arrival.planted["expected"]["rules"]


def test_a_row_that_breaks_several_rules_is_dropped_once(arrival: Arrival) -> None:
    """What the view drops is no table's loss: each such row is one row of the quarantine."""
    dropped = {
        "altrupets_bronze.app_events": arrival.datasets["altrupets_bronze.app_events"]["rows_dropped"],
        "events_parsed": arrival.datasets["altrupets_silver.events_quarantine"]["rows_written"],
    } | {
        f"altrupets_silver.{table}": arrival.datasets[f"altrupets_silver.{table}"]["rows_dropped"]
        for table in ("users", "users_history")
    }
    assert dropped == arrival.planted["expected"]["rows_dropped"]


def test_the_views_rules_are_reported_for_the_flow_that_read_it(arrival: Arrival) -> None:
    readers = {rule["reader"] for rule in arrival.datasets["events_parsed"]["expectations"]}

    assert readers == {f"{CATALOG}.altrupets_silver.events"}


def test_fail_rules_stand_on_gold_and_on_keys_without_counts(arrival: Arrival) -> None:
    fails = {
        (name, rule["name"]): (rule["passed"], rule["failed"])
        for name, dataset in arrival.datasets.items()
        for rule in dataset["expectations"]
        if rule["action"] == "fail"
    }
    assert fails == {
        ("altrupets_gold.rescue_daily_metrics", "rescuers_within_rescues"): (None, None),
        ("altrupets_gold.adoption_funnel", "rates_guarded"): (None, None),
        ("altrupets_bronze.events_enriched_unique_event_id", "unique_key"): (None, None),
    }


def test_the_tables_hold_every_row_so_far(arrival: Arrival) -> None:
    assert arrival.tables == arrival.manifest["cumulative"]["rows_written"]


def test_the_quarantine_says_why(arrival: Arrival) -> None:
    assert arrival.quarantined == arrival.manifest["cumulative"]["quarantined"]


def test_gold_is_what_the_simulator_says_happened(arrival: Arrival) -> None:
    assert arrival.gold == arrival.manifest["cumulative"]["gold"]


def test_users_and_their_history_are_what_the_simulator_says_they_lived(arrival: Arrival) -> None:
    lived = arrival.manifest["cumulative"]["silver"]

    assert arrival.silver == {table: in_order(rows) for table, rows in lived.items()}


def test_what_is_told_late_of_a_rescuer_reaches_the_gold_of_days_before(arrivals: list[Arrival]) -> None:
    """All of a late event is dropped, and no other event is of those days: only regions can have changed."""
    last_day_but_one = f"2025-01-{arrivals[0].planted['days'][1] - 1}"
    before, after = (
        [row for row in arrival.gold["rescue_daily_metrics"] if row["date"] < last_day_but_one]
        for arrival in arrivals
    )
    assert arrivals[1].planted["changes"]["late"] > 0
    assert sum(row["total_rescues"] for row in before) == sum(row["total_rescues"] for row in after)
    assert before != after


def test_each_event_is_in_silver_once(arrival: Arrival) -> None:
    assert max(Counter(arrival.event_ids).values()) == 1


def test_late_events_are_in_bronze_and_not_in_silver(arrivals: list[Arrival]) -> None:
    late = arrivals[1].planted["late_event_ids"]

    assert len(late) == arrivals[1].planted["expected"]["late_dropped"] > 0
    assert all(event_id in arrivals[1].raw for event_id in late)
    assert set(late).isdisjoint(arrivals[1].event_ids)
