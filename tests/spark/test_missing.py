"""What a stranger's pipeline lacks here is seen at once, also what stands behind something that is missing."""

from dataclasses import replace

from weir.model.needs import Need
from weir.model.settings import Outside
from weir.testing import write_sources
from weir.verbs.arguments import requests_in
from weir.verbs.missing import UNKNOWN, Lack

NOTEBOOK = """\
# Databricks notebook source
import dlt
LANDING = spark.conf.get("landing")
CATALOG = spark.conf.get("catalog")
SALT = dbutils.secrets.get("shop", "salt")
# COMMAND ----------
THRESHOLD = dbutils.widgets.get("threshold")
# COMMAND ----------
@dlt.table
def orders():
    return spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").load("/Volumes/main/shop/in")
@dlt.table
def named():
    return spark.read.table(f"{CATALOG}.raw.people")
@dlt.table
def events():
    return spark.readStream.format("pulsar").load()
"""
QUERIES = """\
CREATE MATERIALIZED VIEW big AS
SELECT o.* FROM orders o JOIN main.ref.countries c USING (code) WHERE o.amount > ${smallest} AND o.day > ${since};
CREATE MATERIALIZED VIEW bigger AS SELECT * FROM bigg;
"""


def test_one_look_names_all_that_is_missing(spark, tmp_path):
    folder = write_sources(
        tmp_path / "shop", {"etl.py": NOTEBOOK, "gold.sql": QUERIES, "query.sql": "SELECT 1"}
    )
    lack = Lack()
    (request,), problems = requests_in(folder, {"storage": str(tmp_path / "lake")})
    lack.look(replace(request, session=spark))
    places = {need: f"{o.file.rpartition('/')[2]}:{o.line}" for need, o in lack.needs.items() if o}
    assert places == {
        Need("conf", "landing"): "etl.py:3",
        Need("conf", "catalog"): "etl.py:4",
        Need("env", "SHOP_SALT"): "etl.py:5",
        Need("conf", "threshold"): "etl.py:7",
        Need("map", "/Volumes/main/shop/in"): "etl.py:11",
        Need("conf", "smallest"): "gold.sql:2",
        Need("conf", "since"): "gold.sql:2",
        Need("table", "main.ref.countries"): "gold.sql:2",
    }
    assert [(p.origin.line, UNKNOWN in p.message) for p in lack.later if p.origin] == [(14, True)]
    told = [(p.condition, p.origin.line if p.origin else 0, p.hint) for p in lack.problems]
    typo = (
        "did you mean `main.default.big`? (if it is an outside table, pass --table main.default.bigg=FOLDER)"
    )
    assert ("TABLE_OR_VIEW_NOT_FOUND", 3, typo) in told
    assert [condition for condition, *_ in told].count("Unsupported") == 1
    assert (len(told), problems) == (2, ())
    assert {name.rpartition(".")[2] for name in lack.datasets} == {
        "orders",
        "named",
        "events",
        "big",
        "bigger",
    }


def test_what_is_given_is_not_missing(spark, tmp_path):
    folder = write_sources(tmp_path / "shop", {"etl.py": NOTEBOOK.partition("@dlt.table\ndef named")[0]})
    landing = tmp_path / "landing"
    landing.mkdir()
    (landing / "1.json").write_text('{"id": 1}\n')
    (request,), _ = requests_in(folder, {"conf": ("landing=a", "catalog=b", "threshold=5")})
    request = replace(request, session=spark, outside=Outside({}, {"/Volumes/main/shop/in": str(landing)}))
    lack = Lack()
    lack.look(request)
    assert (list(lack.needs), lack.later, lack.problems) == ([Need("env", "SHOP_SALT")], [], [])
