"""Hints for what is within columns, and columns from the names of folders (specification §7.2 and §7.3)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from weir.testing import PipelineUnderTest, write_sources

SOURCE = """
import dlt

HINTS = "tags.element STRING, users.element.id INT, m MAP<STRING, STRING>, m.value INT, more.element DATE"

def reads(kind, folder, **options):
    reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", kind)
    named = {"cloudFiles." + name: value for name, value in options.items()}
    return reader.options(**named).load(f"{spark.conf.get('landing')}/{folder}")

@dlt.table
def texts(): return reads("json", "people", schemaHints=HINTS)

@dlt.table
def typed(): return reads("json", "people", schemaHints=HINTS, inferColumnTypes=True)

@dlt.table
def typed_by_hints(): return reads("json", "batches", schemaHints="BATCH BIGINT, day DATE")

@dlt.table
def in_parquet(): return reads("parquet", "events", schemaHints="a.element BIGINT, m.value BIGINT, s.x BIGINT")

@dlt.table
def narrower(): return reads("parquet", "events", schemaHints="a.element SMALLINT, m.value SMALLINT, s.x SMALLINT")

@dlt.table
def of_other_types(): return reads("parquet", "events", schemaHints="a.element DATE, m STRING, s.x STRING")

@dlt.table
def maps(): return reads("json", "maps", schemaHints="m MAP<STRING, STRUCT<x: INT>>")

@dlt.table
def maps_as_they_are():
    return reads("json", "maps", schemaHints="m MAP<STRING, STRUCT<x: INT>>", schemaEvolutionMode="rescue")

@dlt.table
def mixed(): return reads("csv", "mixed", inferColumnTypes=True)

@dlt.table
def lines(): return reads("text", "lines")
"""
STATEMENTS = """
CREATE STREAMING TABLE batches AS SELECT * FROM STREAM read_files('${landing}/batches', format => 'json');
CREATE STREAMING TABLE named AS SELECT * FROM STREAM read_files('${landing}/batches', format => 'json',
  partitionColumns => 'batch', schemaHints => 'batch STRING');
CREATE MATERIALIZED VIEW whole AS SELECT * FROM read_files('${landing}/batches', format => 'json');
"""
FIRST = {
    "people/1.json": '{"tags": [1, 2], "users": [{"id": 1, "name": {"x": "A"}}], "m": {"a": 1}, "more": null}',
    "batches/batch=20250101123000/day=2025-01-01/1.json": '{"v": 1}',
    "batches/batch=20250102123000/day=2025-01-02/1.json": '{"v": 2}',
    "maps/1.json": '{"n": 1, "m": {"a": {"x": 1}}}',
    "mixed/n=1/1.csv": "id,x\n1,2\n", "mixed/n=2/1.csv": "x,id\n4,3\n",
    "lines/part=1/1.txt": "one\n",
}  # fmt: skip
SECOND = {
    "people/2.json": '{"tags": ["x"], "users": [{"id": "z"}], "m": {"a": "b"}, "more": ["2026-01-02"]}',
    "batches/batch=later/day=2025-01-03/2.json": '{"v": 3}',
    "batches/batch=7/day=2025-01-04 10%3A00%3A00/2.json": '{"v": "x"}',
    "maps/2.json": '{"n": 2, "m": {"b": {"x": 2, "y": 3}, "c": {"x": 4}}}',
    "mixed/n=x/2.csv": "id,x\n5,6\n",
    "lines/part=x/2.txt": "two\n",
}  # fmt: skip


@dataclass
class Read:
    """What two updates have made."""

    under_test: PipelineUnderTest
    first: dict[str, Any]
    second: dict[str, Any]

    def rows(self, table: str, order_by: str = "1") -> list[dict[str, Any]]:
        """The rows of a table, what was rescued as values without the path of its file."""
        result = self.under_test.rows(table, order_by)
        for row in result:
            rescued = json.loads(row.pop("_rescued_data", None) or "{}")
            rescued.pop("_file_path", None)
            row.update({"rescued": rescued} if rescued else {})
        return result


@pytest.fixture(scope="module")
def read(spark, tmp_path_factory) -> Read:
    folder = tmp_path_factory.mktemp("parts")
    landing = folder / "landing"

    def arrive(files: dict[str, str]) -> None:
        for name, text in files.items():
            (landing / name).parent.mkdir(parents=True, exist_ok=True)
            (landing / name).write_text(text)

    arrive(FIRST)
    events = spark.sql(
        "SELECT array(1, 70000) AS a, map('k', 2, 'l', 70001) AS m, named_struct('x', 70002) AS s"
    )
    events.coalesce(1).write.parquet(str(landing / "events"))
    sources = write_sources(folder / "sources", {"a.py": SOURCE, "b.sql": STATEMENTS})
    under_test = PipelineUnderTest(spark, folder, [sources], configuration={"landing": str(landing)})
    first = under_test.update().by_name()
    assert {name: d.error for name, d in first.items() if d.error} == {}
    arrive(SECOND)
    return Read(under_test, first, under_test.update().by_name())


def hints_are_for_elements_of_arrays_and_for_values_of_maps(read):
    known = {"tags": ["1", "2"], "m": {"a": 1}, "more": None}
    new = {"tags": ["x"], "m": None, "more": [date(2026, 1, 2)]}
    rescued = {"m": {"a": "b"}, "users": [{"id": "z"}]}
    assert read.rows("typed", "tags") == [
        {**known, "users": [{"id": 1, "name": {"x": "A"}}]},
        {**new, "users": [{"id": None, "name": None}], "rescued": rescued},
    ]
    assert read.rows("texts", "tags") == [
        {**known, "users": [{"id": 1, "name": '{"x": "A"}'}]},
        {**new, "users": [{"id": None, "name": None}], "rescued": rescued},
    ]


def hints_for_parts_of_parquet(read):
    assert read.rows("in_parquet") == [{"a": [1, 70000], "m": {"k": 2, "l": 70001}, "s": {"x": 70002}}]


def what_is_too_large_for_a_part_is_rescued(read):
    rescued = {"a": [None, 70000], "m": {"l": 70001}, "s": {"x": 70002}}
    assert read.rows("narrower") == [
        {"a": [1, None], "m": {"k": 2, "l": None}, "s": {"x": None}, "rescued": rescued}
    ]


def what_has_another_type_in_parquet_is_rescued(read):
    rescued = {"a": [1, 70000], "m": {"k": 2, "l": 70001}, "s": {"x": 70002}}
    assert read.rows("of_other_types") == [
        {"a": [None, None], "m": None, "s": {"x": None}, "rescued": rescued}
    ]


def new_fields_of_what_a_map_holds_are_added_or_rescued(read):
    assert read.rows("maps", "n") == [
        {"m": {"a": {"x": 1, "y": None}}, "n": "1"},
        {"m": {"b": {"x": 2, "y": "3"}, "c": {"x": 4, "y": None}}, "n": "2"},
    ]  # fmt: skip
    assert read.rows("maps_as_they_are", "n") == [
        {"m": {"a": {"x": 1}}, "n": "1"},
        {"m": {"b": {"x": 2}, "c": {"x": 4}}, "n": "2", "rescued": {"m": {"b": {"y": 3}}}},
    ]  # fmt: skip


def columns_of_folders_have_types_and_what_does_not_fit_is_rescued(read):
    first, second = 20250101123000, 20250102123000
    late = {"batch": "later"}
    assert read.rows("batches", "v, day") == [
        {"v": None, "batch": 7, "day": None, "rescued": {"v": "x", "day": "2025-01-04 10:00:00"}},
        {"v": 1, "batch": first, "day": date(2025, 1, 1)},
        {"v": 2, "batch": second, "day": date(2025, 1, 2)},
        {"v": 3, "batch": None, "day": date(2025, 1, 3), "rescued": late},
    ]
    assert read.rows("typed_by_hints") == [
        {"v": "1", "batch": first, "day": date(2025, 1, 1)},
        {"v": "2", "batch": second, "day": date(2025, 1, 2)},
        {"v": "3", "batch": None, "day": date(2025, 1, 3), "rescued": late},
        {"v": "x", "batch": 7, "day": None, "rescued": {"day": "2025-01-04 10:00:00"}},
    ]
    assert read.rows("mixed") == [
        {"id": 1, "x": 2, "n": 1}, {"id": 3, "x": 4, "n": 2}, {"id": 5, "x": 6, "n": None, "rescued": {"n": "x"}},
    ]  # fmt: skip


def a_hint_gives_a_folder_its_type(read):
    assert [(row["v"], row["batch"]) for row in read.rows("named", "batch")] == [
        (1, "20250101123000"), (2, "20250102123000"), (None, "7"), (3, "later"),
    ]  # fmt: skip


def a_batch_of_all_files_has_the_type_that_holds_all(read):
    assert [(row["v"], row["batch"], row["day"].day) for row in read.rows("whole")] == [
        ("1", "20250101123000", 1), ("2", "20250102123000", 2), ("3", "later", 3), ("x", "7", 4),
    ]  # fmt: skip


def without_rescued_data_a_folder_that_does_not_fit_ends_the_read(read):
    failed = {name.rpartition(".")[2]: str(d.error) for name, d in read.second.items() if d.error}
    assert list(failed) == ["lines"]
    told = (
        "[INVALID_PARTITION_VALUE] Failed to cast value 'x' to data type int for partition column `part` of "
    )
    assert told in failed["lines"]
    assert failed["lines"].endswith("/lines/part=x/2.txt")
    assert read.rows("lines") == [{"value": "one", "part": 1}]


CHECKS = [
    hints_are_for_elements_of_arrays_and_for_values_of_maps,
    hints_for_parts_of_parquet,
    what_is_too_large_for_a_part_is_rescued,
    what_has_another_type_in_parquet_is_rescued,
    new_fields_of_what_a_map_holds_are_added_or_rescued,
    columns_of_folders_have_types_and_what_does_not_fit_is_rescued,
    a_hint_gives_a_folder_its_type,
    a_batch_of_all_files_has_the_type_that_holds_all,
    without_rescued_data_a_folder_that_does_not_fit_ends_the_read,
]


@pytest.mark.parity("same", "7.3", "Hints for parts: `array.element`, `map.key`, `map.value`, at any depth")
@pytest.mark.parity(
    "same", "7.3", "Parquet is read with the types of hints; a value of another type is rescued"
)
@pytest.mark.parity(
    "same",
    "7.2",
    "Columns from the names of folders have the types that Spark finds: BIGINT, DATE and others",
)
@pytest.mark.parity(
    "differs", "7.2", "A folder's value that does not fit its column",
    "it goes to the rescued data; without these the read fails with INVALID_PARTITION_VALUE",
)  # fmt: skip
@pytest.mark.long(
    "unit/test_file_hints.py::test_the_parts_of_arrays_and_maps_have_names",
    "unit/test_folder_columns.py::test_values_have_the_type_that_holds_all",
    "spark/test_file_columns_in_part.py::test_fields_of_objects_are_not_lost_where_other_records_have_a_number",
)
def test_tables_have_the_columns_of_hints_and_folders(read, subtests):
    for check in CHECKS:
        with subtests.test(check.__name__):
            check(read)


WRONG = """
CREATE STREAMING TABLE part AS SELECT * FROM
  STREAM read_files('{landing}', format => 'json', schemaHints => 'v.element INT');
CREATE STREAMING TABLE folder AS SELECT * FROM
  STREAM read_files('{landing}', format => 'json', schemaHints => 'day.x INT');
CREATE STREAMING TABLE twice AS SELECT * FROM
  STREAM read_files('{landing}', format => 'json', schemaHints => 'v INT, V STRING');
"""


@pytest.mark.parity(
    "same", "7.3", "A hint for a part that a column has not, and two for one column, are errors"
)
def test_hints_that_can_not_be_followed(pipeline, tmp_path):
    file = tmp_path / "landing/day=1/1.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"v": 1}')
    problems = pipeline({"a.sql": WRONG.replace("{landing}", str(tmp_path / "landing"))}).problems()
    assert [(p.condition, p.message, p.origin.line, p.hint) for p in problems if p.origin] == [
        (
            "CF_INVALID_SCHEMA_HINT_COLUMN",
            "A hint in 'v.element INT' can't be followed: `v` is bigint, which has no part `element`.",
            3, "leave it out, or hint at `v`",
        ),
        (
            "CF_INVALID_SCHEMA_HINT_COLUMN",
            "A hint in 'day.x INT' can't be followed: `day.x` is int, but a folder's name gives one value.",
            5, "give `day` the type of one value: day STRING",
        ),
        (
            "CF_INVALID_SCHEMA_HINTS_OPTION", "The hints 'v INT, V STRING' give `v` a type twice.",
            7, "leave one of the two out",
        ),
    ]  # fmt: skip


OBJECTS = """
import dlt

def reads(mode):
    reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
    reader = reader.option("cloudFiles.inferColumnTypes", "true").option("cloudFiles.schemaEvolutionMode", mode)
    return reader.load(spark.conf.get("landing"))

@dlt.table
def rescues(): return reads("rescue")

@dlt.table
def adds(): return reads("addNewColumns")
"""


@pytest.mark.parity(
    "same", "7.4", "New fields of objects are added or rescued, also where other records have no object there"
)
def test_fields_of_objects_are_not_lost_where_other_records_have_a_number(pipeline, tmp_path):
    landing = tmp_path / "landing"
    landing.mkdir()
    p = pipeline(OBJECTS, configuration={"landing": str(landing)})
    write_records(landing / "1.json", {"id": 1, "m": {"a": 1, "in": {"x": 1}}})
    assert {d.name: d.error for d in p.update().datasets if d.error} == {}
    write_records(
        landing / "2.json",
        {"id": 2, "m": {"a": 2, "b": "new"}},
        {"id": 3, "m": 7},
        {"id": 4, "m": {"in": {"x": 4, "y": True}}},
        {"id": 5, "m": {"in": "no object"}},
    )
    assert {d.name: d.error for d in p.update().datasets if d.error} == {}
    rows = p.rows("rescues", "id")
    assert [r["m"] for r in rows] == [
        {"a": 1, "in": {"x": 1}},
        {"a": 2, "in": None},
        None,
        {"a": None, "in": {"x": 4}},
        {"a": None, "in": None},
    ]
    assert [rescued(r) for r in rows] == [
        None, {"m": {"b": "new"}}, {"m": 7}, {"m": {"in": {"y": True}}}, {"m": {"in": "no object"}},
    ]  # fmt: skip
    rows = p.rows("adds", "id")
    assert [r["m"] for r in rows] == [
        {"a": 1, "in": {"x": 1, "y": None}, "b": None},
        {"a": 2, "in": None, "b": "new"},
        None,
        {"a": None, "in": {"x": 4, "y": True}, "b": None},
        {"a": None, "in": None, "b": None},
    ]
    assert [rescued(r) for r in rows] == [None, None, {"m": 7}, None, {"m": {"in": "no object"}}]


def write_records(file, *records):
    file.write_text("".join(json.dumps(record) + "\n" for record in records))


def rescued(row):
    data = json.loads(row["_rescued_data"] or "null")
    return data and {key: value for key, value in data.items() if key != "_file_path"}
