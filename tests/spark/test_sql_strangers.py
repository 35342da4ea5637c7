"""SQL as strangers write it: the traps of public notebooks, a few datasets each, exact rows and counts."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

NOON = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
SALES = pa.schema([
    ("id", pa.int64()), ("shop", pa.string()), ("price", pa.string()), ("at", pa.timestamp("us", "UTC")),
    ("op", pa.string()), ("seq", pa.string()), ("details", pa.string()),
])  # fmt: skip


def sale(number, shop, price, seq, op="I", minutes=0, details="{}"):
    at = NOON + dt.timedelta(minutes=minutes)
    return {"id": number, "shop": shop, "price": price, "at": at, "op": op, "seq": seq, "details": details}


SPELLINGS = """-- Databricks notebook source
CREATE OR REFRESH STREAMING LIVE TABLE a AS SELECT * FROM STREAM(${source}.sales)

-- COMMAND ----------

CREATE STREAMING TABLE b
COMMENT "as it came"
SELECT * FROM stream(LIVE.a)

-- COMMAND ----------

create incremental live table c as select * from STREAM b

-- COMMAND ----------

CREATE LIVE TABLE e AS SELECT count(*) AS n FROM c JOIN LIVE.d USING (id)

-- COMMAND ----------

SET pipelines.trigger.interval=10 seconds;
SET spark.sql.ansi.enabled;

-- COMMAND ----------

-- CREATE LIVE TABLE f AS SELECT 1
"""
DP = """
from pyspark import pipelines as dp

@dp.table
def d():
    return spark.readStream.table("LIVE.c")
"""


@pytest.mark.parity("same", "8.3", "Every spelling of a statement and of a read, mixed in one pipeline")
def test_every_spelling_in_one_notebook(pipeline):
    p = pipeline({"all of them.sql": SPELLINGS, "d.py": DP}, configuration={"source": "prod.raw"})
    p.feed("prod.raw.sales", [sale(1, "x", "1", "1"), sale(2, "y", "2", "1")], SALES)
    result = p.update()
    kinds = {name.rpartition(".")[2]: d.kind for name, d in result.by_name().items()}
    assert kinds == {**dict.fromkeys("abcd", "streaming_table"), "e": "materialized_view"}
    assert p.rows("e") == [{"n": 2}]


CASTS = """
SET spark.sql.ansi.enabled = false;
CREATE OR REFRESH STREAMING TABLE prices AS
SELECT id, price + 1 AS price, price::int AS whole FROM STREAM(prod.raw.sales);
CREATE LIVE TABLE ${layer}_prices (
  CONSTRAINT known EXPECT (s.shop IS NOT NULL AND n > 0) ON VIOLATION DROP ROW,
  CONSTRAINT dear EXPECT (top > 2)
) AS
SELECT s.shop, count(*) AS n, max(p.price) AS top
FROM prices p JOIN prod.raw.sales AS s ON p.id = s.id GROUP BY ALL;
CREATE LIVE TABLE cheap AS SELECT id FROM IDENTIFIER(:source || '.sales') WHERE price::int < :most AND id < 9;
CREATE LIVE TABLE top (CONSTRAINT positive EXPECT (price > 0) ON VIOLATION DROP ROW) AS
SELECT p.id, p.price AS renamed FROM prices p;
"""


@pytest.mark.parity("same", "5.3", "SET spark.sql.ansi.enabled = false reaches the datasets behind it")
@pytest.mark.parity(
    "differs", "5.3", "`:name` in SQL", "its value may also be given as --conf parameters.name=VALUE"
)
@pytest.mark.parity("same", "2.1", "A rule of SQL names an alias of the query, or a column that was renamed")
def test_implicit_casts_and_rules_on_what_the_result_no_longer_has(pipeline):
    p = pipeline(
        {"casts.sql": CASTS},
        configuration={"layer": "gold", "parameters.source": "prod.raw", "parameters.most": "0"},
    )
    rows = [sale(1, "x", "1.5", "1"), sale(2, "y", "many", "1"), sale(3, "x", "-7", "1")]
    p.feed("prod.raw.sales", rows, SALES)
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    assert p.rows("prices", "id") == [
        {"id": 1, "price": 2.5, "whole": 1},
        {"id": 2, "price": None, "whole": None},
        {"id": 3, "price": -6.0, "whole": -7},
    ]
    assert p.rows("cheap") == [{"id": 3}]
    assert p.rows("gold_prices", "shop") == [
        {"shop": "x", "n": 2, "top": 2.5},
        {"shop": "y", "n": 1, "top": None},
    ]
    counts = {e.name: (e.passed, e.failed) for e in result.by_name()["main.default.top"].expectations}
    assert (counts, p.rows("top")) == ({"positive": (1, 2)}, [{"id": 1, "renamed": 2.5}])


CHANGES = """
CREATE OR REFRESH STREAMING TABLE shops (
  id BIGINT, shop STRING, price DOUBLE, __START_AT STRING, __END_AT STRING,
  is_current BOOLEAN GENERATED ALWAYS AS (__END_AT IS NULL)
);
CREATE FLOW shops_cdc AS AUTO CDC INTO shops
FROM (
  FROM STREAM(prod.raw.sales)
  |> WHERE id IS NOT NULL
  |> SELECT id, shop, price::double AS price, op, seq
)
KEYS (id) APPLY AS DELETE WHEN op = "D" SEQUENCE BY seq COLUMNS * EXCEPT (op, seq) STORED AS SCD TYPE 2;

CREATE OR REFRESH STREAMING TABLE latest;
CREATE FLOW first_half AS AUTO CDC INTO latest
FROM (SELECT id, shop, at, seq FROM STREAM(prod.raw.sales) WHERE id < 2) KEYS (id)
SEQUENCE BY (at, seq) COLUMNS * EXCEPT (seq);
CREATE FLOW second_half AS AUTO CDC INTO latest
FROM (SELECT id, shop, at, seq FROM STREAM prod.raw.sales WHERE id >= 2) KEYS (id)
SEQUENCE BY struct(at, seq) COLUMNS * EXCEPT (seq);

CREATE STREAMING TABLE hours AS
SELECT shop, window(at, '1 hour').start AS hour, count(*) AS n
FROM STREAM(prod.raw.sales) WATERMARK at DELAY OF INTERVAL 0 SECONDS
GROUP BY shop, window(at, '1 hour');

CREATE LIVE TABLE details (CONSTRAINT in_a_city EXPECT (kept:address.city IS NOT NULL) ON VIOLATION DROP ROW) AS
SELECT s.id, s.details:address.city AS city, details:tags[0]::string tag, details:address.street IS NULL AS no_street,
  details AS kept
FROM prod.raw.sales s WHERE details:address.city::string LIKE 'L%' OR s.id > 1;
CREATE STREAMING TABLE undone;
APPLY CHANGES INTO undone FROM STREAM(prod.raw.sales) KEYS (id)
APPLY AS DELETE WHEN details:op = "undo" SEQUENCE BY seq COLUMNS id, shop;
"""


@pytest.mark.parity(
    "same", "3.2", "A sequence that is text, (a, b) or a struct; two flows of changes of queries"
)
@pytest.mark.parity("same", "8.2", "WATERMARK ... DELAY OF INTERVAL in a streaming table of SQL")
@pytest.mark.long("spark/test_sql_sources.py::test_a_pipeline_in_sql_has_its_rows_and_counts")
def test_changes_windows_and_json(pipeline):
    p = pipeline({"changes.sql": CHANGES})
    lima = '{"address": {"city": "Lima"}, "tags": ["a", "b"]}'
    p.feed("prod.raw.sales", [sale(1, "x", "1", "001", details=lima), sale(2, "y", "2", "001")], SALES)
    p.update()
    p.feed(
        "prod.raw.sales",
        [
            sale(1, "z", "3", "002", minutes=90),
            sale(2, "y", "2", "003", op="D", minutes=95, details='{"op": "undo"}'),
        ],
        SALES,
    )
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    assert p.rows("shops", "id, __START_AT") == [
        {"id": 1, "shop": "x", "price": 1.0, "__START_AT": "001", "__END_AT": "002", "is_current": False},
        {"id": 1, "shop": "z", "price": 3.0, "__START_AT": "002", "__END_AT": None, "is_current": True},
        {"id": 2, "shop": "y", "price": 2.0, "__START_AT": "001", "__END_AT": "003", "is_current": False},
    ]
    assert [(r["id"], r["shop"]) for r in p.rows("latest", "id")] == [(1, "z"), (2, "y")]
    assert [(r["shop"], r["n"]) for r in p.rows("hours", "shop, hour")] == [("x", 1), ("y", 1)]
    assert p.rows("details") == [{"id": 1, "city": "Lima", "tag": "a", "no_street": True, "kept": lima}]
    counts = {e.name: (e.passed, e.failed) for e in result.by_name()["main.default.details"].expectations}
    assert (counts, p.rows("undone")) == ({"in_a_city": (1, 2)}, [{"id": 1, "shop": "z"}])


FILES = """-- Databricks notebook source
CREATE OR REFRESH STREAMING TABLE raw_users (
  CONSTRAINT parsed EXPECT (_rescued_data IS NULL) ON VIOLATION DROP ROW,
  CONSTRAINT `has id` EXPECT (id IS NOT NULL)
)
AS SELECT *, _metadata.file_name AS file FROM STREAM read_files(
  '${landing}/users', format => 'json', schemaHints => 'id BIGINT, n BIGINT'
);

-- COMMAND ----------

CREATE STREAMING LIVE TABLE old_users
TBLPROPERTIES ("quality" = "bronze")
AS SELECT id, name FROM cloud_files("${landing}/old", "csv", map("header", "true", "cloudFiles.inferColumnTypes", "true"))

-- COMMAND ----------

CREATE OR REFRESH STREAMING TABLE users;
CREATE FLOW users_cdc AS AUTO CDC INTO users FROM stream(LIVE.raw_users)
KEYS (id) SEQUENCE BY n COLUMNS * EXCEPT (_rescued_data, file, n);

-- COMMAND ----------

CREATE LIVE TABLE plain AS SELECT count(*) AS n FROM json.`${landing}/users`
"""


@pytest.mark.parity(
    "same", "7.6", "STREAM read_files, cloud_files and json.`path` in a SQL notebook, with rules and changes"
)
def test_files_of_a_sql_notebook(pipeline, tmp_path):
    landing = tmp_path / "landing"
    for folder in ("users", "old"):
        (landing / folder).mkdir(parents=True)
    (landing / "users" / "1.json").write_text(
        '{"id": 1, "name": "a", "n": 1}\n{"id": "x", "name": "b", "n": 1}\n'
    )
    (landing / "old" / "1.csv").write_text("id,name\n7,g\n")
    p = pipeline({"files.sql": FILES}, configuration={"landing": str(landing)})
    first = p.update()
    assert {d.name: d.error for d in first.datasets if d.error} == {}
    assert [(r["id"], r["name"], r["file"]) for r in p.rows("raw_users")] == [(1, "a", "1.json")]
    assert p.rows("old_users") == [{"id": 7, "name": "g"}]
    (landing / "users" / "2.json").write_text('{"id": 1, "name": "z", "n": 2}\n')
    second = p.update()
    counts = {e.name: (e.passed, e.failed) for e in second.by_name()["main.default.raw_users"].expectations}
    assert counts == {"parsed": (1, 0), "has id": (1, 0)}
    assert (p.rows("users"), p.rows("plain")) == ([{"id": 1, "name": "z"}], [{"n": 3}])
