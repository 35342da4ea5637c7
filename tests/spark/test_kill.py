"""kill -9 at any moment, run again, and every table equals an undisturbed run's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.killing import kill_when
from tests.tiers import short
from weir.testing import INTERPRETED, PipelineUnderTest, rows_of

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
IN_MAKE_TEST = "rows are committed, the checkpoint may not be"
ITS_OWN_JVM = {IN_MAKE_TEST, "gold is committed"}  # else one that goes on


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kill")
    (folder / "p.py").write_text(SOURCE)
    write_deltalake(folder / "events", pa.table({"id": list(range(20))}))
    write_deltalake(folder / "history", pa.table({"id": [100, 101]}))
    return folder


def outside(sources):
    return {f"main.default.{name}": str(sources / name) for name in ("events", "history")}


def start(sources, storage):
    """A process of its own, which can be killed."""
    tables = [f"--table={name}={path}" for name, path in outside(sources).items()]
    entries = [f"--conf={key}={value}" for key, value in INTERPRETED.items()]
    command = [WEIR, "run", sources / "p.py", "--name=local", f"--storage={storage}", *tables, *entries]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=sources)


def update(spark, sources, folder):
    """An update in this process: table -> its state."""
    files, tables = [sources / "p.py"], outside(sources)
    result = PipelineUnderTest(spark, folder, files, configuration=INTERPRETED, outside=tables).update()
    return {name.rpartition(".")[2]: str(d.state) for name, d in result.by_name().items()}


def tables(folder):
    return {t: rows_of(folder / "storage/tables/main/default" / t) for t in TABLES}


@pytest.fixture(scope="module")
def undisturbed(spark, sources, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    assert update(spark, sources, folder) == dict.fromkeys(TABLES, "COMPLETED")
    return tables(folder)


@pytest.mark.parity(
    "same",
    "4.2",
    "Exactly once: an update killed at any moment and run again writes what an undisturbed one does",
)
@pytest.mark.parametrize("moment", short(MOMENTS, IN_MAKE_TEST))
def test_killed_and_run_again(moment, spark, sources, undisturbed, request, tmp_path):
    if moment not in ITS_OWN_JVM:
        request.getfixturevalue("warm")
    kill_when(tmp_path / "storage" / MOMENTS[moment], start(sources, tmp_path / "storage"))
    states = update(spark, sources, tmp_path)
    assert tables(tmp_path) == undisturbed
    # What one process has made another knows by its fingerprint.
    gold = "NO_OP" if moment == "gold is committed" else "COMPLETED"
    assert states == {"bronze": "COMPLETED", "silver": "COMPLETED", "gold": gold}
