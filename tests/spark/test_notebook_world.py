"""Notebooks as strangers write them, with all that they find in a workspace: run here, as they are."""

from __future__ import annotations

import json

import pytest

MAIN = """\
# Databricks notebook source
# MAGIC %md
# MAGIC # Orders of all shops

# COMMAND ----------

# MAGIC %pip install humanize

# COMMAND ----------

dbutils.library.restartPython()

# COMMAND ----------

# MAGIC %run ../common/setup

# COMMAND ----------

import dlt
import helpers.session as helpers

helpers.dbutils = dbutils
helpers.spark = spark
dbutils.widgets.dropdown("layer", "bronze", ["bronze", "silver"], "Layer")
dbutils.widgets.text("rules", "none")
with open(f"/dbfs{LANDING}/rules.json") as stream:
    RULES = json.load(stream)

# COMMAND ----------

def ingest(folder):
    @dlt.table(name=f"{dbutils.widgets.get('layer')}_{folder}", comment=getArgument("rules"))
    @dlt.expect_all_or_drop(RULES)
    def load():
        df = spark.readStream.schema("id INT, shop STRING").json(f"{LANDING}/{folder}")
        display(df.limit(1))
        return df

for info in dbutils.fs.ls(LANDING):
    if info.isDir():
        ingest(info.name.strip("/"))

displayHTML("<b>defined</b>")

# COMMAND ----------

if __name__ == "__main__":
    @dlt.table
    def all_orders():
        tables = [spark.read.table(f"LIVE.bronze_{shop}") for shop in helpers.shops()]
        return helpers.tagged(helpers.union(tables))
"""
SETUP = """\
import json
from databricks.sdk.runtime import dbutils as utilities

LANDING = spark.conf.get("landing")
spark.conf.set("tag", utilities.secrets.get("shop", "tag"))
"""
HELPERS = """\
from functools import reduce
from pyspark.sql import SparkSession, functions as F
from pyspark.dbutils import DBUtils

TAG = SparkSession.getActiveSession().conf.get("tag")

def shops():
    return [f.name.strip("/") for f in DBUtils(spark).fs.ls(spark.conf.get("landing")) if f.isDir()]

def union(tables):
    return reduce(lambda left, right: left.union(right), tables)

def tagged(df):
    assert dbutils is DBUtils(SparkSession.builder.getOrCreate())
    return df.withColumn("tag", F.lit(TAG))
"""


def as_ipynb(text):
    """A notebook of one cell."""
    cell = {"cell_type": "code", "source": text, "metadata": {}, "outputs": [], "execution_count": None}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


@pytest.mark.parity("same", "1.1", "display, displayHTML, getArgument and dbutils as globals of a notebook")
@pytest.mark.parity(
    "same", "1.1", "A helper module gets spark and dbutils by import, as attributes, or from Spark"
)
def test_a_notebook_runs_with_all_that_it_finds_in_a_workspace(pipeline, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_TAG", "eu")
    for shop, text in (
        ("north", '{"id": 1, "shop": "n"}\n{"shop": "n"}'),
        ("south", '{"id": 2, "shop": "s"}'),
    ):
        (tmp_path / "landing" / shop).mkdir(parents=True)
        (tmp_path / "landing" / shop / "a.json").write_text(text)
    (tmp_path / "landing/rules.json").write_text('{"known": "id IS NOT NULL"}')
    files = {"src/main.py": MAIN, "common/setup.ipynb": as_ipynb(SETUP), "helpers/session.py": HELPERS}
    told = []
    p = pipeline(
        {**files, ".git/keep": ""}, configuration={"landing": "/mnt/raw", "rules": "all"}, say=told.append
    )
    p.sources = [p.sources[0] / "src"]
    p.prefixes = {"dbfs:/mnt/raw": str(tmp_path / "landing")}
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    assert [(d.name, d.rows_dropped) for d in result.datasets] == [
        ("main.default.bronze_north", 1),
        ("main.default.bronze_south", 0),
        ("main.default.all_orders", 0),
    ]
    assert p.rows("all_orders", "id") == [
        {"id": 1, "shop": "n", "tag": "eu"},
        {"id": 2, "shop": "s", "tag": "eu"},
    ]
    assert [line for line in told if "%pip" in line] == [
        f"{p.sources[0]}/main.py:7: `%pip install humanize` is passed over: install it in the environment of Weir"
    ]


MISSING = """\
import dlt
@dlt.table
def a():
    return spark.read.json("s3://lake/in")
@dlt.table
def b():
    return spark.readStream.format("parquet").load("/Volumes/main/raw/landing/in/*.parquet")
@dlt.table
def c():
    return spark.sql("SELECT * FROM csv.`abfss://raw@shop.dfs.core.windows.net/in`")
@dlt.table
def d():
    return spark.read.table("samples.nyctaxi.trips")
@dlt.table
def e():
    return spark.table("system.billing.usage")
@dlt.table
def f():
    return spark.read.option("path", "dbfs:/FileStore/x").format("delta").load()
"""
BELOW = """\
import dlt
@dlt.table
def bronze():
    return spark.readStream.schema("id INT, day DATE").json("s3://lake/in")
@dlt.view
def silver():
    countries = spark.read.table("ref.countries").where("known")
    days = {row["day"]: row for row in spark.table("ref.days").collect()}
    df = dlt.read("bronze")
    if "id" in df.columns and df.count() > 0:
        df = df.where((df.id > 0) & (df["day"] == "2024-01-01"))
    return df.join(countries, df.id == countries.id).join(spark.read.table("ref.regions"), "id")
@dlt.table
def gold():
    return spark.sql("SELECT * FROM silver JOIN ref.currencies USING (id) JOIN ref.days USING (id)")
@dlt.table
def wrong():
    return dlt.read("gold").unionByName(spark.range(1)).unionByName(spark.read.table("ref.unseen"))
"""


def test_what_stands_behind_a_failed_read_is_told_too(pipeline):
    found = pipeline(BELOW).problems()
    assert [(p.message.partition(" is ")[0], p.hint, p.origin.line) for p in found] == [
        ("`s3://lake/in`", "pass --map s3://lake=FOLDER", 4),
        ("`ref.countries`", "if it is an outside table, pass --table main.ref.countries=FOLDER", 7),
        ("`ref.days`", "if it is an outside table, pass --table main.ref.days=FOLDER", 8),
        ("`ref.regions`", "if it is an outside table, pass --table main.ref.regions=FOLDER", 12),
        ("`ref.currencies`", "if it is an outside table, pass --table main.ref.currencies=FOLDER", 15),
        ("`ref.unseen`", "if it is an outside table, pass --table main.ref.unseen=FOLDER", 18),
    ]


@pytest.mark.parity(
    "differs", "1.5", "Paths of a workspace or a cloud, outside tables", "each that is missing names its flag"
)
def test_all_that_is_missing_is_told_at_once_with_its_flag(pipeline):
    assert [(p.condition, p.message, p.hint) for p in pipeline(MISSING).problems()] == [
        ("PATH_NOT_FOUND", "`s3://lake/in` is not on this machine.", "pass --map s3://lake=FOLDER"),
        (
            "PATH_NOT_FOUND",
            "`/Volumes/main/raw/landing/in/*.parquet` is not on this machine.",
            "pass --map /Volumes/main/raw/landing=FOLDER",
        ),
        (
            "PATH_NOT_FOUND",
            "`abfss://raw@shop.dfs.core.windows.net/in` is not on this machine.",
            "pass --map abfss://raw@shop.dfs.core.windows.net=FOLDER",
        ),
        (
            "TABLE_OR_VIEW_NOT_FOUND",
            "`samples.nyctaxi.trips` is a table that each workspace of Databricks has, and this machine has not.",
            "export it, and pass --table samples.nyctaxi.trips=FOLDER",
        ),
        (
            "TABLE_OR_VIEW_NOT_FOUND",
            "`system.billing.usage` is a table that each workspace of Databricks has, and this machine has not.",
            "export it, and pass --table system.billing.usage=FOLDER",
        ),
        ("PATH_NOT_FOUND", "`dbfs:/FileStore/x` is not on this machine.", "pass --map /FileStore/x=FOLDER"),
    ]
