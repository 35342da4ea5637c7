"""`weir run --all` where nothing is new: each pipeline is told without Spark, and run as soon as one thing is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

WEIR = Path(sys.executable).with_name("weir")
TOLD = "nothing has changed since the last update: Spark is not started"
BUNDLE = """
bundle: {name: b}
resources:
  pipelines:
    totals: {name: totals, catalog: main, schema: default, libraries: [{file: {path: totals.py}}]}
    events: {name: events, catalog: main, schema: default, libraries: [{file: {path: events.py}}]}
"""
EVENTS = """
import dlt

@dlt.table
def events():
    return spark.readStream.schema("x INT").json("{folder}/landing")
"""
TOTALS = """
import csv
from importlib import import_module
from pathlib import Path

import dlt

LIMITS = Path(__file__).with_name("limits.csv")
KIND = "kinds"

@dlt.table
def totals():
    with LIMITS.open() as lines:
        (limit,) = csv.DictReader(lines)
    rows = spark.read.table("events").where(f"x < {limit['x']}")
    return import_module(KIND).counted(rows)
"""
KINDS = "def counted(rows):\n    return rows.groupBy().count()\n"


@pytest.fixture
def folder(warm, tmp_path, monkeypatch):
    sources = {"events.py": EVENTS.replace("{folder}", str(tmp_path)), "totals.py": TOTALS}
    for name, text in {
        **sources,
        "kinds.py": KINDS,
        "databricks.yml": BUNDLE,
        "limits.csv": "x\n5\n",
    }.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing/1.json").write_text('{"x": 1}\n{"x": 7}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_all() -> tuple[dict[str, int | None], int]:
    """The rows that each table got, and how many pipelines were told without Spark."""
    command = [WEIR, "run", "--all", "-v", "--json"]
    ran = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False, timeout=300)
    told = [d for p in json.loads(ran.stdout)["pipelines"] for d in p["datasets"]]
    return {re.sub(r".*\.", "", d["name"]): d["rows_written"] for d in told}, ran.stderr.count(TOLD)


def test_each_pipeline_rests_until_something_that_it_reads_is_new(folder):
    assert run_all() == ({"events": 2, "totals": 1}, 0)
    assert run_all() == ({"events": 0, "totals": 0}, 2)
    (folder / "limits.csv").write_text("x\n9\n")
    assert run_all() == ({"events": 0, "totals": 1}, 1)
