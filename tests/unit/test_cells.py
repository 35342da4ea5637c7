"""Every kind of source file is cells: a language, a text and the line where it begins."""

from __future__ import annotations

import pytest

from weir.bundle.sources import SourceArguments, settings_for
from weir.define.load import load_sources
from weir.define.notebooks import cells_of
from weir.model.problems import WeirError

SQL_NOTEBOOK = """\
-- Databricks notebook source
-- MAGIC %md
-- MAGIC ## Orders

-- COMMAND ----------

-- DBTITLE 1,Raw orders
CREATE OR REFRESH STREAMING TABLE orders
COMMENT "-- COMMAND"
AS SELECT * FROM STREAM(landing)

-- COMMAND ----------

-- MAGIC %python
-- MAGIC import dlt
-- MAGIC print("later")

-- COMMAND ----------

-- what follows is for tests alone
-- MAGIC %run ./tests

-- COMMAND ----------

-- MAGIC %sql
-- MAGIC SELECT 2
"""


def cells(folder, name, text):
    """The cells of a file with code in them: language, text without blank lines around it, first line."""
    content = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(content)
    return [(c.language, c.text.strip(), c.origin.line) for c in cells_of(folder / name) if c.text.strip()]


@pytest.mark.parity("same", "1.1", "A SQL notebook, cell after cell")
def test_a_sql_notebook_is_cells_with_their_first_lines(tmp_path):
    assert cells(tmp_path, "nb.sql", SQL_NOTEBOOK) == [
        ("md", "## Orders", 2),
        ("sql", SQL_NOTEBOOK[SQL_NOTEBOOK.index("-- DBTITLE") :].partition("\n\n-- COMMAND -")[0], 6),
        ("python", 'import dlt\nprint("later")', 14),
        ("run", "./tests", 21),
        ("sql", "SELECT 2", 25),
    ]


def test_a_plain_sql_file_is_one_cell_even_if_it_is_mostly_comments(tmp_path):
    text = "-- orders\n/* COMMAND */\nCREATE LIVE TABLE a AS SELECT 1;\n-- MAGIC of another kind\n"
    assert cells(tmp_path, "a.sql", text) == [("sql", text.strip(), 1)]
    assert cells(tmp_path, "nothing.sql", "") == []


PYTHON_NOTEBOOK = """\
# Databricks notebook source
# MAGIC %sql
# MAGIC -- all of them
# MAGIC CREATE LIVE TABLE a AS SELECT 1

# COMMAND ----------

# DBTITLE 1,One line
# MAGIC %sql CREATE LIVE TABLE b AS SELECT "%md"

# COMMAND ----------

query = '''
%sql
'''
# MAGIC %pip install humanize
# MAGIC !pip install emoji
# MAGIC %load_ext autoreload
# MAGIC %fs ls /mnt/raw
# MAGIC %autoreload 2
# MAGIC %run "../common/My Setup"
# MAGIC import dlt
# MAGIC %time x = 1

# COMMAND ----------

# MAGIC %md-sandbox
# MAGIC <b>done</b>
"""


def test_a_python_notebook_has_cells_in_sql_and_magics_between_its_lines(tmp_path):
    assert cells(tmp_path, "nb.py", PYTHON_NOTEBOOK) == [
        ("sql", "-- all of them\nCREATE LIVE TABLE a AS SELECT 1", 2),
        ("sql", 'CREATE LIVE TABLE b AS SELECT "%md"', 9),
        ("pip", "install humanize", 16),
        ("pip", "install emoji", 17),
        ("python", "query = '''\n%sql\n'''", 12),
        ("run", '"../common/My Setup"', 21),
        ("python", "import dlt\nx = 1", 21),
        ("md-sandbox", "<b>done</b>", 27),
    ]


UNMARKED = """\
# Databricks notebook source
# MAGIC %md
# MAGIC # Orders

import dlt

# COMMAND ----------

# MAGIC %sql
# MAGIC CREATE LIVE TABLE a AS SELECT 1
def b(): ...
# MAGIC %pip install humanize
"""


def test_lines_that_are_not_marked_are_the_notebooks_own_language(tmp_path):
    assert cells(tmp_path, "nb.py", UNMARKED) == [
        ("md", "# Orders", 2),
        ("python", "import dlt", 5),
        ("sql", "CREATE LIVE TABLE a AS SELECT 1", 9),
        ("pip", "install humanize", 12),
        ("python", "def b(): ...", 11),
    ]
    sql = "-- Databricks notebook source\n-- MAGIC %pip install humanize\nCREATE LIVE TABLE a AS SELECT 1\n"
    assert cells(tmp_path, "nb.sql", sql) == [
        ("pip", "install humanize", 2),
        ("sql", "CREATE LIVE TABLE a AS SELECT 1", 3),
    ]


@pytest.mark.parity("differs", "1.1", "A query in a %sql cell of a Python notebook", "passed over and told")
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("SELECT * FROM orders", "show"),
        ("-- CREATE\n/* all */ with a AS (SELECT 1) SELECT * FROM a;\nDESCRIBE orders;", "show"),
        ("(SELECT 1)", "show"),
        ("-- CREATE LIVE TABLE a", "sql"),
        ("SELECT 1; CREATE LIVE TABLE a AS SELECT 1", "sql"),
        ("CREATE OR REFRESH STREAMING TABLE a", "sql"),
        ("SET a = 1", "sql"),
    ],
)
def test_a_query_between_cells_of_python_only_shows_rows(tmp_path, text, language):
    marked = text.replace("\n", "\n# MAGIC ")
    (tmp_path / "nb.py").write_text(f"# Databricks notebook source\n# MAGIC %sql\n# MAGIC {marked}\n")
    assert [c.language for c in cells_of(tmp_path / "nb.py")] == [language]


@pytest.mark.parametrize(
    "content",
    [
        "select 'ñ'".encode(),
        "select 'ñ'".encode("utf-8-sig"),
        "select 'ñ'".encode("utf-16"),
        b"select '\xc3\xb1'\r\n",
    ],
)
def test_a_byte_order_mark_and_line_ends_of_windows_are_no_text(tmp_path, content):
    assert cells(tmp_path, "a.SQL", content) == [("sql", "select 'ñ'", 1)]


def test_lines_are_counted_as_python_counts_them(tmp_path):
    notebook = "# Databricks notebook source\r\n# a\x0cform feed\r\n# COMMAND ----------\r\nx = 1\r\n"
    assert cells(tmp_path, "nb.py", notebook)[1:] == [("python", "x = 1", 4)]


BUNDLE = """\
bundle: {name: shop}
resources:
  pipelines:
    sales:
      catalog: main
      schema: default
      libraries:
        - LIBRARY
"""
FILES = ("a.py", "b c.sql", "deep/d.ipynb", "deep/x.sql.sql", ".ipynb_checkpoints/d.ipynb", "notes.md")


@pytest.mark.parity(
    "same", "5.3", "Sources in Python and SQL, as files and as notebooks, mixed in one pipeline"
)
@pytest.mark.parametrize(
    ("library", "files"),
    [
        ("glob: {include: src/**}", ["a.py", "b c.sql", "deep/d.ipynb", "deep/x.sql.sql"]),
        ("glob: {include: src/**/*}", ["a.py", "b c.sql", "deep/d.ipynb", "deep/x.sql.sql"]),
        ("glob: {include: src}", ["a.py", "b c.sql", "deep/d.ipynb", "deep/x.sql.sql"]),
        ("glob: {include: src/*}", ["a.py", "b c.sql"]),
        ('glob: {include: "src/**/*.sql"}', ["b c.sql", "deep/x.sql.sql"]),
        ("notebook: {path: src/a}", ["a.py"]),
        ("notebook: {path: ./src/b c}", ["b c.sql"]),
        ("notebook: {path: src/deep/d}", ["deep/d.ipynb"]),
        ("notebook: {path: src/deep/x.sql}", ["deep/x.sql.sql"]),
        ("file: {path: src/deep/d.ipynb}", ["deep/d.ipynb"]),
    ],
)
def test_libraries_of_every_form_name_sources_of_every_kind(tmp_path, library, files):
    for file in FILES:
        (tmp_path / "src" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / file).write_text("")
    (tmp_path / "src/a").mkdir()  # a folder of the same name is not what a notebook's path means
    (tmp_path / "databricks.yml").write_text(BUNDLE.replace("LIBRARY", library))
    settings = settings_for(SourceArguments(), tmp_path)
    assert [str(f.relative_to(tmp_path / "src")) for f in settings.files] == files
    if "**}" in library:
        assert settings_for(SourceArguments(("src",)), tmp_path).files == settings.files


def test_a_library_that_is_no_source_says_what_would_be_one(tmp_path):
    (tmp_path / "databricks.yml").write_text(BUNDLE.replace("LIBRARY", "notebook: {path: src/nb}"))
    (tmp_path / "src").mkdir()
    (tmp_path / "src/nb.scala").write_text("")
    with pytest.raises(WeirError) as found:
        settings_for(SourceArguments(), tmp_path)
    (problem,) = found.value.problems
    assert problem.message == "Nothing to run: `src/nb` matches no .py, .sql or .ipynb file."


def test_an_installation_without_the_mark_of_a_magic_is_one_all_the_same(tmp_path):
    (tmp_path / "n.py").write_text(
        "# Databricks notebook source\n\n!pip install plotly\nx = 7\n"
        '# COMMAND ----------\n# MAGIC %environment\n# MAGIC "client": "1"\n'
    )
    registry = load_sources((tmp_path / "n.py",), {})
    assert registry.problems == []
    assert list(registry.notices.values())[:2] == [
        f"{tmp_path / 'n.py'}:3: `%pip install plotly` is passed over: install it in the environment of Weir",
        f"{tmp_path / 'n.py'}:6: %environment is passed over: a pipeline has its own environment",
    ]
