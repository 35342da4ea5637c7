"""What Weir refuses is told from the texts of sources: nothing of them runs."""

import pytest

from weir.run.code.preview import refusals_in

NOTEBOOK = """\
# Databricks notebook source
# MAGIC %sh rm -rf /tmp/x
# COMMAND ----------
# MAGIC %scala val x = 1
# COMMAND ----------
# MAGIC %md spark.catalog.listTables() is only named here
# COMMAND ----------
raise ValueError("nothing runs")
dbutils.notebook.exit("done")
# COMMAND ----------
# MAGIC %sql
# MAGIC GRANT SELECT ON t TO x;
# MAGIC CREATE OR REFRESH MATERIALIZED VIEW m AS SELECT * FROM ${catalog}.t
"""
PYTHON = """\
import dlt
sc = spark.read
open("x", "w").write("a file's own method")
sc.table("t")

@dlt.table
def a():
    spark.sql("INSERT INTO t SELECT 1")
    dbutils.fs.rm("/tmp/x", True)
    spark.sql("SELECT 1 FROM t WHERE d > :since", args={"since": 1})
    df.write.mode("append").saveAsTable("t")
    df.writeTo("t").append()
    tables = spark.catalog.listTables()
    DeltaTable.forName(spark, "t")
    dbutils.secrets.get("a", "b").strip()
    dbutils.jobs.taskValues.get("x")
    spark.sparkContext.textFile("x")
    spark.readStream.format("kinesis").load(), spark.readStream.format("Pulsar").load()
    return (
        spark.readStream.format("cloudFiles")
        .option("cloudFiles.format", "json")
        .options(header=True)
        .option("cloudFiles.schemaEvolutionMode", "addNewColumnsWithTypeWidening")
        .option("cloudFiles.maxFilesPerTrigger", LIMIT)
        .load(PATH)
    )
"""


def told(folder, name, text):
    (folder / name).write_text(text)
    problems = refusals_in(folder / name, (folder,))
    assert all(p.condition == "Unsupported" and p.hint for p in problems)
    return [(p.origin.line, p.message.removesuffix(" is not supported here.")) for p in problems if p.origin]


def test_of_a_notebook_magics_and_cells_in_sql_are_told(tmp_path):
    assert told(tmp_path, "a.py", NOTEBOOK) == [
        (2, "A cell %sh"),
        (4, "A cell %scala"),
        (9, "dbutils.notebook.exit"),
        (12, "GRANT in a source of SQL"),
    ]


def test_of_python_methods_names_texts_and_options_are_told(tmp_path):
    assert told(tmp_path, "a.py", PYTHON) == [
        (8, "INSERT in spark.sql"),
        (9, "dbutils.fs.rm"),
        (11, "DataFrame.write"),
        (12, "DataFrame.writeTo"),
        (13, "spark.catalog.listTables"),
        (14, "DeltaTable.forName"),
        (16, "dbutils.jobs.taskValues"),
        (17, "spark.sparkContext.textFile"),
        (18, "The source `pulsar`"),
        (20, "cloudFiles.schemaEvolutionMode = addNewColumnsWithTypeWidening"),
    ]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("CREATE SCHEMA s;\nCREATE LIVE TABLE t AS SELECT 1;\nSELECT 1", [(1, "CREATE SCHEMA in a source of SQL"), (3, "A query outside of a dataset")]),
        ("CREATE LIVE TABLE t AS\nSELECT * FROM STREAM nothing(1)", [(2, "`STREAM nothing`")]),
        ("CREATE LIVE TABLE t AS SELECT * FROM ${catalog}.t WHERE a > :a", []),
        ("CREATE LIVE TABEL t", []),  # a mistake is no refusal
        ("'", []),
    ],
)  # fmt: skip
def test_of_sql_statements_and_their_queries_are_told(tmp_path, text, refused):
    assert told(tmp_path, "a.sql", text) == refused


@pytest.mark.parametrize(
    ("name", "content"), [("a.py", b"\xff"), ("a.py", b"def"), ("a.ipynb", b"x"), ("a.py", b"\x00")]
)
def test_of_a_file_that_cant_be_read_nothing_is_told(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert refusals_in(tmp_path / name, (tmp_path,)) == ()
