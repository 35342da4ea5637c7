"""Files without a bundle, run one after the other in one folder: each is a pipeline of its own."""

from __future__ import annotations

import json
import sys

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from weir.cli import main

SOURCE = """
import dlt

@dlt.table
def {name}():
    return spark.readStream.table("raw")
"""
RUN = ("--table", "raw=raw", "--conf", "pipelines.dropInactiveTables=true")


@pytest.fixture
def call(spark, tmp_path, monkeypatch, capfd):
    """Call `weir` in a folder with `a.py` and `sub/a.py`: exit code and JSON."""
    for file, name in (("a.py", "one"), ("sub/a.py", "other")):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(SOURCE.format(name=name))
    write_deltalake(tmp_path / "raw", pa.table({"x": [1]}))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["weir", *arguments, "--json"])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, json.loads(capfd.readouterr().out)

    return run


def test_files_of_one_folder_leave_each_others_tables_alone(call):
    for _ in range(2):
        for file in ("a.py", "sub/a.py"):
            assert call("run", file, *RUN)[0] == 0
    tables = {t["name"]: t for t in call("list")[1]["tables"] if t["pipeline"]}
    assert {n: (t["pipeline"], t["inactive"]) for n, t in tables.items()} == {
        "main.default.one": ("a.py", False),
        "main.default.other": ("sub/a.py", False),
    }
    assert [s["why"] for s in call("plan", "a.py", *RUN)[1]["steps"]] == ["continues at its checkpoint"]
    assert [len(call("show", name)[1]["rows"]) for name in ("one", "other")] == [1, 1]
    assert [call("events", "-n", "1", file)[1]["pipeline"] for file in ("./a.py", "sub/a.py")] == [
        "a.py",
        "sub/a.py",
    ]
    code, told = call("events")
    assert (code, told["problems"][0]["hint"]) == (2, "name one of: a.py, sub/a.py")
    assert call("reset", "one")[1]["removed"] == []


def test_a_storage_of_another_name_says_how_to_go_on(call):
    assert call("run", "a.py", *RUN, "--name", "local")[0] == 0
    code, told = call("run", "a.py", *RUN)
    (problem,) = told["problems"]
    assert (code, problem["condition"]) == (2, "TABLE_ALREADY_MANAGED_BY_OTHER_PIPELINE")
    assert problem["hint"].startswith("continue as that pipeline: --name local; otherwise ")
