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


READS = """
import dlt

def reads(folder, **options):
    reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").options(**options)
    return reader.load(f"{spark.conf.get('landing')}/{folder}")

@dlt.table
def twice():
    return reads("twice")

@dlt.table
def lines():
    return reads("lines")

@dlt.table
def latin():
    return reads("latin", encoding="ISO-8859-1")

@dlt.table
def again():
    return reads("again")
"""
TWICE = "COLUMN_ALREADY_EXISTS", "give one of the two another name in the file"
MULTILINE = (
    "CF_FAILED_TO_INFER_SCHEMA",
    "if a record takes several lines, set multiLine to true; else give the schema: .schema('a INT, b STRING')",
)
AGAIN = "COLUMN_ALREADY_EXISTS", "give that another name: .option('rescuedDataColumn', '_rest')"


@pytest.mark.parity("same", "7.3", "A JSON record with one key twice is COLUMN_ALREADY_EXISTS, with its file")
def test_records_that_have_no_columns_are_told_with_their_file_and_what_to_do(pipeline, tmp_path):
    landing = tmp_path / "landing"
    texts = {"twice/2": '{"o": {"a": 1, "a": 2}}', "lines/1": '{\n"a": 1\n}', "latin/1": '{"a": 1}'}
    texts |= {"twice/1": '{"o": {}}', "twice/3": '{"o": {"a": 1}}', "again/1": '{"a": 1, "_Rescued_data": 2}'}
    for name, text in texts.items():
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / f"{name}.json").write_text(text)
    told = pipeline(READS, configuration={"landing": str(landing)}).problems()
    assert {p.message: (p.condition, p.hint) for p in told} == {
        f"The columns of the file {landing}/twice/2.json can't be inferred: a record has the key `a` twice": TWICE,
        f"Cannot infer schema: the files at `{landing}/lines` have no record that reads as json.": MULTILINE,
        f"The columns of the file {landing}/latin/1.json can't be inferred: The lineSep option must be "
        "specified for the ISO-8859-1 encoding": (
            "CF_INVALID_OPTION_VALUE",
            "change the options of the read",
        ),
        f"The files at {landing}/again have a field `_rescued_data`, the name of the column of rescued data.": AGAIN,
    }
