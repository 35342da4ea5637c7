"""Files in SQL: read_files, STREAM read_files and cloud_files (specification §7.6)."""

from __future__ import annotations

import pytest

from tests.fixtures import Make

STATEMENTS = """
CREATE OR REFRESH STREAMING TABLE people
COMMENT 'As they come'
AS SELECT *, _metadata.file_name AS file
FROM STREAM read_files('${landing}/people', format => 'json', schemaHints => 'id STRING');

CREATE OR REFRESH STREAMING LIVE TABLE prices (CONSTRAINT cheap EXPECT (price < 5) ON VIOLATION DROP ROW)
AS SELECT p.* EXCEPT (_rescued_data), p._metadata.file_size > 0 AS full
FROM cloud_files("${landing}/prices", "csv", map("cloudFiles.inferColumnTypes", "true", "header", "true")) p;

CREATE MATERIALIZED VIEW joined
AS SELECT n.name, p.price FROM read_files('${landing}/people') AS n
JOIN read_files('${landing}/prices', schema => 'id STRING, price DOUBLE', header => true) AS p USING (id);

CREATE STREAMING TABLE declared
AS SELECT id, rest:name AS name, _metadata.file_modification_time IS NOT NULL AS dated
FROM STREAM(read_files('${landing}/people', format => 'json', schema => 'id INT', rescuedDataColumn => 'rest'))
WHERE rest IS NOT NULL;

CREATE STREAMING TABLE given
AS SELECT * FROM STREAM cloud_files("${landing}/prices", "csv", map("header", "true", "Schema", "id INT, price DOUBLE"));
"""
PYTHON = """
import dlt

@dlt.table
def of_python():
    return spark.sql("SELECT count(*) AS n FROM read_files('/Volumes/a/people', format => 'json')")
"""


@pytest.mark.parity(
    "same", "7.6", "`STREAM read_files`, `read_files` and `cloud_files`, in SQL sources and in `spark.sql`"
)
@pytest.mark.parity("same", "7.6", "`_metadata` of files in SQL, which `*` leaves out")
@pytest.mark.parity("same", "7.6", "A `schema` in the map of `cloud_files`")
@pytest.mark.parity("same", "7.6", "The format of `read_files` is found if it is not given")
def test_files_in_sql(pipeline: Make, tmp_path):
    landing = tmp_path / "landing"
    for name, text in {
        "people/1.json": '{"id": 1, "name": "Ana"}\n{"id": "x"}\n', "prices/1.csv": "id,price\n1,2.5\n2,7\n",
    }.items():  # fmt: skip
        (landing / name).parent.mkdir(parents=True)
        (landing / name).write_text(text)
    under_test = pipeline(
        {"a.sql": STATEMENTS, "b.py": PYTHON}, configuration={"landing": str(landing)},
        prefixes={"/Volumes/a": str(landing)},
    )  # fmt: skip
    result = under_test.update().by_name()
    assert {n: d.error for n, d in result.items() if d.error} == {}
    assert under_test.rows("people") == [
        {"id": "1", "name": "Ana", "_rescued_data": None, "file": "1.json"},
        {"id": "x", "name": None, "_rescued_data": None, "file": "1.json"},
    ]
    assert under_test.rows("prices") == [{"id": 1, "price": 2.5, "full": True}]
    assert result["main.default.prices"].rows_dropped == 1
    assert under_test.rows("joined") == [{"name": "Ana", "price": 2.5}]
    assert under_test.rows("declared") == [
        {"id": 1, "name": "Ana", "dated": True},
        {"id": None, "name": None, "dated": True},
    ]
    assert under_test.rows("given") == [{"id": 1, "price": 2.5}, {"id": 2, "price": 7.0}]
    assert under_test.rows("of_python") == [{"n": 2}]


WRONG = """
CREATE STREAMING TABLE a AS SELECT * FROM STREAM read_files('{landing}/none', format => 'json');
CREATE STREAMING TABLE b AS SELECT * FROM
  STREAM read_files('{landing}', format => 'json');
CREATE STREAMING TABLE c AS SELECT * FROM STREAM read_files('{landing}', format => 'json', schema => 'id INT',
  schemaEvolutionMode => 'addNewColumns');
CREATE STREAMING TABLE d AS SELECT * FROM read_files('{landing}', format => 'text');
CREATE STREAMING TABLE e AS SELECT * FROM cloud_files('{landing}', 'json', map('cloudFiles.maxFiles', '1'));
"""


@pytest.mark.parity("same", "7.3", "An empty folder without a schema is CF_EMPTY_DIR_FOR_SCHEMA_INFERENCE")
@pytest.mark.parity("same", "7.2", "An option of `cloudFiles` that does not exist is an error")
def test_what_is_wrong_with_files_is_told_with_its_line(pipeline: Make, tmp_path):
    landing = tmp_path / "landing"
    landing.mkdir()
    problems = pipeline({"a.sql": WRONG.replace("{landing}", str(landing))}).problems()
    assert [(p.condition, p.origin.line) for p in problems if p.origin] == [
        ("PATH_NOT_FOUND", 2), ("CF_EMPTY_DIR_FOR_SCHEMA_INFERENCE", 4), ("CF_ADD_NEW_NOT_SUPPORTED", 5),
        ("APPEND_ONCE_FROM_BATCH_QUERY", 7), ("CF_UNKNOWN_OPTION_KEYS_ERROR", 8),
    ]  # fmt: skip
