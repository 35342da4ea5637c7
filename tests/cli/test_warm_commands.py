"""Commands in a warm engine write and print the same as in an engine of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.warm import lent
from weir.cli import main

WEIR = Path(sys.executable).with_name("weir")
BUNDLE = """
bundle: {name: pets}
resources:
  pipelines:
    pets: {catalog: main, schema: default, libraries: [{file: {path: pets.py}}]}
  schemas:
    default: {catalog_name: main, name: default, grants: [{principal: analysts, privileges: [USE_SCHEMA, SELECT]}]}
  jobs: {g: {tasks: [{task_key: f, sql_task: {warehouse_id: x, file: {path: governance.sql}}}]}}
"""
RULES = "CREATE OR REPLACE FUNCTION main.rules.hide(mail STRING) RETURNS STRING RETURN 'hidden';"
SOURCE = """
import dlt
from pyspark.sql import functions as F

dlt.create_streaming_table("people", schema="id BIGINT, mail STRING MASK rules.hide, at BIGINT")
dlt.create_auto_cdc_flow(target="people", source="changes", keys=["id"], sequence_by="at")

@dlt.view
def changes():
    return spark.readStream.table("raw")

@dlt.table
@dlt.expect("long", "length > 3")
def lengths():
    length = F.udf(lambda mail: len(mail), "bigint")
    return dlt.read("people").select("id", length("mail").alias("length"))
"""
ROWS = {"id": [1, 1, 2], "mail": ["a@b", "aa@b", "b@b"], "at": [1, 2, 1]}


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "databricks.yml").write_text(BUNDLE)
    (tmp_path / "governance.sql").write_text(RULES)
    (tmp_path / "pets.py").write_text(SOURCE)
    write_deltalake(tmp_path / "raw", pa.table(ROWS))
    (tmp_path / "engine").mkdir(mode=0o700)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def both(spark, project, monkeypatch, capfd):
    """The outcome of a command in this process, and in one of its own in this test run's JVM."""

    def run(*words):
        command = [*words, "--storage"]
        monkeypatch.setattr(sys, "argv", ["weir", *command, "here"])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        here = ended.value.code, *capfd.readouterr()
        path = project / "engine/e.sock"
        with lent(spark, path):
            environment = os.environ | {"WEIR_ENGINE": str(path)}
            ran = subprocess.run(
                [WEIR, *command, "warm"],
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        return [told(*here), told(ran.returncode, ran.stdout, ran.stderr)]

    return run


def told(code, out, err):
    """What does not depend on the moment."""
    moments = (
        (" *[0-9]+[.][0-9](?= s|$)", " SECONDS"),
        ("Update [0-9a-f]+", "Update ID"),
        ("warm/", "here/"),
    )
    alike = [out, err]
    for pattern, sign in moments:
        alike = [re.sub(pattern, sign, text, flags=re.MULTILINE) for text in alike]
    return code, *alike


@pytest.mark.parity(
    "same",
    "5.2",
    "An update in a warm engine",
    "`weir dev`; its output, tables, lineage and masks are the same",
)
@pytest.mark.long("spark/test_pytest_plugin.py::test_a_test_run_uses_the_warm_engine")
def test_each_command_says_the_same(both, project):
    options = ("--table", "raw=raw")
    why = ("quality", "--why", "lengths", *options, "--json")
    commands = (("validate", *options, "--json"), ("run", *options), ("plan", *options), why)
    for words in commands:
        here, warm = both(*words)
        assert (here[0], warm) == (0, here)
    here, warm = both("show", "people", "--as", "analysts", "--json")
    hidden = [{"id": 1, "mail": "hidden", "at": 2}, {"id": 2, "mail": "hidden", "at": 1}]
    assert (warm, sorted(json.loads(here[1])["rows"], key=lambda row: row["id"])) == (here, hidden)
    here, warm = both("lineage", "lengths.length", "--json")
    assert (warm, "default.people" in here[1]) == (here, True)
    (project / "pets.py").write_text(SOURCE.replace('"length > 3"', '"lenght > 3"'))
    here, warm = both("run", *options)
    assert (here[0], warm) == (2, here)
