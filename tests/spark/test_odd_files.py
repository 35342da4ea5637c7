"""Files as strangers write them: none of their values is lost, and none stands in the wrong column."""

from __future__ import annotations

import json
from typing import Any

import pytest

SOURCE = """
import dlt

def reads(kind, folder, **options):
    reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", kind).options(**options)
    return reader.load(f"{spark.conf.get('landing')}/{folder}")

@dlt.table
def twice(): return reads("csv", "twice")

@dlt.table
def returns(): return reads("csv", "returns")

@dlt.table
def parted(): return reads("csv", "parted", lineSep=";")

@dlt.table
def latin(): return reads("json", "latin")

@dlt.table
def numbers(): return reads("parquet", "numbers")

@dlt.table
def given():
    options = {"cloudFiles.format": "parquet", "rescuedDataColumn": "_rescued_data"}
    reader = spark.readStream.format("cloudFiles").options(**options).schema("n INT, d DECIMAL(4, 1)")
    return reader.load(f"{spark.conf.get('landing')}/numbers")

@dlt.table
def of_any_width(): return reads("parquet", "widths")
"""
TEXTS = {
    "twice/1.csv": b"id,,id\n1,2,3\n",
    "returns/1.csv": b" \rid,name\r1,a\r",
    "returns/2.csv": b"name,id\r\nb,2\r\n\t\r\n",
    "parted/1.csv": b"id,name;1,a\nb;",
    "parted/2.csv": b"name,id;c,2",
    "latin/1.json": b'{"a": "\xf1"}\n{"a": "b"}\n',
}


def rows(p: Any, table: str, order_by: str = "1") -> list[dict[str, Any]]:
    """The rows of a table, what was rescued as values without the path of its file."""
    result = p.rows(table, order_by)
    for row in result:
        rescued = json.loads(row.pop("_rescued_data") or "{}")
        rescued.pop("_file_path", None)
        row.update({"rescued": rescued} if rescued else {})
    return result


@pytest.fixture
def read(spark, pipeline, tmp_path):
    """A pipeline after two updates; between them, wider numbers have come."""
    landing = tmp_path / "landing"
    for name, content in TEXTS.items():
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / name).write_bytes(content)

    def arrive(place: str, query: str) -> None:
        spark.sql(query).coalesce(1).write.parquet(str(landing / place))

    arrive("numbers/1", "SELECT 1 AS n, 1.5BD AS d, struct(1 AS a) AS s, array(1) AS l")
    arrive("widths/1", "SELECT 1 AS n, 1.25BD AS d, CAST(0.5 AS FLOAT) AS f, struct(1 AS a) AS s")
    arrive("widths/2", "SELECT 9999999999 AS n, 100.5BD AS d, 0.1D AS f, struct(9999999999 AS a) AS s")
    arrive("widths/3", "SELECT 2S AS n, 1BD AS d, 2 AS f, struct(3Y AS a) AS s")
    p = pipeline(SOURCE, configuration={"landing": str(landing)})
    assert {d.error for d in p.update().datasets} == {None}
    arrive(
        "numbers/2",
        "SELECT 9999999999 AS n, 1.25BD AS d, struct(9999999999 AS a) AS s, array(9999999999, 5) AS l",
    )
    arrive("numbers/3", "SELECT 2L AS n, 2.50BD AS d, struct(2L AS a) AS s, array(2L) AS l")
    assert {d.error for d in p.update().datasets} == {None}
    return p


@pytest.mark.parity(
    "same", "7.2", "CSV whose header has empty or equal cells: Spark names them by their places"
)
@pytest.mark.parity(
    "same", "7.2", "CSV whose lines end with CR, or with `lineSep`, also with different headers"
)
@pytest.mark.parity("same", "7.4", "JSON with bytes that are no UTF-8 is rescued as `_corrupt_record`")
@pytest.mark.parity(
    "same", "7.3", "Parquet: of types that differ between the files of a sample, the wider one counts"
)
@pytest.mark.parity(
    "differs", "7.4", "Parquet: a value of a wider type", "it is rescued only if it does not fit the column",
)  # fmt: skip
def test_odd_files_are_read_as_they_are_meant(read):
    assert rows(read, "twice") == [{"id0": "1", "_c1": "2", "id2": "3"}]
    assert rows(read, "returns") == [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]
    assert rows(read, "parted") == [{"id": "1", "name": "a\nb"}, {"id": "2", "name": "c"}]
    bad, good = rows(read, "latin", "a NULLS FIRST")
    assert (good, bad["a"], list(bad["rescued"])) == ({"a": "b"}, None, ["_corrupt_record"])
    wide = {"n": 9999999999, "d": 1.25, "s": {"a": 9999999999}, "l": [9999999999, 5]}
    assert [[str(v) for v in row.values()] for row in rows(read, "numbers", "d NULLS LAST")] == [
        ["1", "1.5", "{'a': 1}", "[1]"], ["2", "2.5", "{'a': 2}", "[2]"],
        ["None", "None", "{'a': None}", "[None, 5]", str(wide | {"l": [9999999999, None]})],
    ]  # fmt: skip
    assert [(row["n"], str(row["d"])) for row in rows(read, "given", "n NULLS LAST")] == [
        (1, "1.5"), (2, "2.5"), (None, "None"),
    ]  # fmt: skip
    assert rows(read, "given", "n NULLS LAST")[2]["rescued"] == wide | {"l": [9999999999, 5]}
    assert [(r["n"], str(r["d"]), r["f"], r["s"]["a"]) for r in rows(read, "of_any_width")] == [
        (1, "1.25", 0.5, 1), (2, "1.00", 2.0, 3), (9999999999, "100.50", 0.1, 9999999999),
    ]  # fmt: skip


ENCODED = """
import dlt

def reads(encoding):
    options = {"cloudFiles.format": "csv", "encoding": encoding}
    return spark.readStream.format("cloudFiles").options(**options).load(spark.conf.get("landing"))

@dlt.table
def wide(): return reads("UTF-16")

@dlt.table
def unknown(): return reads("UFT-8")
"""


@pytest.mark.parity(
    "refused", "7.2", "CSV in UTF-16 line by line", "set multiLine: else Spark reads signs apart"
)
def test_an_encoding_that_spark_would_read_wrongly_is_told(pipeline, tmp_path):
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "1.csv").write_text("id\n1\n", encoding="utf-16")
    told = pipeline(ENCODED, configuration={"landing": str(landing)}).problems()
    assert {p.condition: p.hint for p in told} == {
        "Unsupported": "set multiLine to true",
        "CF_INVALID_OPTION_VALUE": "write the encoding's name as in: UTF-8",
    }
