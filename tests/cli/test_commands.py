"""The command line as a user and a script meet it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import write_deltalake

from tests.killing import mortal
from weir.cli import main, weir

WEIR = Path(sys.executable).with_name("weir")
SOURCE = """
import dlt

@dlt.table
@dlt.expect_or_drop("known", "x IS NOT NULL")
def silver():
    return spark.readStream.table("raw")

@dlt.table
@dlt.expect_or_fail("few", "n < 4")
def gold():
    return dlt.read("silver").groupBy().count().withColumnRenamed("count", "n")
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a source and an outside table, as the working directory."""
    (tmp_path / "p.py").write_text(SOURCE)
    write_deltalake(tmp_path / "raw", pa.table({"x": [1, 2, None]}))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(spark, here, monkeypatch, capfd):
    """Call `weir` in this process: exit code, stdout as JSON if there is some."""

    def run(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["weir", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out = capfd.readouterr().out
        return ended.value.code, json.loads(out) if "--json" in arguments else out

    return run


def test_run_prints_one_json_object(call):
    code, result = call("run", "p.py", "--table", "raw=raw", "--json")
    assert code == 0
    assert (set(result), result["pipeline"], result["state"]) == (
        {"update_id", "pipeline", "state", "seconds", "datasets"},
        "p.py",
        "COMPLETED",
    )
    silver, gold = result["datasets"]
    silver.pop("seconds")
    assert silver == {
        "name": "main.default.silver",
        "kind": "streaming_table",
        "state": "COMPLETED",
        "rows_in": 3,
        "rows_written": 2,
        "rows_dropped": 1,
        "expectations": [
            {
                "name": "known",
                "condition": "x IS NOT NULL",
                "action": "drop",
                "passed": 2,
                "failed": 1,
                "reader": None,
            }
        ],
        "error": None,
    }
    assert gold["expectations"][0]["passed"] is None


def test_exit_codes_tell_a_failed_flow_from_a_broken_rule_and_from_wrong_definitions(call, here):
    arguments = ("run", "p.py", "--table", "raw=raw", "--json")
    call(*arguments)
    write_deltalake(here / "raw", pa.table({"x": [3, 4]}), mode="append")
    assert call(*arguments)[0] == 3
    (here / "p.py").write_text(SOURCE.replace("n < 4", "m < 4"))
    code, result = call(*arguments)
    assert (code, result["problems"][0]["condition"]) == (2, "UNRESOLVED_COLUMN.WITH_SUGGESTION")
    failing = "import dlt\n@dlt.table\ndef t():\n    return spark.sql(\"SELECT CAST(raise_error('boo') AS INT) AS x\")\n"
    (here / "p.py").write_text(failing)
    code, result = call("run", "p.py", "--json")
    assert (code, result["state"], "boo" in result["datasets"][0]["error"]) == (1, "FAILED", True)


def test_validate_shows_inputs_schemas_and_rules(call):
    code, result = call("validate", "p.py", "--table", "raw=raw", "--json")
    assert (code, result["problems"]) == (0, [])
    assert result["datasets"] == [
        {
            "name": "main.default.silver",
            "kind": "streaming_table",
            "inputs": ["main.default.raw"],
            "schema": "x BIGINT",
            "expectations": [{"name": "known", "condition": "x IS NOT NULL", "action": "drop"}],
        },
        {
            "name": "main.default.gold",
            "kind": "materialized_view",
            "inputs": ["main.default.silver"],
            "schema": "n BIGINT",
            "expectations": [{"name": "few", "condition": "n < 4", "action": "fail"}],
        },
    ]


def test_plan_lists_the_steps_that_run_takes(call):
    before = call("plan", "p.py", "--table", "raw=raw", "--json")[1]["steps"]
    assert [(s["step"], s["table"]) for s in before] == [
        ("create", "main.default.silver"),
        ("create", "main.default.gold"),
        ("stream", "main.default.silver"),
        ("refresh", "main.default.gold"),
    ]
    call("run", "p.py", "--table", "raw=raw", "--json")
    after = call("plan", "p.py", "--table", "raw=raw", "--json")[1]["steps"]
    assert [(s["step"], s["why"]) for s in after] == [
        ("stream", "continues at its checkpoint"),
        (
            "refresh",
            "leave: nothing new in main.default.silver 1, unless main.default.silver changes until then",
        ),
    ]


def test_validate_only_writes_nothing(call, here):
    code, result = call("run", "p.py", "--table", "raw=raw", "--validate-only", "--json")
    assert (code, result["problems"], len(result["datasets"])) == (0, [], 2)
    assert not (here / ".weir" / "tables").exists()


def test_graph_list_and_show(call):
    call("run", "p.py", "--table", "raw=raw", "--json")
    assert call("graph", "p.py", "--table", "raw=raw", "--json")[1]["edges"] == [
        {"from": "main.default.raw", "to": "main.default.silver"},
        {"from": "main.default.silver", "to": "main.default.gold"},
    ]
    assert [t["name"] for t in call("list", "--json")[1]["tables"]] == [
        "main.default.gold",
        "main.default.silver",
        "main.system.audit_log",
        "main.system.column_lineage",
        "main.system.data_lineage",
    ]
    assert call("lineage", "gold.n", "--json")[1] == {
        "name": "main.default.gold.n",
        "from": [],
        "into": [],
    }
    assert [(e["source"], e["target"]) for e in call("lineage", "silver.X", "--json")[1]["from"]] == [
        ("main.default.raw.x", "main.default.silver.x")
    ]
    assert call("lineage", "silver.y")[0] == 2
    assert call("show", "silver", "--json") == (
        0,
        {"table": "main.default.silver", "columns": ["x"], "rows": [{"x": 1}, {"x": 2}]},
    )
    assert call("show", "gold", "--version", "0", "--json")[1]["rows"] == []
    assert call("show", "golden", "--json")[0] == 2


@pytest.mark.parity(
    "differs",
    "1.3",
    "private tables",
    "are in the storage like others; `weir run` does not show their rows",
)
def test_run_ends_with_rows_of_the_last_tables_that_are_published(call, here):
    private = '\n@dlt.table(temporary=True)\ndef check():\n    return dlt.read("gold")\n'
    (here / "p.py").write_text(SOURCE + private)
    told = call("run", "p.py", "--table", "raw=raw")[1]
    titles = [line.strip() for line in told.splitlines() if line.strip() in {"default.gold", "default.check"}]
    assert titles == ["default.gold"]


def test_quality_why_shows_the_rows_behind_the_counts(call, here):
    arguments = ("p.py", "--table", "raw=raw")
    assert call("quality", *arguments, "--why", "silver", "--json") == (
        0,
        {
            "table": "main.default.silver",
            "rules": [{"name": "known", "condition": "x IS NOT NULL", "action": "drop"}],
            "rows": [{"broken": ["known"], "row": {"x": None}}],
            "shown": 1,
            "failing": 1,
        },
    )
    write_deltalake(here / "raw", pa.table({"x": pa.array([None], pa.int64())}), mode="append")
    code, told = call("quality", *arguments, "--why", "silver", "--limit", "1")
    assert (code, [" ".join(line.split()) for line in told.splitlines()]) == (
        0,
        ["default.silver", "broken rules x", "known", "1 of 2 rows that break a rule"],
    )
    call("run", *arguments, "--json")
    assert call("quality", *arguments, "--why", "gold") == (0, "no row breaks a rule of default.gold\n")


def test_quality_why_says_what_it_cannot_show(call, here):
    (here / "p.py").write_text(SOURCE.replace('@dlt.expect_or_fail("few", "n < 4")\n', ""))
    arguments = ("quality", "p.py", "--table", "raw=raw")
    code, result = call(*arguments, "--why", "silvr", "--json")
    assert (code, result["problems"][0]["condition"], result["problems"][0]["hint"]) == (
        2,
        "DATASET_NOT_FOUND",
        "did you mean `main.default.silver`?",
    )
    assert call(*arguments, "--why", "gold") == (0, "default.gold has no rules\n")
    code, result = call(*arguments, "--json")
    assert (code, result["problems"][0]["condition"]) == (2, "INVALID_ARGUMENT")
    (here / "p.py").write_text(
        'import dlt\n@dlt.table\n@dlt.expect("some", "n > 0")\ndef gold():\n'
        """    return spark.sql("SELECT CAST(raise_error('boo') AS INT) AS n")\n"""
    )
    code, result = call(*arguments, "--why", "gold", "--json")
    assert (code, result["problems"][0]["condition"]) == (1, "FLOW_FAILED")
    assert "boo" in result["problems"][0]["message"]


def test_a_mistake_in_the_arguments_is_a_problem_not_a_traceback(call):
    assert call("run", "nowhere.py", "--json")[1]["problems"][0]["condition"] == "PATH_NOT_FOUND"
    assert call("run", "--json")[1]["problems"][0]["condition"] == "PIPELINE_SOURCES_NOT_FOUND"
    assert call("run", "p.py", "--conf", "k", "--json")[0] == 2
    code, result = call("run", "p.py", "--full-refresh-all", "--refresh", "gold", "--json")
    assert (code, result["problems"][0]["condition"]) == (2, "CONFLICTING_PIPELINE_REFRESH_OPTIONS")
    code, result = call("run", "p.py", "--table", "raw=raw", "--refresh", "golf", "--json")
    assert (code, result["problems"][0]["hint"]) == (2, "did you mean `main.default.gold`?")


@pytest.mark.long("cli/test_commands.py::test_what_user_code_prints_never_gets_between_the_json")
def test_a_fresh_process_prints_json_alone_and_keeps_sparks_log_off_the_terminal(here):
    ran = subprocess.run(
        [WEIR, "run", "p.py", "--table", "raw=raw", "--json"], capture_output=True, check=False
    )
    assert json.loads(ran.stdout)["state"] == "COMPLETED"
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert (here / ".weir/logs/p.py.log").stat().st_size > 0


NOISY = """
print("loading")

@dlt.on_event_hook
def noisy(event):
    print("heard", event["event_type"])
"""


def test_what_user_code_prints_never_gets_between_the_json(call, here, capfd):
    (here / "p.py").write_text(SOURCE + NOISY)
    code, result = call("run", "p.py", "--table", "raw=raw", "--json")
    assert (code, result["state"]) == (0, "COMPLETED")


def test_json_events_streams_the_log_as_it_grows(call, here, capfd):
    (here / "p.py").write_text(SOURCE + NOISY)
    code, out = call("run", "p.py", "--table", "raw=raw", "--json-events")
    told = [json.loads(line) for line in out.splitlines()]
    logged = call("events", "-n", "1000", "--json")[1]["events"]
    assert (code, told) == (0, logged)
    assert list(told[0]) == ["id", "sequence", "origin", "timestamp", "message", "level", "maturity_level",
                             "error", "details", "event_type"]  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told[0]["timestamp"])


def test_json_events_ends_with_the_same_exit_codes_and_tells_problems_as_an_event(call, here):
    arguments = ("run", "p.py", "--table", "raw=raw", "--json-events")
    write_deltalake(here / "raw", pa.table({"x": [3, 4]}), mode="append")
    assert call(*arguments)[0] == 3
    (here / "p.py").write_text(SOURCE.replace("n < 4", "m < 4"))
    code, out = call(*arguments)
    last = json.loads(out.splitlines()[-1])
    assert (code, last["details"]) == (2, {"update_progress": {"state": "FAILED"}})
    assert last["error"]["exceptions"][0]["class_name"] == "UNRESOLVED_COLUMN.WITH_SUGGESTION"
    code, result = call(*arguments, "--json")
    assert (code, result["problems"][0]["message"]) == (2, "--json-events can't be combined with --json.")
    assert call(*arguments, "--validate-only")[0] == 2


def test_a_reader_that_leaves_does_not_end_the_update(here, warm):
    command = [WEIR, "run", "p.py", "--table", "raw=raw", "--json-events"]
    with mortal(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)) as ran:
        assert json.loads(ran.stdout.readline())["event_type"] == "create_update"
        ran.stdout.close()
        human = ran.stderr.read().decode()
    assert (ran.returncode, "COMPLETED: 2 completed; 3 rows written" in human) == (0, True)


def test_help_needs_no_spark():
    code = "import sys, weir.cli; assert not {'pyspark', 'deltalake', 'pyarrow', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    shown = CliRunner().invoke(weir, ["--help"]).output
    assert "run" in shown
