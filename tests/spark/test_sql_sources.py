"""SQL sources in updates: exact rows and counts, mixed with Python, and problems in the file's own lines."""

from __future__ import annotations

import pytest
from deltalake import DeltaTable

ORDERS = [
    {
        "id": 1,
        "customer": "a",
        "price": 10.0,
        "op": "I",
        "ts": 1,
        "payload": '{"city": {"name": "Lima"}, "n": [7, 8]}',
    },
    {"id": 2, "customer": "b", "price": -1.0, "op": "I", "ts": 1, "payload": '{"city": {"name": "Cusco"}}'},
    {"id": None, "customer": "a", "price": 5.0, "op": "I", "ts": 1, "payload": "broken"},
    {"id": 3, "customer": None, "price": 2.0, "op": "I", "ts": 1, "payload": None},
]
LATER = [
    {"id": 1, "customer": "a", "price": 11.0, "op": "U", "ts": 2, "payload": "{}"},
    {"id": 2, "customer": "b", "price": -1.0, "op": "D", "ts": 2, "payload": "{}"},
]
BRONZE = """-- Databricks notebook source
-- MAGIC %md
-- MAGIC # Orders

-- COMMAND ----------

CREATE OR REFRESH STREAMING LIVE TABLE orders (
  CONSTRAINT `valid id` EXPECT (id IS NOT NULL) ON VIOLATION DROP ROW,
  CONSTRAINT price EXPECT (o.price > 0) -- the alias of the query
)
COMMENT 'all that came'
TBLPROPERTIES (quality = "bronze", delta.enableChangeDataFeed = true)
SELECT id, customer, price AS amount, op, ts, payload FROM STREAM(prod.raw.orders) o

-- COMMAND ----------

CREATE TEMPORARY STREAMING LIVE VIEW clean (CONSTRAINT known EXPECT (customer IS NOT NULL) ON VIOLATION DROP ROW)
AS SELECT * FROM STREAM(LIVE.orders)
"""
SILVER = """
CREATE OR REFRESH STREAMING TABLE current_orders (id BIGINT, amount DOUBLE COMMENT 'in soles');
APPLY CHANGES INTO LIVE.current_orders
FROM STREAM(LIVE.clean)
  KEYS (id)
  APPLY AS DELETE WHEN op = "D"
  SEQUENCE BY (ts, id)
  COLUMNS * EXCEPT (customer, op, ts, payload)
  STORED AS SCD TYPE 1;

CREATE STREAMING TABLE history;
CREATE FLOW history_of_orders AS AUTO CDC INTO history
FROM (
  WITH named AS (SELECT customer, name FROM names)
  SELECT c.id, c.ts, c.op, n.name, c.amount FROM STREAM clean c JOIN named n ON c.customer = n.customer
) AS s
KEYS (id) APPLY AS DELETE WHEN op = 'D' SEQUENCE BY ts
COLUMNS * EXCEPT (op, ts) STORED AS SCD TYPE 2 TRACK HISTORY ON * EXCEPT (name);

-- a stream that aggregates all so far, joined with the state of another stream's table
CREATE STREAMING TABLE totals AS
SELECT count(*) AS n, sum(o.amount) AS amount FROM STREAM(orders) o LEFT JOIN LIVE.first_ids f ON o.id = f.id;

CREATE STREAMING TABLE both (k BIGINT, label STRING);
CREATE FLOW from_orders AS INSERT INTO both SELECT id, 'order' FROM STREAM(orders);
CREATE FLOW once_more AS INSERT INTO ONCE both BY NAME SELECT 'once' AS label, 0L AS k;
"""
GOLD = """
SET min_amount = 0.5;
SET spark.sql.session.timeZone = America/Lima;
CREATE MATERIALIZED VIEW cities (id COMMENT 'the order', city, first_n) CLUSTER BY AUTO AS
SELECT id, payload:city.name, payload:n[0]::int FROM LIVE.orders WHERE LIVE.orders.amount > ${min_amount};

CREATE VIEW best AS
FROM orders |> WHERE payload IS NOT NULL |> SELECT id, customer, amount;

CREATE PRIVATE MATERIALIZED VIEW ranked AS
SELECT *, row_number() OVER (PARTITION BY customer ORDER BY amount DESC) AS place FROM best QUALIFY place = 1;

CREATE MATERIALIZED VIEW zone AS SELECT current_timezone() AS zone, ${target_year} AS year;
USE SCHEMA gold;
CREATE MATERIALIZED VIEW summary AS SELECT customer, count(*) AS n FROM main.default.ranked GROUP BY ALL;
CREATE MATERIALIZED VIEW again AS SELECT summary.n FROM summary
"""
PYTHON = """
import dlt

@dlt.view
def names():
    return spark.createDataFrame([("a", "Ana"), ("b", "Beto")], "customer STRING, name STRING")

@dlt.table
def first_ids():
    return spark.readStream.table("orders").select("id")

@dlt.table
def from_sql():
    return dlt.read("cities").select("city")
"""


def counts(result, dataset):
    return {e.name: (e.passed, e.failed) for e in result.by_name()[f"main.default.{dataset}"].expectations}


@pytest.mark.parity("same", "8", "A pipeline of SQL notebooks, SQL files and Python, update after update")
@pytest.mark.parity("same", "8.3", "CREATE VIEW is computed for its readers and can be named in full")
@pytest.mark.parity(
    "same", "8.2", "AUTO CDC FROM a query that joins, SEQUENCE BY (a, b), QUALIFY, `|>`, GROUP BY ALL"
)
@pytest.mark.parity("same", "4.8", "A streaming aggregate without a watermark over all rows so far")
@pytest.mark.parity("differs", "8.2", "`column:path` on a text", "names in it are compared with their case")
def test_a_pipeline_in_sql_has_its_rows_and_counts(pipeline):
    files = {"bronze.sql": BRONZE, "x.sql.sql": SILVER, "gold layer.sql": GOLD, "names.py": PYTHON}
    p = pipeline(files, configuration={"target_year": "2024"})
    p.feed("prod.raw.orders", ORDERS)
    first = p.update()
    assert {d.name: d.error for d in first.datasets if d.error} == {}
    assert counts(first, "orders") == {"valid id": (3, 1), "price": (3, 1)}
    assert p.rows("orders", "id") == [
        {
            k: row[k] if k != "amount" else row["price"]
            for k in ("id", "customer", "amount", "op", "ts", "payload")
        }
        for row in (ORDERS[0], ORDERS[1], ORDERS[3])
    ]
    assert p.rows("cities", "id") == [
        {"id": 1, "city": "Lima", "first_n": 7},
        {"id": 3, "city": None, "first_n": None},
    ]
    comments = {
        f.name: f.metadata for f in DeltaTable(p.storage.table("main.default.cities")).schema().fields
    }
    assert comments == {"id": {"comment": "the order"}, "city": {}, "first_n": {}}
    assert p.rows("zone") == [{"zone": "America/Lima", "year": 2024}]
    assert p.rows("gold.summary", "customer") == [{"customer": "a", "n": 1}, {"customer": "b", "n": 1}]
    assert p.rows("gold.again", "n") == [{"n": 1}, {"n": 1}]
    assert p.rows("totals") == [{"n": 3, "amount": 11.0}]
    second_rows(p)


def second_rows(p):
    p.feed("prod.raw.orders", LATER)
    second = p.update()
    assert {d.name: d.error for d in second.datasets if d.error} == {}
    assert counts(second, "orders") == {"valid id": (2, 0), "price": (1, 1)}
    assert p.rows("current_orders") == [{"id": 1, "amount": 11.0}]
    assert p.rows("history", "id, __START_AT") == [
        {"id": 1, "name": "Ana", "amount": 10.0, "__START_AT": 1, "__END_AT": 2},
        {"id": 1, "name": "Ana", "amount": 11.0, "__START_AT": 2, "__END_AT": None},
        {"id": 2, "name": "Beto", "amount": -1.0, "__START_AT": 1, "__END_AT": 2},
    ]
    # Each row that came now meets both of its key, the one of before and itself.
    assert p.rows("totals") == [{"n": 3 + 4, "amount": 11.0 + 2 * 10.0}]
    assert p.rows("both", "k, label") == [
        {"k": k, "label": label}
        for k, label in [(0, "once"), (1, "order"), (1, "order"), (2, "order"), (2, "order"), (3, "order")]
    ]
    assert [r["city"] for r in p.rows("from_sql", "city")] == ["Lima", None, None]


WRONG = """CREATE LIVE TABLE good AS SELECT 1 AS a;

CREATE LIVE TABLE unknown_column AS
SELECT a,
  nope
FROM LIVE.good;
CREATE LIVE TABLE unknown_table AS
SELECT *
FROM good
  JOIN LIVE.goood USING (a);
CREATE LIVE TABLE syntax AS
SELECT a
FROM good
WHERE a = 1 2;
CREATE LIVE TABLE streams AS
SELECT * FROM STREAM(source);
CREATE STREAMING LIVE TABLE batch AS
SELECT * FROM good;
CREATE LIVE TABLE columns (x, y)
AS SELECT 1;
CREATE LIVE TABLE bad_rule (
  CONSTRAINT one EXPECT (a > 0),
  CONSTRAINT two EXPECT (b > 0)
) AS SELECT a FROM good;
CREATE STREAMING TABLE source AS SELECT * FROM STREAM(prod.raw.orders);
CREATE STREAMING TABLE target;
CREATE FLOW f AS INSERT INTO nowhere BY NAME SELECT * FROM STREAM(source);
CREATE FLOW g AS INSERT INTO target BY NAME
SELECT * FROM STREAM(source) WHERE no_such_function(id);
CREATE VIEW streaming_view AS SELECT * FROM STREAM(source);
CREATE TEMPORARY VIEW tmp AS SELECT 1 AS a;
CREATE VIEW over_tmp AS SELECT * FROM tmp;
CREATE LIVE TABLE not_json AS
SELECT a:b FROM good;
"""


@pytest.mark.parity("differs", "8.3", "CREATE VIEW", "other pipelines do not see it")
@pytest.mark.parity("same", "4.9", "A persistent view over a stream or a temporary view is refused")
def test_problems_in_queries_are_told_in_their_lines(pipeline):
    p = pipeline({"wrong.sql": WRONG})
    p.feed("prod.raw.orders", ORDERS)
    found = sorted((problem.origin.line, problem.condition) for problem in p.problems())
    assert found == [
        (5, "UNRESOLVED_COLUMN.WITH_SUGGESTION"),
        (10, "TABLE_OR_VIEW_NOT_FOUND"),
        (14, "PARSE_SYNTAX_ERROR"),
        (15, "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW"),
        (17, "APPEND_ONCE_FROM_BATCH_QUERY"),
        (20, "INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS"),
        (23, "UNRESOLVED_COLUMN.WITH_SUGGESTION"),
        (27, "PIPELINE_FLOW_TARGET_NOT_FOUND"),
        (29, "UNRESOLVED_ROUTINE"),
        (30, "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_PERSISTED_VIEW"),
        (32, "INVALID_TEMP_OBJ_REFERENCE"),
        (34, "COLUMN_IS_NOT_VARIANT_TYPE"),
    ]
    told = {problem.condition: problem for problem in p.problems()}
    assert {problem.origin.file.rsplit("/", 1)[-1] for problem in told.values()} == {"wrong.sql"}
    assert told["PARSE_SYNTAX_ERROR"].message == (
        "The query of `main.default.syntax` does not resolve: Syntax error at or near '2': extra input '2'."
    )
    assert "spark.udf.register" in told["UNRESOLVED_ROUTINE"].hint
