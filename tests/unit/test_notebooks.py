"""A notebook in Python loads cell after cell; what Weir can't run of it is refused by name, never left out."""

from __future__ import annotations

import pytest

from weir.define.load import load_sources

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

# MAGIC %scala
# MAGIC val lost = 1

# COMMAND ----------

# MAGIC  %sh ls

# COMMAND ----------

# MAGIC %fs rm -r /mnt
# MAGIC !rm -r /tmp/x
"""


@pytest.mark.parity("same", "1.1", "A notebook in Python is a source file, cell after cell")
def test_a_python_notebook_loads_whole(tmp_path):
    (tmp_path / "nb.py").write_text(NOTEBOOK)
    registry = load_sources((tmp_path / "nb.py",), {})
    assert ([d.name for d in registry.datasets], registry.problems) == (["orders", "later"], [])


@pytest.mark.parity(
    "refused", "1.1", "Cells of a notebook in Scala, R and shell, %fs", "write them in Python or SQL"
)
def test_cells_in_other_languages_are_refused_each_with_its_line(tmp_path):
    (tmp_path / "nb.py").write_text(NOTEBOOK + OTHER_CELLS)
    registry = load_sources((tmp_path / "nb.py",), {})
    found = [(p.condition, p.message, p.origin.line) for p in registry.problems]
    assert found == [
        ("Unsupported", "A cell %scala is not supported here.", 26),
        ("Unsupported", "A cell %sh is not supported here.", 31),
        ("Unsupported", "A cell %fs is not supported here.", 35),
        ("Unsupported", "A cell %sh is not supported here.", 36),
    ]
    assert registry.datasets == []


@pytest.mark.parity("same", "8", "Files and cells in SQL are sources, beside and among those in Python")
def test_statements_in_sql_define_datasets_in_files_and_cells(tmp_path):
    (tmp_path / "a.sql").write_text("-- first\nCREATE LIVE TABLE a AS SELECT 1")
    (tmp_path / "nb.py").write_text("# MAGIC %sql\n# MAGIC CREATE LIVE TABLE b AS SELECT 1\n")
    registry = load_sources((tmp_path / "a.sql", tmp_path / "nb.py"), {})
    assert registry.problems == []
    assert [(d.name, str(d.kind), d.origin.line) for d in registry.datasets] == [
        ("a", "materialized_view", 2),
        ("b", "materialized_view", 2),
    ]


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


def test_a_byte_that_is_no_text_has_its_line(tmp_path):
    for name in ("a.py", "a.sql"):
        (tmp_path / name).write_bytes(b"-1\n-'ni\xf1o'\n")
    (tmp_path / "b.py").write_text("\nb'ni\\xf1o'.decode()\n")
    registry = load_sources(tuple(tmp_path / name for name in ("a.py", "a.sql", "b.py")), {})
    assert [(p.condition, p.message, p.origin.line) for p in registry.problems] == [
        ("PARSE_SYNTAX_ERROR", "The file holds a byte that is not utf-8: 0xf1.", 2),
        ("PARSE_SYNTAX_ERROR", "The file holds a byte that is not utf-8: 0xf1.", 2),
        (
            "PIPELINE_SOURCE_FAILED",
            "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xf1 in position 2: invalid continuation byte",
            2,
        ),
    ]


def test_annotations_are_values_unless_the_file_says_otherwise(tmp_path):
    (tmp_path / "a.py").write_text("def f(x: int): ...\nassert f.__annotations__ == {'x': int}\n")
    assert load_sources((tmp_path / "a.py",), {}).problems == []
