"""Files that can't be read are told with what is wrong with them."""

from __future__ import annotations

import pytest

SOURCE = """
import dlt

LANDING = spark.conf.get("landing")

def loader(folder):
    return spark.readStream.format("cloudFiles").option("cloudFiles.format", "parquet").load(f"{LANDING}/{folder}")

@dlt.table
def types(): return loader("types")

@dlt.table
def texts(): return loader("texts")
"""


@pytest.mark.parity("same", "7.3", "Parquet files whose types can't be merged are told with both types")
def test_what_keeps_columns_from_being_inferred_is_told(spark, pipeline, tmp_path):
    landing = tmp_path / "landing"
    for name, value in (("a", "1"), ("b", "'x'")):
        spark.sql(f"SELECT {value} AS id").coalesce(1).write.parquet(str(landing / "types" / name))
    (landing / "texts").mkdir()
    (landing / "texts/a.parquet").write_text("no Parquet")
    problems = pipeline(SOURCE, configuration={"landing": str(landing)}).problems()
    told = {p.message.partition("inferred: ")[2]: (p.condition, p.hint) for p in problems}
    assert set(told.values()) == {
        ("CF_FAILED_TO_INFER_SCHEMA", "give the schema: .schema('a INT, b STRING')")
    }
    assert len(told) == 2
    assert any(text.startswith('Failed to merge incompatible data types "INT" and "STRING"') for text in told)


CASES = """
import dlt

LANDING = spark.conf.get("landing")

def stream():
    return spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")

@dlt.table
def texts():
    return stream().load(LANDING)

@dlt.table
def typed():
    return stream().option("cloudFiles.inferColumnTypes", "true").load(LANDING)

@dlt.table
def given():
    return stream().schema("id INT, at STRUCT<zip: STRING>").load(LANDING)
"""
BATCH = """
import dlt

@dlt.table
def batch():
    return spark.sql(f"SELECT * FROM read_files('{spark.conf.get('landing')}', format => 'json')")
"""


@pytest.mark.parity(
    "refused",
    "7.4",
    "Fields that differ from a column in case alone, at any depth",
    "rename the field in the files",
)
def test_fields_of_structs_that_differ_in_case_are_told(pipeline, tmp_path):
    landing = tmp_path / "landing"
    landing.mkdir()
    at = '{"zip":"a","ZIP":"b"}'
    (landing / "1.json").write_text(f'{{"id": 1, "at": {at}}}\n')
    entries = {"landing": str(landing)}
    told = "The field `at.zip` beside the column `at.ZIP` is not supported here."
    (problem,) = pipeline(BATCH, configuration=entries).problems()
    assert (problem.condition, problem.message) == ("Unsupported", told)
    p = pipeline(CASES, configuration=entries)
    done = p.update().by_name()
    assert {name: told in d.error for name, d in done.items() if d.error} == {"main.default.typed": True}
    assert [(row["id"], row["at"]) for row in p.rows("texts")] == [("1", at)]
    assert [(row["id"], dict(row["at"])) for row in p.rows("given")] == [(1, {"zip": "a"})]
