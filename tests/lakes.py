"""AltruPets as a user runs it: what arrives, an update of all pipelines, what then lies there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from expectations.health import TABLES
from tests.projects import ROOT
from weir.run.machine.warm.place import NAMED
from weir.testing import INTERPRETED

CATALOG = "altrupets_catalog"
HEALTH = "monitoreo_gold.table_health"
SIZE = ["--seed", "11", "--days", "30", "--events", "6000", "--users", "500"]
THIRTY_DAYS = 30 * 86_400
WEIR = Path(sys.executable).with_name("weir")


@dataclass(frozen=True)
class Lake:
    """Where events land, where the tables are, and where updates get a JVM."""

    landing: Path
    storage: Path
    engine: Path

    def arrive(self) -> dict[str, Any]:
        simulator = [sys.executable, "-m", "simulator", "--out", str(self.landing), "--arrive"]
        first = not self.landing.exists()
        subprocess.run([*simulator, *(SIZE if first else [])], check=True)
        return json.loads((self.landing / "manifest.json").read_text())

    def update(self) -> dict[str, Any]:
        conf = {"altrupets.landing": self.landing, **INTERPRETED}
        entries = [f"--conf={name}={value}" for name, value in conf.items()]
        command = [WEIR, "run", "--all", "--json", f"--storage={self.storage}", *entries]
        environment = os.environ | {NAMED: str(self.engine)}
        ran = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=False)
        return json.loads(ran.stdout)

    def table(self, name: str) -> DeltaTable:
        return DeltaTable(self.storage / "tables" / CATALOG / Path(*name.split(".")))

    def rows(self, table: str, columns: str = "*", rest: str = "") -> list[dict[str, Any]]:
        """What is there, read without Spark."""
        found = QueryBuilder().register("t", self.table(table)).execute(f"SELECT {columns} FROM t {rest}")
        return pa.table(found.read_all()).to_pylist()


@dataclass(frozen=True)
class Looked:
    """What lay in the tables of a pipeline beside the monolith."""

    quarantined: dict[str, dict[str, int]]
    gold: dict[str, list[dict[str, Any]]]
    anomalies: dict[str, Any] | None


@dataclass(frozen=True)
class Arrival:
    """One arrival taken in: what was planted, what the runtime counted, what then lay there.

    `health` is what was measured of each table, `lying` how many rows it had.
    """

    manifest: dict[str, Any]
    reports: dict[str, dict[str, Any]]
    others: dict[str, Looked]
    tables: dict[str, int]
    quarantined: dict[str, int]
    gold: dict[str, list[dict[str, Any]]]
    silver: dict[str, list[dict[str, Any]]]
    event_ids: tuple[str, ...]
    raw: str
    health: list[dict[str, Any]]
    lying: dict[str, int]

    @property
    def planted(self) -> dict[str, Any]:
        return self.manifest["arrivals"][-1]

    @property
    def report(self) -> dict[str, Any]:
        """The monolith's."""
        return self.reports["monolito"]

    @property
    def datasets(self) -> dict[str, dict[str, Any]]:
        """The monolith's."""
        return self.datasets_of("monolito")

    def datasets_of(self, pipeline: str) -> dict[str, dict[str, Any]]:
        return {d["name"].removeprefix(f"{CATALOG}."): d for d in self.reports[pipeline]["datasets"]}


def take_in(lake: Lake) -> Arrival:
    manifest = lake.arrive()
    age(min((lake.landing / "events" / "streaming").iterdir()))
    reports = {p["pipeline"].removeprefix("altrupets-"): p for p in lake.update()["pipelines"]}
    expected = manifest["arrivals"][-1]["pipelines"]
    tables = manifest["cumulative"]["rows_written"]
    quarantine = lake.rows("altrupets_silver.events_quarantine", "reasons")
    ids = lake.rows("altrupets_silver.events", "event_id")
    return Arrival(
        manifest,
        reports,
        {pipeline: look(lake, planted) for pipeline, planted in expected.items()},
        {table: lake.rows(table, "count(*) AS n")[0]["n"] for table in tables},
        dict(Counter(reason for row in quarantine for reason in row["reasons"])),
        {table: as_told(lake.rows(f"altrupets_gold.{table}")) for table in manifest["cumulative"]["gold"]},
        {table: user_rows(lake, table) for table in manifest["cumulative"]["silver"]},
        tuple(row["event_id"] for row in ids),
        "\n".join(row["raw_data"] for row in lake.rows("altrupets_bronze.raw_events", "raw_data")),
        lake.rows(HEALTH, rest="WHERE measured_at = (SELECT max(measured_at) FROM t)"),
        {watched.table: lake.rows(watched.table, "count(*) AS n")[0]["n"] for watched in TABLES},
    )


def look(lake: Lake, planted: dict[str, Any]) -> Looked:
    quarantined = {
        table: Counter(reason for row in lake.rows(table, "reasons") for reason in row["reasons"])
        for table in planted["quarantined"]
    }
    gold = {table: alike(lake.rows(table), rows) for table, rows in planted["gold"].items()}
    odd = next((table for table in planted["rows_written"] if table.endswith("versiones_anomalas")), None)
    rows = lake.rows(odd) if odd else []
    anomalies = {row.pop("aggregate_id"): row for row in rows} if odd else None
    return Looked({t: dict(sorted(found.items())) for t, found in quarantined.items()}, gold, anomalies)


def alike(rows: list[dict[str, Any]], expected: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns that the manifest has, in its form and order."""
    columns = list(expected[0])
    found = [
        {name: row[name].isoformat() if hasattr(row[name], "isoformat") else row[name] for name in columns}
        for row in rows
    ]
    return sorted(found, key=lambda row: [str(row[name] or "") for name in columns])


def age(file: Path) -> None:
    """Like a file that was copied with its date: Spark's file source would pass over it."""
    before = file.stat().st_mtime - THIRTY_DAYS
    os.utime(file, (before, before))


def as_told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As the manifest has rows: dates as text. In one order: no gold table has a row twice."""
    told = [{n: v.isoformat() if isinstance(v, date) else v for n, v in row.items()} for row in rows]
    return sorted(told, key=lambda row: str(list(row.values())))


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
