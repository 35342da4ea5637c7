"""Source files are loaded one after the other: what fails is a problem at its line, the others still count."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from weir.define.load import helper_modules, importable, load_sources
from weir.model.origin import Origin
from weir.model.problems import Problem

TABLE = "import dlt\n@dlt.table\ndef a(): ...\n"


def loaded(folder: Path, **sources: str):
    """The datasets and the problems of files with these texts, which load in this order."""
    files = tuple(folder / f"{name}.py" for name in sources)
    for file, text in zip(files, sources.values(), strict=True):
        file.write_text(text)
    with importable((folder,)):
        registry = load_sources(files, {"spark": "a session"})
    return [d.name for d in registry.datasets], registry.problems


def test_a_file_that_fails_does_not_keep_others_from_loading(tmp_path):
    names, problems = loaded(tmp_path, broken="def (:\n", raises="\nraise ValueError('no')\n", good=TABLE)
    assert names == ["a"]
    assert problems == [
        Problem(
            "PARSE_SYNTAX_ERROR",
            "invalid syntax: `def (:`.",
            Origin(str(tmp_path / "broken.py"), 1),
            "correct the syntax; the other files were still read",
        ),
        Problem(
            "PIPELINE_SOURCE_FAILED",
            "ValueError: no",
            Origin(str(tmp_path / "raises.py"), 2, "<module>"),
            detail=f'  File "{tmp_path}/raises.py", line 2, in <module>\n'
            "    raise ValueError('no')\nValueError: no",
        ),
    ]


def test_a_file_finds_the_session_and_runs_as_main(tmp_path):
    text = "assert (spark, __name__) == ('a session', '__main__')\nraise SystemExit('stop')\n"
    _, (problem,) = loaded(tmp_path, p=text)
    assert (problem.message, problem.origin) == (
        "SystemExit: stop",
        Origin(str(tmp_path / "p.py"), 2, "<module>"),
    )


def test_a_wrong_definition_keeps_its_own_condition(tmp_path):
    _, (problem,) = loaded(tmp_path, p="import dlt\ndlt.create_sink('s', 'delta')\n")
    assert problem == Problem(
        "DELTA_SINK_WITHOUT_PLACE",
        "The sink `s` has neither `tableName` nor `path`.",
        Origin(str(tmp_path / "p.py"), 2, "<module>"),
        "give the one: options={'tableName': 'catalog.schema.table'}",
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("dlt.table", "add `import dlt` at the top of the file"),
        ("dp.table", "add `from pyspark import pipelines as dp` at the top of the file"),
        ("import no_such_module", "install `no_such_module`, or put its folder below {here}"),
        ("other.table", None),
    ],
)
def test_a_name_that_is_missing_comes_with_its_import(text, hint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, (problem,) = loaded(tmp_path, p=f"{text}\n")
    assert problem.hint == (hint.format(here=".") if hint else None)


@pytest.mark.parity("same", "1.6", "Folders that a notebook appends to sys.path, as a workspace has them")
@pytest.mark.parametrize(
    ("appended", "module"),
    [
        ("'../lib'", "names_of_a_test"),
        ("os.path.abspath('../lib')", "names_of_a_test"),
        ("'/Workspace/Users/me@shop.com/project/lib'", "names_of_a_test"),
        ("'/Workspace/Repos/me/repo'", "lib.names_of_a_test"),
    ],
)
def test_a_folder_that_a_notebook_appends_is_found_from_its_own(tmp_path, monkeypatch, appended, module):
    (tmp_path / "repo/notebooks").mkdir(parents=True)
    (tmp_path / "repo/lib").mkdir()
    (tmp_path / "repo/lib/names_of_a_test.py").write_text("NAME = 'a'\n")
    source = tmp_path / "repo/notebooks/p.py"
    text = f"import os, sys, dlt\nsys.path.append('/nowhere')\nsys.path.append({appended})\n"
    source.write_text(f"{text}from {module} import NAME\ndlt.create_streaming_table(NAME)\n")
    monkeypatch.chdir(tmp_path)
    roots = (source.parent, tmp_path / "repo")
    with importable(roots):
        registry = load_sources((source,), {}, roots)
        assert module in {m.__name__ for m in helper_modules(roots)}
    assert ([d.name for d in registry.datasets], registry.problems) == (["a"], [])
    assert module not in sys.modules


def test_a_folder_above_a_source_is_found_last(tmp_path):
    (tmp_path / "src/etl/layers").mkdir(parents=True)
    (tmp_path / "src/etl/helper_of_an_etl.py").write_text("NAME = 'near'\n")
    (tmp_path / "src/helper_of_an_etl.py").write_text("NAME = 'far'\n")
    source = tmp_path / "src/etl/layers/p.py"
    source.write_text("import dlt, helper_of_an_etl as h\ndlt.create_streaming_table(h.NAME)\n")
    roots = (source.parent, tmp_path)
    with importable(roots):
        registry = load_sources((source,), {}, roots)
    assert ([d.name for d in registry.datasets], registry.problems) == (["near"], [])
    assert "helper_of_an_etl" not in sys.modules


@pytest.mark.parity("same", "1.6", "A project's own package below `databricks`, such as databricks.labs")
def test_a_project_has_packages_below_databricks(tmp_path):
    for name, value in (("labs/mine", 7), ("plain", 8)):
        (tmp_path / "src/databricks" / name).mkdir(parents=True)
        (tmp_path / "src/databricks" / name / "__init__.py").write_text(f"X = {value}")
    (tmp_path / "src/databricks/one.py").write_text("X = 9")
    text = f"""import sys
import databricks.sdk
sys.path.insert(0, "{tmp_path}/src")
import databricks.plain
from databricks import one
from databricks.labs.mine import X
raise ValueError(X, databricks.plain.X, one.X)"""
    assert [problem.message for problem in loaded(tmp_path, p=text)[1]] == ["ValueError: (7, 8, 9)"]
    assert [name for name in sys.modules if name.startswith("databricks.labs")] == []


def test_modules_of_a_pipeline_are_forgotten_after_it(tmp_path):
    path, modules = list(sys.path), set(sys.modules)
    for name in ("one", "two"):
        (tmp_path / name / "bare").mkdir(parents=True)
        (tmp_path / name / "helper_of_a_test.py").write_text(f"import bare.part\nNAME = {name!r}\n")
        (tmp_path / name / "bare/part.py").write_text("")
        with importable((tmp_path / name,)):
            (problem,) = load_sources((_asking(tmp_path / name),), {}).problems
            assert problem.message == f"RuntimeError: {name}"
            found = sorted(m.__name__ for m in helper_modules((tmp_path / name,)))
            assert found == ["bare", "bare.part", "helper_of_a_test"]
    assert (sys.path, set(sys.modules)) == (path, modules)


def _asking(folder: Path) -> Path:
    file = folder / "p.py"
    file.write_text("import helper_of_a_test as h\nraise RuntimeError(h.NAME)\n")
    return file
