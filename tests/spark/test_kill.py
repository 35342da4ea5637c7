"""kill -9 at any moment, run again, and every table equals an undisturbed run's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.killing import kill_when
from weir.testing import rows_of

WEIR = Path(sys.executable).with_name("weir")
SOURCE = """
import dlt
dlt.create_streaming_table("bronze")

@dlt.append_flow(target="bronze")
def live():
    return spark.readStream.table("events")

@dlt.append_flow(target="bronze", once=True)
def backfill():
    return spark.read.table("history")

@dlt.table(schema="id BIGINT, v BIGINT, w BIGINT GENERATED ALWAYS AS (v * 2)")
@dlt.expect_or_drop("even", "id % 2 = 0")
def silver():
    return dlt.read_stream("bronze").selectExpr("id", "id * 10 AS v")

@dlt.table
def gold():
    return dlt.read("silver").groupBy().count()
"""
TABLES = ("bronze", "silver", "gold")
CHECKPOINT = "checkpoints/local/main.default.{flow}/0"
TABLE = "tables/main/default/{table}/_delta_log"

# What must exist when the process is killed: each stands right before or right after a commit.
MOMENTS = {
    "a batch is planned, its commit has not begun": CHECKPOINT.format(flow="live") + "/offsets/0",
    "rows are committed, the checkpoint may not be": TABLE.format(table="bronze") + "/00000000000000000001.json",
    "silver is committed through foreachBatch": TABLE.format(table="silver") + "/00000000000000000001.json",
    "silver's checkpoint is committed": CHECKPOINT.format(flow="silver") + "/commits/0",
    "gold is committed": TABLE.format(table="gold") + "/00000000000000000001.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kill")
    (folder / "p.py").write_text(SOURCE)
    write_deltalake(folder / "events", pa.table({"id": list(range(20))}))
    write_deltalake(folder / "history", pa.table({"id": [100, 101]}))
    return folder


def start(sources, storage):
    tables = [f"--table={name}={sources / name}" for name in ("events", "history")]
    command = [WEIR, "run", sources / "p.py", "--name=local", f"--storage={storage}", *tables, "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=sources)


def update(sources, storage):
    process = start(sources, storage)
    out, _ = process.communicate()
    return json.loads(out)


def tables(storage):
    return {t: rows_of(storage / "tables/main/default" / t) for t in TABLES}


@pytest.fixture(scope="module")
def undisturbed(sources, tmp_path_factory):
    storage = tmp_path_factory.mktemp("undisturbed")
    assert update(sources, storage)["state"] == "COMPLETED"
    return tables(storage)


@pytest.mark.parity(
    "same",
    "4.2",
    "Exactly once: an update killed at any moment and run again writes what an undisturbed one does",
)
@pytest.mark.parametrize("moment", list(MOMENTS))
def test_killed_and_run_again(moment, sources, undisturbed, tmp_path):
    process = start(sources, tmp_path)
    kill_when(tmp_path / MOMENTS[moment], process)
    process.stdout.close()
    again = update(sources, tmp_path)
    assert again["state"] == "COMPLETED"
    assert tables(tmp_path) == undisturbed
    # What one process has made another knows by its fingerprint.
    gold = next(d["state"] for d in again["datasets"] if d["name"] == "main.default.gold")
    assert gold == ("NO_OP" if moment == "gold is committed" else "COMPLETED")
