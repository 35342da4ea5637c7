"""Jupyter's notebooks are sources: code cells in their order, magics, places that name the cell and its line."""

from __future__ import annotations

import json

import pytest

from weir.define.load import load_sources
from weir.define.notebooks import cells_of

DEFINITION = "@dlt.table\ndef {}():\n    return None"


def notebook(file, *cells, **metadata):
    """Write a notebook with these cells: a text is code, (kind, text) another one."""
    written = []
    for cell in cells:
        kind, text = ("code", cell) if isinstance(cell, str) else cell
        lines = text.splitlines(keepends=True)
        more = {"outputs": [], "execution_count": None} if kind == "code" else {}
        written.append({"cell_type": kind, "source": lines, "metadata": {}, **more})
    content = {"cells": written, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    file.write_text(json.dumps(content))
    return file


@pytest.mark.parity("same", "1.1", "A notebook as .ipynb is a source, cell after cell")
def test_code_cells_load_in_their_order_and_name_cell_and_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = notebook(
        tmp_path / "nb.ipynb",
        ("markdown", "# Orders\nall of them"),
        "import dlt\n%load_ext autoreload\n!pip install humanize",
        ("raw", "dlt.no_function()"),
        "%md\n# More",
        "# a comment\n\n" + DEFINITION.format("orders"),
        "%python\n" + DEFINITION.format("later"),
    )
    registry = load_sources((file,), {})
    assert [(d.name, str(d.origin)) for d in registry.datasets] == [
        ("orders", "nb.ipynb, cell 5, line 3"),
        ("later", "nb.ipynb, cell 6, line 2"),
    ]
    assert (registry.problems, list(registry.notices.values())) == (
        [],
        [
            "nb.ipynb, cell 2, line 3: `%pip install humanize` is passed over: install it in the environment of Weir"
        ],
    )


def test_an_error_names_its_cell_and_shows_the_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    raises = "def check(x):\n    assert x, 'empty'"
    file = notebook(tmp_path / "a.ipynb", "x = 1", raises, "\ncheck(None)")
    broken = notebook(tmp_path / "b.ipynb", ("markdown", "no code"), "x = 1\ndef (:\n")
    problem, syntax = load_sources((file, broken), {}).problems
    assert (problem.message, str(problem.origin)) == ("AssertionError: empty", "a.ipynb, cell 2, line 2")
    assert problem.detail == (
        f'  File "{tmp_path}/a.ipynb, cell 3", line 2, in <module>\n    check(None)\n'
        f"  File \"{tmp_path}/a.ipynb, cell 2\", line 2, in check\n    assert x, 'empty'\n"
        "AssertionError: empty"
    )
    assert (syntax.condition, syntax.message, str(syntax.origin)) == (
        "PARSE_SYNTAX_ERROR",
        "invalid syntax: `def (:`.",
        "b.ipynb, cell 2, line 2",
    )


def test_cells_in_another_language_have_their_own_magic_or_the_notebooks_language(tmp_path):
    def languages(**metadata):
        cells = ("SELECT 1", "%sql\nSET a = 2", "%%sql SET a = 3", "%python\nx = 1", "%r\ny <- 1")
        return [(c.language, c.text) for c in cells_of(notebook(tmp_path / "nb.ipynb", *cells, **metadata))]

    others = [("sql", "\nSET a = 2"), ("sql", "SET a = 3"), ("python", "\nx = 1"), ("r", "\ny <- 1")]
    of_databricks = {"application/vnd.databricks.v1+notebook": {"language": "sql"}}
    assert languages() == [("python", "SELECT 1"), *others]
    assert languages(kernelspec={"language": "python", "name": "python3"}) == languages()
    assert languages(language_info={"name": "sql"}) == [("sql", "SELECT 1"), *others]
    assert languages(**of_databricks, language_info={"name": "python"}) == [("sql", "SELECT 1"), *others]


def test_an_old_notebook_is_read_too(tmp_path):
    cell = {"cell_type": "code", "input": ["import dlt\n", DEFINITION.format("old")], "language": "python"}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    cell.update(outputs=[], metadata={}, collapsed=False)
    (tmp_path / "old.ipynb").write_text(json.dumps(old))
    registry = load_sources((tmp_path / "old.ipynb",), {})
    assert ([d.name for d in registry.datasets], registry.problems) == (["old"], [])


@pytest.mark.parametrize(
    "text", ["", "import dlt", "[]", "{}", '{"cells": 3, "nbformat": 4, "metadata": {}}']
)
def test_what_is_no_notebook_is_said_so(tmp_path, text):
    (tmp_path / "nb.ipynb").write_text(text)
    (problem,) = load_sources((tmp_path / "nb.ipynb",), {}).problems
    assert (problem.condition, problem.origin.file) == ("PARSE_SYNTAX_ERROR", str(tmp_path / "nb.ipynb"))
    assert problem.message.startswith("The file is no Jupyter notebook: ")
    assert (
        problem.hint == "save it again in Jupyter, or export it as a source file: File > Export > Source file"
    )
