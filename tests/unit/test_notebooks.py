"""A notebook's Python cells load; what Weir can't run of it is refused by name, never left out."""

from __future__ import annotations

import pytest

from weir.bundle.sources import SourceArguments, settings_for
from weir.define.load import load_sources
from weir.model.problems import WeirError

NOTEBOOK = """\
# Databricks notebook source
# MAGIC %md
# MAGIC # Orders
# MAGIC %sql is what the next version takes

# COMMAND ----------

# MAGIC %pip install humanize

# COMMAND ----------

import dlt
@dlt.table
def orders():
    return None

# COMMAND ----------

# DBTITLE 1,Later
@dlt.table
def later():
    return None
"""
OTHER_CELLS = """
# COMMAND ----------

# MAGIC %sql
# MAGIC CREATE OR REFRESH STREAMING TABLE lost AS SELECT 1

# COMMAND ----------

# MAGIC %run ./helpers

# COMMAND ----------

# MAGIC  %sh ls
"""
BUNDLE = """\
bundle: {name: shop}
resources:
  pipelines:
    sales:
      catalog: main
      schema: default
      libraries:
        - glob: {include: INCLUDE}
"""


@pytest.mark.parity("same", "1.1", "A notebook in Python is a source file, cell after cell")
def test_a_python_notebook_loads_whole(tmp_path):
    (tmp_path / "nb.py").write_text(NOTEBOOK)
    registry = load_sources((tmp_path / "nb.py",), {})
    assert ([d.name for d in registry.datasets], registry.problems) == (["orders", "later"], [])


@pytest.mark.parity(
    "refused", "1.1", "Cells of a notebook in another language (%sql, %run, %sh)", "write them in Python"
)
def test_cells_in_other_languages_are_refused_each_with_its_line(tmp_path):
    (tmp_path / "nb.py").write_text(NOTEBOOK + OTHER_CELLS)
    registry = load_sources((tmp_path / "nb.py",), {})
    found = [(p.condition, p.message, p.origin.line) for p in registry.problems]
    assert found == [
        ("Unsupported", "A cell %sql is not supported here.", 26),
        ("Unsupported", "A cell %run is not supported here.", 31),
        ("Unsupported", "A cell %sh is not supported here.", 35),
    ]
    assert registry.datasets == []


MIXED = """\
# Databricks notebook source
# MAGIC %pip install humanize
# MAGIC import dlt

# COMMAND ----------

# MAGIC %python
# MAGIC @dlt.table
# MAGIC def orders():
# MAGIC     return None

# COMMAND ----------

@dlt.table
def broken(:
"""


def test_python_behind_a_magic_is_code_and_keeps_its_line(tmp_path):
    (tmp_path / "nb.py").write_text(MIXED)
    registry = load_sources((tmp_path / "nb.py",), {})
    assert [(d.name, d.origin.line) for d in registry.datasets] == [("orders", 8)]
    assert [(p.condition, p.origin.line) for p in registry.problems] == [("PARSE_SYNTAX_ERROR", 15)]


def test_a_file_in_another_encoding_loads_as_it_says(tmp_path):
    text = "# coding: latin-1\nimport dlt\n@dlt.table(comment='niño')\ndef t():\n    return None\n"
    (tmp_path / "a.py").write_bytes(text.encode("latin-1"))
    registry = load_sources((tmp_path / "a.py",), {})
    assert [d.comment for d in registry.datasets] == ["niño"]


def test_annotations_are_values_unless_the_file_says_otherwise(tmp_path):
    (tmp_path / "a.py").write_text("def f(x: int): ...\nassert f.__annotations__ == {'x': int}\n")
    assert load_sources((tmp_path / "a.py",), {}).problems == []


@pytest.mark.parity(
    "refused", "8", "Sources in SQL, notebooks as .ipynb", "Python files, with spark.sql for queries"
)
@pytest.mark.parametrize("include", ["src/**", "src/*", "src/*.*", "src/**/*", "src"])
def test_sources_that_are_no_python_are_refused_under_any_pattern(tmp_path, include):
    (tmp_path / "databricks.yml").write_text(BUNDLE.replace("INCLUDE", include))
    (tmp_path / "src/.ipynb_checkpoints").mkdir(parents=True)
    for name in ("a.py", "b.sql", "c.ipynb", ".ipynb_checkpoints/c.ipynb"):
        (tmp_path / "src" / name).write_text("")
    with pytest.raises(WeirError) as found:
        settings_for(SourceArguments(), tmp_path)
    assert [(p.condition, p.message, p.origin.file) for p in found.value.problems] == [
        ("Unsupported", "A SQL source file is not supported here.", str(tmp_path / "src/b.sql")),
        ("Unsupported", "A notebook as .ipynb is not supported here.", str(tmp_path / "src/c.ipynb")),
    ]


def test_a_notebook_library_without_its_suffix_is_found_or_refused(tmp_path):
    def message(file):
        (tmp_path / "src").mkdir(exist_ok=True)
        (tmp_path / "src" / file).write_text("")
        (tmp_path / "databricks.yml").write_text(BUNDLE.replace("INCLUDE", "src/nb"))
        with pytest.raises(WeirError) as found:
            settings_for(SourceArguments(), tmp_path)
        (tmp_path / "src" / file).unlink()
        return [p.message for p in found.value.problems]

    assert message("nb.sql") == ["A SQL source file is not supported here."]
    assert message("nb.ipynb") == ["A notebook as .ipynb is not supported here."]
    assert message("nb.scala") == ["Nothing to run: `src/nb` matches no .py file."]


def test_refused_sources_come_together_with_what_else_is_wrong(tmp_path):
    (tmp_path / "a.sql").write_text("")
    (tmp_path / "b.ipynb").write_text("")
    with pytest.raises(WeirError) as found:
        settings_for(SourceArguments(("a.sql", "nowhere.py", "b.ipynb")), tmp_path)
    assert [p.condition for p in found.value.problems] == ["Unsupported", "PATH_NOT_FOUND", "Unsupported"]
