"""The same engine over Spark Connect: a server on loopback, the command line as its client."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from weir.testing import rows_of

WEIR = Path(sys.executable).with_name("weir")
SOURCE = """
import dlt
from pyspark.sql import functions as F

dlt.create_streaming_table("bronze")

@dlt.append_flow(target="bronze")
def live():
    return spark.readStream.table("events").select("id")

@dlt.append_flow(target="bronze", once=True)
def backfill():
    return spark.read.table("events").selectExpr("id + 100 AS id")

@dlt.view
@dlt.expect("not_one", "id <> 1")
def cleaned():
    return dlt.read_stream("bronze")

@dlt.table(schema="id BIGINT, twice BIGINT GENERATED ALWAYS AS (id * 2)")
@dlt.expect_or_drop("even", "id % 2 = 0")
@dlt.expect("small", "id < 100")
def silver():
    return dlt.read_stream("cleaned")

@dlt.table
@dlt.expect("many", "n > 1")
def gold():
    return spark.sql("SELECT count(*) AS n FROM LIVE.silver")

@dlt.table
def totals():
    return dlt.read_stream("silver").groupBy((F.col("id") > 99).alias("old")).count()

dlt.create_streaming_table("versions")
dlt.apply_changes(target="versions", source="events", keys=["k"], sequence_by="id", stored_as_scd_type=2,
    apply_as_deletes="id = 3")

@dlt.table
@dlt.expect_or_fail("none", "id < 0")
def strict():
    return dlt.read("silver")
"""


@pytest.fixture(scope="module")
def server(spark):
    """A Spark Connect server in the JVM of this test run; gives its address."""
    context: Any = spark.sparkContext
    scala = context._jvm.scala  # noqa: SLF001 - PySpark has no public way to it
    service = context._jvm.org.apache.spark.sql.connect.service.SparkConnectService  # noqa: SLF001
    running = context._jsc.sc()  # noqa: SLF001
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running.conf().set("spark.connect.grpc.binding.port", str(port))
    running.conf().set("spark.connect.grpc.binding.address", "127.0.0.1")
    service.start(running)
    try:
        yield f"sc://127.0.0.1:{port}"
    finally:
        service.stop(scala.Option.empty(), scala.Option.empty())


@pytest.mark.parity(
    "differs",
    "2.1",
    "Over Spark Connect: a rule on a column that the result no longer has",
    "refused; in process it works",
)
def test_two_updates_over_connect(server, tmp_path):
    (tmp_path / "p.py").write_text(SOURCE)
    write_deltalake(tmp_path / "events", pa.table({"id": [1, 2, 3, 4], "k": ["a", "b", "a", "c"]}))
    first = update(server, tmp_path)
    assert first == {
        "bronze": ("COMPLETED", 8, 8, {}),
        "cleaned": ("COMPLETED", 8, None, {"not_one": (7, 1)}),
        "silver": ("COMPLETED", 8, 4, {"even": (4, 4), "small": (4, 4)}),
        "gold": ("COMPLETED", 1, 1, {"many": (1, 0)}),
        "totals": ("COMPLETED", 2, 2, {}),
        "versions": ("COMPLETED", 4, 3, {}),
        "strict": ("FAILED", None, 0, {"none": (None, None)}),
    }
    write_deltalake(tmp_path / "events", pa.table({"id": [6], "k": ["b"]}), mode="append")
    second = update(server, tmp_path)
    assert second["silver"] == ("COMPLETED", 1, 1, {"even": (1, 0), "small": (1, 0)})
    tables = tmp_path / ".weir/tables/main/default"
    assert rows_of(tables / "gold") == [{"n": 5}]
    assert rows_of(tables / "totals", "old") == [{"old": False, "count": 3}, {"old": True, "count": 2}]
    assert rows_of(tables / "silver", "id")[:2] == [{"id": 2, "twice": 4}, {"id": 4, "twice": 8}]
    assert [tuple(r.values()) for r in rows_of(tables / "versions", "id")] == [
        (1, "a", 1, 3), (2, "b", 2, 6), (4, "c", 4, None), (6, "b", 6, None)
    ]  # fmt: skip
    why = call(server, tmp_path, "quality", "--why=silver")
    assert {row["row"]["id"]: row["broken"] for row in why["rows"]} == {
        1: ["even"],
        3: ["even"],
        101: ["even", "small"],
        102: ["small"],
        103: ["even", "small"],
        104: ["small"],
    }


SQL = """
CREATE STREAMING TABLE bronze (CONSTRAINT even EXPECT (id % 2 = 0) ON VIOLATION DROP ROW) AS
SELECT * FROM STREAM(events);
CREATE VIEW named AS SELECT id, concat('{"k": {"v": "', k, '"}}') AS details FROM bronze;
CREATE MATERIALIZED VIEW keys (id COMMENT 'of the event', k) AS SELECT id, details:k.v FROM named;
CREATE STREAMING TABLE latest;
APPLY CHANGES INTO latest FROM STREAM(bronze) KEYS (k) SEQUENCE BY id;
"""


@pytest.mark.long("spark/test_connect.py::test_two_updates_over_connect")
def test_sql_sources_over_connect(server, tmp_path):
    (tmp_path / "p.sql").write_text(SQL)
    write_deltalake(tmp_path / "events", pa.table({"id": [1, 2, 3, 4], "k": ["a", "b", "a", "c"]}))
    assert update(server, tmp_path, "p.sql") == {
        "bronze": ("COMPLETED", 4, 2, {"even": (2, 2)}),
        "named": ("COMPLETED", None, None, {}),
        "keys": ("COMPLETED", 2, 2, {}),
        "latest": ("COMPLETED", 2, 2, {}),
    }
    rows = rows_of(tmp_path / ".weir/tables/main/default/keys", "id")
    assert rows == [{"id": 2, "k": "b"}, {"id": 4, "k": "c"}]


TEXTS = """
CREATE STREAMING TABLE newest;
APPLY CHANGES INTO newest FROM STREAM(events) KEYS (k) SEQUENCE BY at;
CREATE STREAMING TABLE versions;
APPLY CHANGES INTO versions FROM STREAM(events) KEYS (k) SEQUENCE BY struct(at, id) STORED AS SCD TYPE 2;
"""


@pytest.mark.long("spark/test_connect.py::test_two_updates_over_connect")
def test_texts_are_sequences_over_connect(server, tmp_path):
    (tmp_path / "p.sql").write_text(TEXTS)
    days = [(1, "a", "2024-01-01"), (2, "a", "2024-01-03"), (3, "b", "2024-01-01")]
    names = ("id", "k", "at")
    for rows in (days, [(4, "a", "2024-01-02"), (5, "b", "2024-01-09")]):
        columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        write_deltalake(tmp_path / "events", pa.table(columns), mode="append")
        result = call(server, tmp_path, "run", source="p.sql")
        assert [dataset["error"] for dataset in result["datasets"]] == [None, None], json.dumps(result)
    tables = tmp_path / ".weir/tables/main/default"
    assert [(row["id"], row["at"]) for row in rows_of(tables / "newest", "id")] == [
        (2, "2024-01-03"), (5, "2024-01-09")
    ]  # fmt: skip
    assert [(row["id"], row["__END_AT"]) for row in rows_of(tables / "versions", "id")] == [
        (1, {"at": "2024-01-02", "id": 4}), (2, None), (3, {"at": "2024-01-09", "id": 5}),
        (4, {"at": "2024-01-03", "id": 2}), (5, None),
    ]  # fmt: skip


def call(server, folder, *arguments, source="p.py"):
    command = [WEIR, *arguments, source, f"--remote={server}", "--table=events=events", "--json"]
    ran = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=False)
    return json.loads(ran.stdout)


def update(server, folder, source="p.py"):
    result = call(server, folder, "run", source=source)
    assert "datasets" in result, result
    return {
        d["name"].rsplit(".", 1)[-1]: (
            d["state"],
            d["rows_in"],
            d["rows_written"],
            {e["name"]: (e["passed"], e["failed"]) for e in d["expectations"]},
        )
        for d in result["datasets"]
    }
