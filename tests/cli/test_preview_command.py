"""`weir preview` and `weir.preview`: the rows that a dataset would have."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import write_deltalake

import weir
from weir.cli import weir as command
from weir.model.problems import WeirError

SOURCE = """
import dlt

@dlt.table
@dlt.expect_or_drop("known", "x IS NOT NULL")
def silver():
    return spark.readStream.table("raw")

@dlt.table
@dlt.expect_or_fail("few", "n < 3")
def gold():
    return dlt.read("silver").groupBy().count().withColumnRenamed("count", "n")
"""


@pytest.fixture
def here(spark, tmp_path, monkeypatch):
    (tmp_path / "p.py").write_text(SOURCE)
    (tmp_path / "weir.toml").write_text('sources = ["p.py"]\n[table]\nraw = "raw"\n')
    write_deltalake(tmp_path / "raw", pa.table({"x": [1, 2, None]}))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_rows_stand_above_what_the_rules_saw(here):
    shown = CliRunner().invoke(command, ["preview", "silver", "-n", "1"])
    assert shown.exit_code == 0
    assert [line.split() for line in shown.output.splitlines()] == [
        ["default.silver"],
        ["x"],
        ["1"],
        [],
        ["rule", "dataset", "action", "passed", "failed", "condition"],
        ["known", "default.silver", "drop", "2", "1", "x", "IS", "NOT", "NULL"],
        ["1", "of", "2", "rows", "of", "default.silver,", "nothing", "written"],
    ]
    assert sorted(path.name for path in here.iterdir()) == ["p.py", "raw", "weir.toml"]


def test_json_has_the_rows_and_each_dataset_that_was_computed(here):
    shown = CliRunner().invoke(command, ["preview", "gold", "--json"])
    told = json.loads(shown.output)
    assert {key: told[key] for key in ("dataset", "columns", "rows", "total")} == {
        "dataset": "main.default.gold", "columns": ["n"], "rows": [{"n": 2}], "total": 1,
    }  # fmt: skip
    assert [(d["name"], d["state"], d["rows_written"]) for d in told["datasets"]] == [
        ("main.default.silver", "COMPLETED", 2),
        ("main.default.gold", "COMPLETED", 1),
    ]


def test_python_gets_the_rows_and_the_error_of_a_flow_that_fails(here):
    assert sorted(row["x"] for row in weir.preview("silver")) == [1, 2]
    write_deltalake(here / "more", pa.table({"x": [1, 2, 3]}))
    with pytest.raises(WeirError, match="Violated expectations: 'few'"):
        weir.preview("gold", "p.py", tables={"raw": "more"}, storage=str(here / "lake"))
    with pytest.raises(TypeError, match="unexpected keyword argument 'table'"):
        weir.preview("gold", table={"raw": "more"})
