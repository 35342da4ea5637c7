"""Files whose names, folders and fields hold signs that mean something elsewhere; reads that share a folder."""

from __future__ import annotations

import json
import os

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.fixtures import Make
from weir.run.files import source

NAMES = (
    "plain", "a[b]", "[2024]/x", "c{d,e}", "q\\r", "f*g", "fog", "h?i", "comma,s", "it's", "per%20cent", "día",
    "with blank", "sharp#", "{x}/[y]/\\z",
)  # fmt: skip
SOURCES = """
import dlt

def files(**options):
    reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
    return reader.option("cloudFiles.inferColumnTypes", True).options(**options).load(spark.conf.get("landing"))

@dlt.table
def named():
    return files(pathGlobFilter="*.json")

@dlt.table
def both():
    orders, people = files(pathGlobFilter="orders*.txt"), files(pathGlobFilter="people*.txt")
    return orders.withColumn("id", orders.id.cast("string")).unionByName(people, allowMissingColumns=True)
"""


@pytest.mark.parity(
    "same", "7.2", "Names of files and folders with signs of patterns, few new ones at a time"
)
@pytest.mark.parity(
    "same", "7.3", "Reads of one folder by different names of files have columns of their own"
)
@pytest.mark.parity("same", "7.3", "Fields whose names hold quotes")
def test_odd_names_are_read_once(pipeline: Make, tmp_path):
    landing = tmp_path / "landing"
    for n, name in enumerate(NAMES):
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / f"{name}.json").write_text(json.dumps({"it's": n, "b": "x"}))
    (landing / "orders1.txt").write_text('{"id": 1, "o": "x"}')
    (landing / "people1.txt").write_text('{"id": "k1", "p": "y"}')
    under_test = pipeline(SOURCES, configuration={"landing": str(landing)})
    result = under_test.update().by_name()
    assert {n: d.error for n, d in result.items() if d.error} == {}
    expected = [{"it's": n, "b": "x", "_rescued_data": None} for n in range(len(NAMES))]
    assert under_test.rows("named", '"it\'s"') == [dict(sorted(row.items())) for row in expected]
    assert under_test.rows("both", "id") == [
        {"id": "1", "o": "x", "p": None, "_rescued_data": None},
        {"id": "k1", "o": None, "p": "y", "_rescued_data": None},
    ]
    (landing / "k[1].json").write_text('{"it\'s": "no number"}')
    (landing / "k[2].json").write_text(json.dumps({"it's": 100, "b": "y"}))
    under_test.update()
    rows = under_test.rows("named", '"it\'s"')
    (rescued,) = (json.loads(row["_rescued_data"]) for row in rows if row["it's"] is None)
    assert (rescued["it's"], len(rows)) == ("no number", len(NAMES) + 2)


SPEEDS = """
import dlt, os
from pyspark.sql import functions as F

def lines(limit):
    reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", "text")
    return reader.option("cloudFiles.maxFilesPerTrigger", limit).load(spark.conf.get("landing"))

@dlt.table
def both():
    breaks = os.path.exists(spark.conf.get("flag"))
    slow = lines(1).withColumn("value", F.when(F.lit(breaks) & (F.col("value") == "2"), F.raise_error("2")).otherwise(F.col("value")))
    return slow.union(lines(100))
"""


@pytest.mark.parity(
    "same", "7.5", "Two reads of one folder in a flow: each reads all files, also after a failure"
)
def test_reads_of_one_folder_are_apart(pipeline: Make, tmp_path):
    landing, flag = tmp_path / "landing", tmp_path / "flag"
    landing.mkdir()
    flag.touch()
    for n in range(4):
        (landing / f"{n}.txt").write_text(str(n))
        os.utime(landing / f"{n}.txt", (1_700_000_000 + n,) * 2)
    under_test = pipeline(SPEEDS, configuration={"landing": str(landing), "flag": str(flag)})
    assert "2" in str(under_test.update().by_name()["main.default.both"].error)
    flag.unlink()
    under_test.update()
    assert [row["value"] for row in under_test.rows("both", "value")] == [
        "0",
        "0",
        "1",
        "1",
        "2",
        "2",
        "3",
        "3",
    ]


STREAMS = {
    "a.sql": """
CREATE STREAMING TABLE of_sql AS SELECT s.id FROM STREAM delta.`/Volumes/a/people` AS s;
CREATE STREAMING TABLE in_brackets AS SELECT * FROM STREAM(delta.`/Volumes/a/people`) WHERE id > 1;
""",
    "b.py": """
import dlt

@dlt.table
def of_python():
    return spark.readStream.table("delta.`/Volumes/a/people`")

@dlt.table
def as_batch():
    return spark.read.table("delta.`/Volumes/a/people`").union(spark.table("delta.`/Volumes/a/people`"))
""",
}


@pytest.mark.parity("same", "6.3", "Streams and batches of delta.`path`, in SQL and in Python")
def test_streams_of_a_path(pipeline: Make, tmp_path):
    write_deltalake(tmp_path / "people", pa.table({"id": [1, 2]}))
    under_test = pipeline(STREAMS, prefixes={"/Volumes/a": str(tmp_path)})
    counts = []
    for _ in range(2):
        result = under_test.update().by_name()
        counts.append({n.split(".")[-1]: d.error or d.rows_written for n, d in result.items()})
        write_deltalake(tmp_path / "people", pa.table({"id": [3]}), mode="append")
    assert counts == [
        {"of_sql": 2, "in_brackets": 1, "of_python": 2, "as_batch": 4},
        {"of_sql": 1, "in_brackets": 1, "of_python": 1, "as_batch": 6},
    ]


PATTERNS = """
import dlt

def files(**options):
    reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id INT")
    return reader.options(**options).load(spark.conf.get("landing") + "/*/orders/")

@dlt.table
def across():
    return files()

@dlt.table
def strict():
    return files(**{"cloudFiles.useStrictGlobber": True})
"""
STRICT = """CREATE STREAMING TABLE by_function
AS SELECT id FROM STREAM read_files('${landing}/*/orders/', format => 'json', schema => 'id INT')"""


@pytest.mark.parity(
    "same",
    "7.2",
    "Patterns of Auto Loader go across folders and say how paths begin; `useStrictGlobber`, and `read_files`, as Spark's",
)
def test_patterns_of_auto_loader_go_across_folders(pipeline: Make, tmp_path, monkeypatch):
    landing = tmp_path / "landing"
    under_test = pipeline({"p.py": PATTERNS, "q.sql": STRICT}, configuration={"landing": str(landing)})
    shown = dict.fromkeys(["across", "strict", "by_function"], ())

    def arrive(**names: str) -> None:
        for n, name in enumerate(names.values(), 10 * len(shown["across"])):
            (landing / name).parent.mkdir(parents=True, exist_ok=True)
            (landing / name).write_text(json.dumps({"id": n}))
        assert [d.error for d in under_test.update().datasets if d.error] == []
        shown.update({table: tuple(r["id"] for r in under_test.rows(table, "id")) for table in shown})

    arrive(one="north/orders/1.json", two="north/2026/orders/{2}.json", three="south/orders_3.json")
    assert shown == {"across": (0, 1, 2), "strict": (0,), "by_function": (0,)}
    monkeypatch.setattr(source, "FEW", 0)  # as if there were too many for a list
    arrive(four="a/b/c/orders,new/4.json", five="north/orders/deep/5.json", none="north/people/6.json")
    assert shown == {"across": (0, 1, 2, 30, 31), "strict": (0, 31), "by_function": (0, 31)}
