"""A triggered update with nothing new is told without Spark, exactly as Spark would; anything else runs."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from unittest.mock import patch

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from weir import engine
from weir.testing import rows_of

PYTHON = """
import dlt
from pyspark.sql import functions as F
from shared import LIMIT

@dlt.table
def bronze():
    return spark.readStream.schema("x INT, k STRING").json("/landing")

@dlt.table
def loaded():
    return spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").load("/landing")

@dlt.table
@dlt.expect("small", f"x < {LIMIT}")
def silver():
    return dlt.read_stream("bronze").withColumn("at", F.current_timestamp()).dropDuplicates(["x"])

@dlt.view
@dlt.expect_or_drop("tiny", "x < 5")
def tiny():
    return dlt.read_stream("silver").join(spark.read.table("names"), "k")

@dlt.table
def copy():
    return dlt.read_stream("tiny")

@dlt.table
def calls():
    return spark.readStream.format("kafka").option("subscribe", "calls").option("kafka.bootstrap.servers", "nobody:9093").load().selectExpr("CAST(value AS STRING) AS v")

@dlt.table
def windows():
    events = dlt.read_stream("bronze").withColumn("at", F.timestamp_seconds(F.col("x") * 3600))
    return events.withWatermark("at", "0 seconds").groupBy(F.window("at", "1 hour")).count()

@dlt.table
def once_within():
    events = dlt.read_stream("bronze").withColumn("at", F.timestamp_seconds(F.col("x") * 3600))
    return events.withWatermark("at", "1 hour").dropDuplicatesWithinWatermark(["k", "at"])

dlt.create_streaming_table("latest")
dlt.create_auto_cdc_flow(target="latest", source="bronze", keys=["k"], sequence_by="x")
"""
SQL = """
CREATE OR REFRESH STREAMING TABLE files AS SELECT * FROM STREAM read_files('/landing', format => 'json');
CREATE MATERIALIZED VIEW totals AS SELECT k, sum(x) AS s FROM silver GROUP BY k;
"""
MOVED = ("bronze", "loaded", "silver", "copy", "latest", "files", "calls")
TOLD = ["nothing has changed since the last update: Spark is not started"]


@pytest.fixture
def project(pipeline, tmp_path):
    p = pipeline({"p/pipeline.py": PYTHON, "p/more.sql": SQL, "lib/shared.py": "LIMIT = 3\n"})
    p.sources = [p.sources[0] / "p"]
    p.prefixes = {"/landing": str(tmp_path / "landing")}
    p.streams = {"calls": str(tmp_path / "calls")}
    for folder in ("landing", "calls"):
        (tmp_path / folder).mkdir()
    arrive(tmp_path, "1.json", {"x": 1, "k": "a"}, {"x": 7, "k": "b"})
    p.feed("names", [{"k": "a", "name": "ana"}, {"k": "b", "name": "beto"}])
    return p


def arrive(folder, name, *rows):
    for place in ("landing", "calls"):
        (folder / place / name).write_text("\n".join(map(json.dumps, rows)))


def run(p):
    """One update as the command line asks for it, in this test's JVM, and what `-v` says."""

    def start():
        os.environ["JAVA_HOME"] = "/set/as/a/JVM/starts"
        return p.spark

    remarks = []
    settings = p.settings
    lib = settings.roots[0].parent / "lib"
    settings = replace(settings, roots=(*settings.roots, lib))
    p.events.clear()
    asked = replace(p.request(), settings=settings, session=None, start=start, remark=remarks.append)
    with patch.dict(os.environ):
        return engine.run(asked), remarks


def told(p, result):
    """What an update tells of itself, flow by flow, without what names the update."""
    events = [(e.flow or "", e.event_type, e.message, str(e.details)) for e in p.events]
    return sorted(tuple(text.replace(result.update_id[:6], "ID") for text in e) for e in events)


def ends(result):
    return [{**d.to_json(), "seconds": 0} for d in result.datasets]


@pytest.mark.long("spark/test_unchanged.py::test_nothing_new_is_a_no_op_down_to_the_last_table")
def test_an_update_with_nothing_new_is_told_as_spark_tells_it(project, tmp_path):
    result, remarks = run(project)
    assert (str(result.state), remarks) == ("COMPLETED", [])

    result, remarks = run(project)
    assert remarks == TOLD
    without = (ends(result), told(project, result))

    (project.storage.nothing_new(project.name)).unlink()
    result, remarks = run(project)
    assert remarks == []
    assert (ends(result), told(project, result)) == without

    arrive(tmp_path, "2.json", {"x": 2, "k": "a"})
    result, remarks = run(project)
    assert remarks == []
    written = {d.name.rpartition(".")[2]: d.rows_written for d in result.datasets}
    assert {name: written[name] for name in MOVED} == dict.fromkeys(MOVED, 1)
    assert run(project)[1] == TOLD
    assert len(rows_of(project.storage.table("main.default.copy"))) == 2


CLOCK = """
import dlt

@dlt.table
def today():
    return spark.sql("SELECT current_date() AS d")
"""
CHANCE = """
import dlt
import random

@dlt.table
def t():
    return spark.readStream.table("raw")
"""
TICKS = """
import dlt

@dlt.table
def t():
    return spark.readStream.format("rate-micro-batch").option("rowsPerBatch", 1).load()
"""
TIMERS = """
import dlt
from pyspark.sql.streaming.state import GroupStateTimeout

def as_they_came(key, frames, state):
    yield from frames

@dlt.table
def t():
    groups = spark.readStream.table("raw").groupBy("x")
    timeout = GroupStateTimeout.NoTimeout
    return groups.applyInPandasWithState(as_they_came, "x BIGINT", "n INT", "append", timeout)
"""


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (CLOCK, "refresh main.default.today"),
        (CHANCE, "random"),
        (TICKS, "main.default.t reads rate-micro-batch"),
        (TIMERS, "main.default.t reads the time, which its state may wait for"),
    ],
)
def test_what_can_change_without_being_seen_runs_every_time(pipeline, source, why):
    p = pipeline(source)
    write_deltalake(p.folder / "raw", pa.table({"x": [1]}))
    p.outside = {"main.default.raw": str(p.folder / "raw")}
    remarks = []
    result = engine.run(replace(p.request(), session=None, remark=remarks.append))
    assert str(result.state) == "COMPLETED"
    assert not p.storage.nothing_new(p.name).exists()
    assert remarks[0].endswith(why)


ONE = "import dlt\n\n@dlt.table\ndef one():\n    return spark.range({n})\n"
TWO = "import dlt\n\n@dlt.table\ndef two():\n    return dlt.read('one')\n"
THREE = "import dlt\n\n@dlt.table\ndef three():\n    return spark.range(3)\n"


def test_after_a_save_only_what_it_affects_is_updated(pipeline):
    p = pipeline({"one.py": ONE.format(n=1), "two.py": TWO, "three.py": THREE})
    p.update()
    file = p.sources[0] / "one.py"
    file.write_text(ONE.format(n=2))
    result = engine.run(replace(p.request(), saved=frozenset({str(file)})))
    assert {d.name.rsplit(".")[-1]: str(d.state) for d in result.datasets} == {
        "one": "COMPLETED",
        "two": "COMPLETED",
        "three": "EXCLUDED",
    }
    assert len(p.rows("two")) == 2
