"""`weir show --as`: a table as a group of the bundle sees it, and what is refused."""

from __future__ import annotations

import json
import sys

import pytest

from weir.cli import main

SOURCE = """
import dlt

@dlt.table(
    name="s.people",
    schema="id BIGINT, mail STRING MASK rules.hide, born TIMESTAMP",
    row_filter="ROW FILTER rules.near ON (id)",
)
def people():
    return spark.sql("SELECT id, concat(id, '@x.org') AS mail, TIMESTAMP '2000-01-01' AS born FROM range(1, 4)")
"""
BUNDLE = """
bundle: {name: shop}
resources:
  pipelines: {shop: {catalog: main, schema: s, libraries: [{file: {path: people.py}}]}}
  schemas: {s: {catalog_name: main, name: s, grants: [{principal: analysts, privileges: [USE_SCHEMA, SELECT]}]}}
  jobs: {g: {tasks: [{task_key: f, sql_task: {warehouse_id: x, file: {path: functions.sql}}}]}}
"""
FUNCTIONS = """
USE CATALOG main;
CREATE OR REPLACE FUNCTION rules.hide(mail STRING) RETURNS STRING RETURN CASE WHEN is_account_group_member('x') THEN mail END;
CREATE OR REPLACE FUNCTION rules.near(id BIGINT) RETURNS BOOLEAN RETURN id <> 2;
"""


@pytest.fixture
def call(spark, tmp_path, monkeypatch, capfd):
    """Call `weir` in this process in the bundle's folder: exit code, stdout."""
    for name, text in {"people.py": SOURCE, "databricks.yml": BUNDLE, "functions.sql": FUNCTIONS}.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["weir", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capfd.readouterr().out

    return run


def test_a_table_is_shown_whole_or_as_a_group_sees_it(call):
    assert call("run", "--json")[0] == 0
    whole = json.loads(call("show", "people", "--json")[1])
    assert sorted(row["mail"] for row in whole["rows"]) == ["1@x.org", "2@x.org", "3@x.org"]
    assert {row["born"] for row in whole["rows"]} == {"2000-01-01T00:00:00+00:00"}
    code, out = call("show", "people", "--as", "analysts", "--json")
    shown = json.loads(out)
    shown["rows"].sort(key=lambda row: row["id"])
    assert (code, shown) == (0, {
        "table": "people", "as": "analysts", "columns": ["id", "mail", "born"],
        "rows": [{"id": n, "mail": None, "born": "2000-01-01T00:00:00+00:00"} for n in (1, 3)],
    })  # fmt: skip
    code, out = call("show", "people", "--as", "analysts", "--version", "0", "-n", "1")
    assert code == 0
    assert "people as analysts" in out
    code, out = call("show", "people", "--as", "analyst", "--json")
    (problem,) = json.loads(out)["problems"]
    assert (code, problem["condition"], problem["hint"]) == (
        2,
        "PRINCIPAL_DOES_NOT_EXIST",
        "did you mean `analysts`?",
    )


def test_a_mask_without_a_function_stops_before_anything_runs(call, tmp_path):
    (tmp_path / "people.py").write_text(SOURCE.replace("rules.hide", "rules.hidden"))
    code, out = call("validate", "--json")
    (problem,) = json.loads(out)["problems"]
    told = (code, problem["condition"], problem["line"], problem["hint"])
    assert told == (2, "UNRESOLVED_ROUTINE", 4, "did you mean `main.rules.hide`?")
