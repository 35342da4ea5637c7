"""The doctor's findings, and packages in the place of ours: each by name, each with its cure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from weir.run.machine.conflicts import OURS, foreign_dlt, foreign_spark
from weir.verbs.doctor import Finding, examine


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a JDK in JAVA_HOME."""
    home = tmp_path / "jdk"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch()
    (home / "release").write_text('JAVA_VERSION="21.0.1"\n', encoding="utf-8")
    monkeypatch.setenv("JAVA_HOME", str(home))
    monkeypatch.setenv("WEIR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def findings(storage: Path) -> dict[str, Finding]:
    return {f.check: f for f in examine(storage)}


def installed(folder: Path, name: str, *files: str) -> str:
    """A package as pip leaves it; returned as a PYTHONPATH that puts it first."""
    information = folder / f"{name.replace('-', '_')}-1.2.3.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Name: {name}\nVersion: 1.2.3\n", encoding="utf-8")
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    return str(folder)


def weir(*arguments: str, path: str) -> tuple[int, Any]:
    """`weir` in an environment of its own: exit code and JSON."""
    done = subprocess.run(
        [sys.executable, "-c", "from weir.cli import main; main()", *arguments, "--json"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def test_a_healthy_environment(cache: Path, tmp_path: Path) -> None:
    found = findings(tmp_path / "storage")
    del found["delta jars"]
    assert found == {
        "java": Finding("java", True, f"Java 21 in {tmp_path / 'jdk'}"),
        "python": Finding("python", True, "Python " + sys.version.split()[0]),
        "module dlt": Finding("module dlt", True, str(OURS)),
        "databricks-connect": Finding("databricks-connect", True, "not installed"),
        "spark": Finding(
            "spark", True, f"pyspark {version('pyspark')}, delta-spark {version('delta-spark')}"
        ),
        "cache folder": Finding("cache folder", True, str(cache)),
        "storage folder": Finding("storage folder", True, str(tmp_path / "storage")),
        "class archive": Finding("class archive", True, f"0 in {cache / 'classes'}"),
    }


def test_jars_that_are_missing_or_not_the_locked_ones(cache: Path, tmp_path: Path) -> None:
    missing = findings(tmp_path)["delta jars"]
    folder = (missing.cure or "").split()[-1]
    names = missing.found.removeprefix("not fetched yet: ").split(", ")
    assert (missing.ok, Path(folder).parent, len(names)) == (False, cache / "jars", 5)
    Path(folder).mkdir(parents=True)
    for name in names:
        Path(folder, name).touch()
    assert findings(tmp_path)["delta jars"] == Finding(
        "delta jars",
        False,
        f"{names[0]} does not match the lock file",
        f"remove {folder}; Weir fetches it again",
    )


def test_a_class_archive_that_was_cut_short(cache: Path, tmp_path: Path) -> None:
    archive = cache / "classes" / "a.jsa"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(bytes(8))
    assert findings(tmp_path)["class archive"] == Finding(
        "class archive",
        False,
        f"{archive} is empty or cut short",
        f"remove {archive}; Weir writes it again",
    )
    archive.write_bytes(b"\xf0\x0b\xab\xa8")
    assert findings(tmp_path)["class archive"].ok


def test_a_storage_that_cannot_be_written(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert findings(tmp_path / "file" / "storage")["storage folder"] == Finding(
        "storage folder",
        False,
        f"{tmp_path / 'file'} can't be written to",
        "make it writable, or name another with --storage",
    )


def test_nothing_stands_in_the_place_of_our_packages_here() -> None:
    assert (foreign_dlt(), foreign_spark()) == (None, None)


@pytest.mark.parametrize(
    ("package", "what"),
    [
        ("dlt", "dlthub's package `dlt`"),
        ("databricks-dlt", "Databricks' package `databricks-dlt`"),
    ],
)
def test_another_dlt_that_got_in_first_is_refused_by_name(tmp_path: Path, package: str, what: str) -> None:
    path = installed(tmp_path, package, "dlt/__init__.py")
    message = f"`import dlt` finds {what} 1.2.3, not Weir's module."
    hint = f"pip uninstall {package}, then install Weir anew: both are called `dlt`"
    code, told = weir("validate", path=path)
    [problem] = told["problems"]
    assert (code, problem["condition"], problem["message"], problem["hint"]) == (
        2,
        "CONFLICTING_PACKAGE",
        message,
        hint,
    )
    code, told = weir("doctor", path=path)
    assert code == 1
    [finding] = [f for f in told["findings"] if f["check"] == "module dlt"]
    assert finding == {"check": "module dlt", "ok": False, "found": message, "cure": hint}


def test_a_folder_of_that_name_is_refused_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "dlt.py").touch()
    _, told = weir("plan", path=f"{tmp_path}{os.pathsep}{OURS.parents[1]}")  # ours, in whatever checkout
    assert [(p["message"], p["hint"]) for p in told["problems"]] == [
        (
            f"`import dlt` finds {tmp_path / 'dlt.py'}, not Weir's module.",
            f"take it off PYTHONPATH, or put {OURS.parents[1]} before it",
        )
    ]


def test_databricks_connect_is_refused_by_name_though_its_pyspark_is_broken(tmp_path: Path) -> None:
    path = installed(tmp_path, "databricks-connect", "pyspark/__init__.py")
    message = "databricks-connect 1.2.3 is installed: it replaces pyspark by its own."
    code, told = weir("run", path=path)
    assert (code, [p["message"] for p in told["problems"]]) == (2, [message])
    code, told = weir("doctor", path=path)
    found = {f["check"]: f for f in told["findings"]}
    assert (code, found["databricks-connect"]["found"]) == (1, message)
    assert found["spark"]["ok"] is False
    assert found["python"]["ok"] is True
