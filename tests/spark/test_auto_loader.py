"""Files that arrive in folders, read by Auto Loader: one pipeline, two updates (specification §7)."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from weir.testing import PipelineUnderTest, write_sources

SOURCE = """
import dlt

LANDING = spark.conf.get("landing")
FILES = "cloudFiles."


def loader(kind, folder, schema=None, **options):
    reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", kind).options(**options)
    return (reader.schema(schema) if schema else reader).load(f"{LANDING}/{folder}")


@dlt.table
@dlt.expect("has a name", "name IS NOT NULL")
def people():
    return loader("json", "people")

@dlt.table
def names():
    return spark.readStream.table("people").drop("_rescued_data")

@dlt.table
def typed():
    return loader("json", "people", **{
        FILES + "inferColumnTypes": True, FILES + "schemaEvolutionMode": "rescue", FILES + "schemaHints": "born DATE",
    })

@dlt.table
def declared():
    schema = "id INT, name STRING, at STRUCT<zip: STRING>"
    return loader("json", "people", schema, rescuedDataColumn="_rest")

@dlt.table
def plain():
    return loader("json", "people", "id STRING, name STRING")

@dlt.table
def unreadable():
    return loader("json", "people", **{FILES + "schemaHints": "_corrupt_record STRING", FILES + "schemaEvolutionMode": "none"})

@dlt.table
def later():
    return loader("json", "people", **{FILES + "includeExistingFiles": "false"})

@dlt.table
def prices():
    return loader("csv", "prices", **{FILES + "inferColumnTypes": "true"})

@dlt.table
def headless():
    return loader("csv", "headless", header="false", sep=";")

@dlt.table
def lines():
    return loader("text", "lines").selectExpr("*", "_metadata.file_name", "input_file_name() LIKE 'file:%' AS named")

@dlt.table
def overwritten():
    return loader("text", "lines", **{FILES + "allowOverwrites": "true"})

@dlt.table
def events():
    return loader("parquet", "events")

@dlt.table
def columns():
    return loader("orc", "orc")

@dlt.table
def documents():
    return loader("binaryFile", "lines").select("length", "content")

@dlt.table
def elements():
    return loader("xml", "xml", rowTag="r")

@dlt.table
def some():
    return loader("json", "some", pathGlobFilter="*.json", modifiedAfter="2020-01-01")

@dlt.table
def parts():
    return loader("json", "parts", "id INT", **{FILES + "partitionColumns": "day,hour"})

@dlt.table
def whole():
    return loader("json", "whole", multiLine=True)

@dlt.view
def seen():
    return loader("json", "people")

@dlt.table
def of_view():
    return spark.readStream.table("seen").select("_rescued_data")
"""

ONE = '{"id": 1, "name": "Ana", "at": {"zip": "10 1"}}\n\n{"id": 2.50}\n{"id"\n'
TWO = '{"id": "x", "name": "Bo", "at": {"zip": 5, "city": "B"}, "email": "b@x", "tags": [1]}\n{"id": 4}\n'
OLD = 10**9  # seconds since 1970: in 2001


def write(path: Path, text: str, at: int | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8") as file:
        file.write(text)
    if at is not None:
        os.utime(path, (at, at))
    return path


@dataclass
class Read:
    """What two updates have made."""

    under_test: PipelineUnderTest
    landing: Path
    first: dict[str, Any]
    second: dict[str, Any]
    retried: dict[str, str]

    def rows(self, table: str, order_by: str = "1") -> list[dict[str, Any]]:
        return self.under_test.rows(table, order_by)

    def rescued(self, file: str, **fields: Any) -> str:
        content = {**fields, "_file_path": f"file:{self.landing / file}"}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def arrive_first(spark: Any, landing: Path) -> None:
    write(landing / "people/1.json", ONE)
    write(landing / "prices/1.csv", "id,price\n1,2.5\n2,7\n")
    write(landing / "prices/2.csv.gz", "price,id\ncheap,3\n4,4\n")
    write(landing / "headless/1.csv", "1;a\n2\n")
    write(landing / "lines/ñ 1.txt", "one\n", OLD + 1)
    spark.sql("SELECT 1 AS id, 'x' AS kind").write.parquet(str(landing / "events/day=1"))
    spark.sql("SELECT 1 AS id").write.orc(str(landing / "orc"))
    write(landing / "xml/1.xml", "<rs><r><a>1</a></r><r><a>2</a></r></rs>")
    write(landing / "some/deep/1.json", '{"a": 1}')
    write(landing / "some/2.txt", '{"a": 2}')
    write(landing / "some/3.json", '{"a": 3}', OLD)
    write(landing / "parts/day=1%2F2/1.json", '{"id": 1}')
    write(landing / "whole/1.json", '[{"a": 1},\n {"a": 2}]')


def arrive_second(spark: Any, landing: Path) -> None:
    write(landing / "people/2.json", TWO)
    write(landing / "prices/3.csv", "id,price,note\n5,1,n\nsix\n7,1,2,3\n")
    write(landing / "headless/2.csv", "3;b;c\n")
    write(landing / "lines/2.txt.gz", "old\n", OLD)
    write(landing / "lines/ñ 1.txt", "one\ntwo\n", OLD + 2)
    spark.sql("SELECT 2 AS id, 'y' AS kind, 5L AS more").write.parquet(str(landing / "events/day=2"))
    (landing / "whole/1.json").unlink()


@pytest.fixture(scope="module")
def read(spark, tmp_path_factory) -> Read:
    folder = tmp_path_factory.mktemp("loader")
    landing = folder / "landing"
    sources = write_sources(folder / "sources", SOURCE)
    under_test = PipelineUnderTest(spark, folder, [sources], configuration={"landing": str(landing)})
    arrive_first(spark, landing)
    first = under_test.update().by_name()
    assert {name: d.error for name, d in first.items() if d.error} == {}
    arrive_second(spark, landing)
    under_test.events.clear()
    second = under_test.update().by_name()
    assert {name: d.error for name, d in second.items() if d.error} == {}
    failed = [e for e in under_test.events if e.level == "WARN" and e.error]
    retried = {e.flow.rpartition(".")[2]: e.error[0][1].partition("\n")[0] for e in failed}
    return Read(under_test, landing, first, second, retried)


@pytest.mark.parity("same", "7", '`format("cloudFiles")`: JSON, each file once')
@pytest.mark.parity(
    "same",
    "7.3",
    "Without `cloudFiles.inferColumnTypes`, columns of JSON are texts as they stand in the file",
)
@pytest.mark.parity(
    "same",
    "7.4",
    "`addNewColumns`: the first attempt fails, the next has the columns, and so has what reads the table",
)
@pytest.mark.parity(
    "differs",
    "7.4",
    "A record that can't be read, without a column for it",
    "it is rescued as `_corrupt_record`",
)
def test_json_is_text_and_new_columns_come_behind(read):
    new = {"email": None, "tags": None}
    bad = read.rescued("people/1.json", _corrupt_record='{"id"')
    rows = [
        {"at": '{"zip": "10 1"}', "id": "1", "name": "Ana", "_rescued_data": None, **new},
        {"at": None, "id": "2.50", "name": None, "_rescued_data": None, **new},
        {"at": None, "id": "4", "name": None, "_rescued_data": None, **new},
        {
            "at": '{"zip": 5, "city": "B"}',
            "id": "x",
            "name": "Bo",
            "_rescued_data": None,
            "email": "b@x",
            "tags": "[1]",
        },
        {"at": None, "id": None, "name": None, "_rescued_data": bad, **new},
    ]
    assert read.rows("people", "id NULLS LAST") == rows
    names = [{k: v for k, v in row.items() if k != "_rescued_data"} for row in rows]
    assert read.rows("names", "id NULLS LAST") == names


def test_a_failed_attempt_counts_no_row(read):
    rule = read.second["main.default.people"].expectations[0]
    assert (rule.passed, rule.failed, read.second["main.default.people"].rows_written) == (1, 1, 2)


def test_each_flow_with_new_columns_was_tried_twice(read):
    told = "[UNKNOWN_FIELD_EXCEPTION.NEW_FIELDS_IN_FILE] Encountered unknown fields during parsing: [{}], which can be fixed by an automatic retry: true"
    names = {
        "people": "email,tags",
        "later": "email,tags",
        "of_view": "email,tags",
        "prices": "note",
        "headless": "_c2",
        "events": "more",
    }
    assert read.retried == {flow: told.format(new) for flow, new in names.items()}


@pytest.mark.parity("same", "7.3", "`cloudFiles.inferColumnTypes` and `cloudFiles.schemaHints`")
@pytest.mark.parity(
    "differs",
    "7.4",
    "`rescue`: values of another type and fields that are no columns",
    "a nested value that does not fit is rescued with its whole column",
)
def test_types_are_inferred_and_what_does_not_fit_is_rescued(read):
    two = read.rescued("people/2.json", at={"city": "B", "zip": 5}, id="x", email="b@x", tags=[1])
    bad = read.rescued("people/1.json", _corrupt_record='{"id"')
    assert read.rows("typed", "id, name") == [
        {"at": {"zip": "10 1"}, "id": 1.0, "name": "Ana", "born": None, "_rescued_data": None},
        {"at": None, "id": 2.5, "name": None, "born": None, "_rescued_data": None},
        {"at": None, "id": 4.0, "name": None, "born": None, "_rescued_data": None},
        {"at": {"zip": "5"}, "id": None, "name": "Bo", "born": None, "_rescued_data": two},
        {"at": None, "id": None, "name": None, "born": None, "_rescued_data": bad},
    ]


@pytest.mark.parity("same", "7.2", "`rescuedDataColumn` with a schema that is given")
def test_a_schema_that_is_given_may_have_a_column_for_the_rest(read):
    assert read.rows("declared", "id, name, _rest") == [
        {"id": 1, "name": "Ana", "at": {"zip": "10 1"}, "_rest": None},
        {"id": 4, "name": None, "at": None, "_rest": None},
        {"id": None, "name": "Bo", "at": {"zip": "5"}, "_rest": read.rescued("people/2.json", id="x", at={"city": "B", "zip": 5}, email="b@x", tags=[1])},
        {"id": None, "name": None, "at": None, "_rest": read.rescued("people/1.json", _corrupt_record='{"id"')},
        {"id": None, "name": None, "at": None, "_rest": read.rescued("people/1.json", id=2.5)},
    ]  # fmt: skip


@pytest.mark.parity("same", "7.4", "`none`, the default with a schema: other fields are left out")
def test_without_one_the_rest_is_left_out(read):
    rows = [("1", "Ana"), ("2.50", None), ("4", None), ("x", "Bo"), (None, None)]
    assert read.rows("plain", "id NULLS LAST") == [{"id": i, "name": n} for i, n in rows]


@pytest.mark.parity("same", "7.3", "`_corrupt_record` by a hint holds the records that can't be read")
def test_records_that_can_not_be_read_have_a_column_if_asked_for(read):
    rest = read.rescued("people/2.json", email="b@x", tags=[1])
    facts = [
        (r["id"], r["_corrupt_record"], r["_rescued_data"]) for r in read.rows("unreadable", "id NULLS LAST")
    ]
    assert facts == [
        ("1", None, None), ("2.50", None, None), ("4", None, None), ("x", None, rest), (None, '{"id"', None),
    ]  # fmt: skip


@pytest.mark.parity("same", "7.2", "`cloudFiles.includeExistingFiles` = false")
def test_files_that_were_there_are_left_out_if_asked_for(read):
    assert [r["id"] for r in read.rows("later", "id")] == ["4", "x"]


@pytest.mark.parity(
    "same",
    "7.3",
    "CSV: the first line is the header unless `header` is false; columns are found by name in each file",
)
def test_csv_files_are_read_by_their_headers(read):
    surplus = read.rescued("prices/3.csv", _corrupt_record="7,1,2,3")
    six = read.rescued("prices/3.csv", id="six")
    rows = [
        (1, "2.5", None, None),
        (2, "7", None, None),
        (3, "cheap", None, None),
        (4, "4", None, None),
        (5, "1", "n", None),
        (7, "1", "2", surplus),
        (None, None, None, six),
    ]
    names = ("id", "price", "note", "_rescued_data")
    assert read.rows("prices", "id NULLS LAST") == [dict(zip(names, row, strict=True)) for row in rows]


def test_csv_files_without_headers(read):
    rows = [("1", "a", None), ("2", None, None), ("3", "b", "c")]
    assert [(r["_c0"], r["_c1"], r["_c2"]) for r in read.rows("headless")] == rows


@pytest.mark.parity("same", "7.5", "A file is read once, whatever its date; `_metadata`, `input_file_name()`")
def test_texts_are_read_once_even_those_with_an_old_date(read):
    assert read.rows("lines") == [
        {"value": "old", "file_name": "2.txt.gz", "named": True}, {"value": "one", "file_name": "ñ%201.txt", "named": True},
    ]  # fmt: skip


@pytest.mark.parity("same", "7.2", "`cloudFiles.allowOverwrites`")
def test_an_overwritten_file_is_read_again_if_asked_for(read):
    assert [r["value"] for r in read.rows("overwritten")] == ["old", "one", "one", "two"]


@pytest.mark.parity("same", "7", "Parquet, ORC, text and binary files")
@pytest.mark.parity(
    "differs", "7.4", "Parquet and ORC: a value of another type", "an error instead of rescued data"
)
@pytest.mark.parity("same", "7.2", "Columns from the names of folders")
def test_files_of_other_formats(read):
    assert read.rows("events") == [
        {"id": 1, "kind": "x", "day": 1, "_rescued_data": None, "more": None},
        {"id": 2, "kind": "y", "day": 2, "_rescued_data": None, "more": 5},
    ]
    assert read.rows("columns") == [{"id": 1, "_rescued_data": None}]
    assert read.rows("documents", "length")[0] == {"length": 4, "content": b"one\n"}


@pytest.mark.parity(
    "differs",
    "7",
    "XML",
    "elements within others keep their types, and a record that can't be read is rescued as a whole",
)
def test_xml(read):
    assert read.rows("elements") == [{"a": "1", "_rescued_data": None}, {"a": "2", "_rescued_data": None}]


@pytest.mark.parity("same", "7.2", "`pathGlobFilter`, `modifiedAfter`, `modifiedBefore`; folders in folders")
def test_files_may_be_chosen_by_name_and_date(read):
    assert read.rows("some") == [{"a": "1", "_rescued_data": None}]


@pytest.mark.parity("same", "7.2", "`cloudFiles.partitionColumns`: NULL where a path lacks one")
def test_columns_of_folders_may_be_named(read):
    assert read.rows("parts") == [{"id": 1, "day": "1/2", "hour": None}]


@pytest.mark.parity("same", "7.5", "A file that is removed later leaves its rows")
def test_a_file_may_hold_a_list_and_vanish(read):
    assert read.rows("whole") == [{"a": "1", "_rescued_data": None}, {"a": "2", "_rescued_data": None}]


def test_a_view_of_files_is_read_by_its_flow(read):
    bad = read.rescued("people/1.json", _corrupt_record='{"id"')
    assert read.rows("of_view") == [{"_rescued_data": value} for value in (bad, None, None, None, None)]
