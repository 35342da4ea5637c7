"""What public pipelines do and a rebuilt runtime easily misses: notebooks, SQL and modules in one pipeline."""

from __future__ import annotations

import json

import pytest

BRONZE = [
    "%md\n# Orders",
    "import dlt\nimport functools\nfrom pyspark.sql import functions as F\nfrom src.common import schemas",
    "# rules that were collected while the sources load, and a stream that is made there\n"
    "RULES = {r['name']: r['rule'] for r in spark.table('rules').collect()}\n"
    "orders_stream = spark.readStream.table('shop.orders')",
    "def traced(fn):\n    @functools.wraps(fn)\n    def call(*args, **kwargs):\n        return fn(*args, **kwargs)\n"
    "    return call",
    "@dlt.table\n@dlt.expect_all_or_drop(RULES)\n@traced\ndef orders():\n"
    "    df = orders_stream\n"
    "    if 'Op' not in df.columns:\n        df = df.withColumn('Op', F.lit('I'))\n"
    "    return schemas.trimmed(df)",
    "@dlt.view\ndef numbers(column='amount'):\n"
    "    return dlt.readStream('orders').selectExpr('id', f'CAST({column} AS INT) AS n')",
    "%sql\n"
    "CREATE OR REFRESH STREAMING LIVE TABLE numbers_sql (CONSTRAINT small EXPECT (n < 100) ON VIOLATION DROP ROW)\n"
    "AS SELECT id, CAST(amount AS INT) n FROM STREAM(LIVE.orders)\n",
]
SILVER = """\
-- Databricks notebook source
SET threshold = 7;

-- COMMAND ----------

-- MAGIC %python
-- MAGIC import dlt
-- MAGIC for name in ("id", "amount"):
-- MAGIC     @dlt.table(name=f"only_{name}")
-- MAGIC     def only(name=name):
-- MAGIC         spark.read.table("orders").createOrReplaceTempView("all_of_them")
-- MAGIC         return spark.sql(f"SELECT {name} FROM all_of_them")

-- COMMAND ----------

-- DBTITLE 1,Numbers
CREATE LIVE TABLE big
COMMENT "from ${threshold} on"
TBLPROPERTIES (quality = "silver")
AS SELECT id, n, CAST('no number' AS INT) AS none FROM numbers_sql WHERE n >= ${threshold}

-- COMMAND ----------

CREATE OR REFRESH MATERIALIZED VIEW ${layer}_total AS
SELECT count(*) AS orders, try_divide(sum(n), 0) AS none FROM (SELECT * FROM big)
"""
GOLD = """\
from pyspark import pipelines as dp
import databricks.pipelines as dbp
from pyspark.sql import SparkSession
from pyspark.sql.functions import expr

def make(table):
    @dp.materialized_view(name=f"copy_of_{table}")
    def copy():
        return SparkSession.getActiveSession().read.table(table)

[make(table) for table in ("numbers_sql", "big")]

dbp.create_streaming_table("latest")
dp.apply_changes(target="latest", source="numbers", keys=["id"], sequence_by=expr("coalesce(n, 0)"), flow_name="newest")

@dp.append_flow(target="all_numbers")
def from_numbers():
    return spark.readStream.table("LIVE.numbers")

dp.create_streaming_table("all_numbers", comment="one way into it")
"""
MODULES = {
    "src/common/__init__.py": "",
    "src/common/schemas.py": "from src.common.text import trim\n\ndef trimmed(df):\n"
    "    return df.select(*[trim(f) for f in df.schema.fields])\n",
    "src/common/text.py": "from pyspark.sql import functions as F\n\ndef trim(field):\n"
    "    text = field.dataType.simpleString() == 'string'\n"
    "    return F.trim(field.name).alias(field.name) if text else F.col(field.name)\n",
}


def notebook(cells):
    shown = [
        {"cell_type": "code", "source": c, "metadata": {}, "outputs": [], "execution_count": None}
        for c in cells
    ]
    return json.dumps({"cells": shown, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


@pytest.fixture
def shop(pipeline):
    files = {
        "src/pipeline/bronze.ipynb": notebook(BRONZE),
        "src/pipeline/silver layer.sql": SILVER,
        "src/pipeline/gold.py.py": GOLD,
    }
    conf = {"spark.sql.ansi.enabled": "false", "layer": "gold"}
    p = pipeline({**files, **MODULES, ".git/keep": ""}, configuration=conf)
    p.sources = [p.sources[0] / "src/pipeline"]
    p.feed("rules", [{"name": "known", "rule": "id IS NOT NULL"}])
    p.feed(
        "shop.orders", [{"id": 1, "amount": " 7 "}, {"id": 2, "amount": "seven"}, {"id": None, "amount": "8"}]
    )
    return p


@pytest.mark.parity(
    "same", "1.1", "Python and SQL, as files and notebooks, with modules of a repository: one graph"
)
@pytest.mark.parity("same", "5.3", "spark.sql.ansi.enabled=false reaches every flow, view and rule")
@pytest.mark.long("guides/test_bring.py::test_a_stranger_gets_from_the_wheel_to_a_tested_pipeline")
def test_notebooks_sql_and_modules_are_one_pipeline(shop):
    result = shop.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    assert shop.rows("orders", "id") == [
        {"id": 1, "amount": "7", "Op": "I"},
        {"id": 2, "amount": "seven", "Op": "I"},
    ]
    assert shop.rows("numbers_sql", "id") == shop.rows("copy_of_numbers_sql", "id") == [{"id": 1, "n": 7}]
    assert shop.rows("big") == shop.rows("copy_of_big") == [{"id": 1, "n": 7, "none": None}]
    assert shop.rows("gold_total") == [{"orders": 1, "none": None}]
    assert shop.rows("only_amount", "amount") == [{"amount": "7"}, {"amount": "seven"}]
    assert shop.rows("all_numbers", "id") == [{"id": 1, "n": 7}, {"id": 2, "n": None}]
    assert shop.rows("latest", "id") == [{"id": 1, "n": 7}, {"id": 2, "n": None}]
    shop.feed("shop.orders", [{"id": 1, "amount": "9"}])
    assert {d.name: d.error for d in shop.update().datasets if d.error} == {}
    assert shop.rows("latest", "id") == [{"id": 1, "n": 9}, {"id": 2, "n": None}]


@pytest.mark.parity("same", "1.1", "Places in notebooks of every kind")
def test_places_are_those_of_the_cells(shop):
    graph = shop.graph()
    base = f"{shop.sources[0]}/"
    places = {
        n.rpartition(".")[2]: str(d.dataset.origin).removeprefix(base) for n, d in graph.datasets.items()
    }
    assert places == {
        "orders": "bronze.ipynb, cell 5, line 1",
        "numbers": "bronze.ipynb, cell 6, line 1",
        "numbers_sql": "bronze.ipynb, cell 7, line 2",
        "only_id": "silver layer.sql:9",
        "only_amount": "silver layer.sql:9",
        "big": "silver layer.sql:17",
        "gold_total": "silver layer.sql:24",
        "copy_of_numbers_sql": "gold.py.py:7",
        "copy_of_big": "gold.py.py:7",
        "latest": "gold.py.py:13",
        "all_numbers": "gold.py.py:20",
    }
