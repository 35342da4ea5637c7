"""SQL texts in query functions: fields, parameters, versions, views, variables; what is refused, and where."""

from __future__ import annotations

import datetime as dt
import json

import pyarrow as pa
import pytest
from deltalake import DeltaTable

CITY = pa.struct([("city", pa.string())])
ORDERS = pa.schema(
    [
        ("id", pa.int64()),
        ("ts", pa.timestamp("us", "UTC")),
        ("shipping", CITY),
        ("payload", pa.struct([("shipping", CITY)])),
    ]
)
ROWS = [
    {
        "id": n,
        "ts": dt.datetime(2024, 1, 1, 0, 0, n, tzinfo=dt.UTC),
        "shipping": {"city": f"TOP{n}"},
        "payload": {"shipping": {"city": f"NESTED{n}"}},
    }
    for n in (1, 2)
]
IDS = [{"id": 1}, {"id": 2}]
# A call in a query function -> its rows.
QUERIES = {
    "spark.sql('SELECT payload.shipping.city FROM prod.raw.orders')": [{"city": "NESTED1"}, {"city": "NESTED2"}],
    "spark.sql('SELECT raw.payload.shipping.* FROM raw')": [{"city": "NESTED1"}, {"city": "NESTED2"}],
    "spark.sql('SELECT prod.raw.orders.shipping.city FROM prod.raw.orders')": [{"city": "TOP1"}, {"city": "TOP2"}],
    "spark.sql('SELECT id FROM raw WHERE id = :id', args={'id': 1})": [{"id": 1}],
    "spark.sql('SELECT id FROM raw WHERE id IN (?, ?)', [2, 3])": [{"id": 2}],
    "spark.sql('SELECT {df[id]} FROM {df} WHERE id IN (SELECT raw.id FROM raw WHERE id > {low})', df=spark.range(9), low=1)": [{"id": 2}],
    "spark.sql(\"SELECT window(ts, '1 hour').start AS hour, count(*) AS n FROM raw GROUP BY window(ts, '1 hour')\")": [
        {"hour": "2024-01-01T00:00:00.000Z", "n": 2}
    ],
    "spark.sql('SELECT /*+ BROADCAST(c) */ o.id FROM raw o JOIN main.default.raw c ON o.id = c.id')": IDS,
    "spark.sql('SELECT id FROM IDENTIFIER(:catalog || \".raw.orders\")', args={'catalog': 'prod'})": IDS,
    "spark.sql('TABLE raw').select('id')": IDS,
    "spark.sql('SELECT id, _change_type AS c FROM table_changes(\"raw\", 0)')": [{"id": 1, "c": "insert"}, {"id": 2, "c": "insert"}],
    "spark.sql('SELECT count(*) AS n FROM raw VERSION AS OF 0')": [{"n": 0}],
    "spark.sql('SELECT raw.id FROM raw@v1')": IDS,
    "spark.sql('SELECT count(*) AS n FROM prod.raw.orders@v0')": [{"n": 1}],
    "spark.sql(\"SELECT count(*) AS n FROM prod.raw.orders TIMESTAMP AS OF TIMESTAMP '${first}' + INTERVAL 0 SECOND\")": [{"n": 1}],
    "spark.sql('SELECT id FROM main.default.raw WHERE EXISTS (SELECT 1 FROM prod.raw.orders o WHERE o.id < main.default.raw.id)')": [{"id": 2}],
    "viewed()": IDS,
    "spark.table('again')": [],
}  # fmt: skip
SOURCE = """
import dlt
from functools import reduce
from pyspark.sql import functions as F

spark.range(0).createOrReplaceTempView("again")

def viewed():
    spark.sql("CREATE TEMP VIEW mine AS SELECT id FROM raw")
    spark.sql("SELECT * FROM mine").createTempView("own")
    return spark.sql("SELECT own.id FROM mine JOIN own USING (id)").join(spark.table("own"), "id")

@dlt.table(table_properties={{"delta.enableChangeDataFeed": "true"}})
def raw():
    return spark.read.table("prod.raw.orders")

@dlt.table
def answers():
    found = [
        frame.select(F.lit(number).alias("query"), F.to_json(F.struct("*")).alias("row"))
        for number, frame in enumerate([{queries}])
    ]
    return reduce(lambda a, b: a.unionAll(b), found)

@dlt.table
def late():
    return spark.sql("SELECT id, count(*) AS n FROM STREAM(prod.raw.orders) "
                     "WATERMARK ts DELAY OF INTERVAL 10 MINUTES GROUP BY id, window(ts, '1 hour')")
"""


@pytest.mark.parity(
    "same", "8.2", "SQL reads fields of structs, versions, change feeds, streams with watermarks"
)
@pytest.mark.parity("same", "5.3", "`${key}` in spark.sql is replaced by the configuration, in literals too")
def test_sql_means_what_it_says(pipeline):
    p = pipeline(SOURCE.format(queries=",\n".join(QUERIES)))
    for row in ROWS:
        p.feed("prod.raw.orders", [row], ORDERS)
    first = DeltaTable(p.outside["prod.raw.orders"]).history()[-1]["timestamp"] / 1000
    p.configuration = {"first": dt.datetime.fromtimestamp(first, dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")}
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    answers = p.rows("answers", "query, row")
    found = {
        text: [json.loads(r["row"]) for r in answers if r["query"] == n] for n, text in enumerate(QUERIES)
    }
    assert found == QUERIES
    assert result.by_name()["main.default.late"].kind == "streaming_table"


REFUSED = {
    "SELECT * FROM STREAM read_files('/x/y/z', format => 'json')": "PATH_NOT_FOUND",
    "SELECT * FROM read_kafka(subscribe => 'x')": "REQUIRED_PARAMETER_NOT_FOUND",
    "/* first */ SET a = 1": "Unsupported",
    "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a": "Unsupported",
    "SELECT '${nobody}'": "UNRESOLVED_VARIABLE",
    "SELECT * FROM IDENTIFIER(:nobody)": "UNBOUND_SQL_PARAMETER",
    "SELECT * FROM some VERSION AS OF 1": "UNSUPPORTED_FEATURE.TIME_TRAVEL",
    "CREATE GLOBAL TEMP VIEW some AS SELECT 1": "Unsupported",
    "SELECT * FROM made_elsewhere": "TABLE_OR_VIEW_NOT_FOUND",
    "SELECT * FROM some TIMESTAMP AS OF id": "Unsupported",
    "SELECT (1": "PARSE_SYNTAX_ERROR",
}


@pytest.mark.parity(
    "refused", "1.6", "SET, commands and scripts in spark.sql", "give it one query, configuration by name"
)
def test_what_sql_may_not_is_refused_by_name_and_place(pipeline):
    functions = [
        f"@dlt.table\ndef t{n}():\n    return spark.sql(TEXTS[{n}])\n" for n, _ in enumerate(REFUSED)
    ]
    source = f"""
import dlt
TEXTS = {list(REFUSED)}
@dlt.view
def some():
    return spark.range(1)

@dlt.table
def elsewhere():
    spark.range(1).createOrReplaceTempView("made_elsewhere")
    return spark.table("made_elsewhere")

{"".join(functions)}
"""
    p = pipeline(source)
    lines = [n for n, line in enumerate(source.split("\n"), 1) if "spark.sql" in line]
    found = [(problem.condition, problem.origin.line) for problem in p.problems()]
    assert sorted(found, key=lambda f: f[1]) == list(zip(REFUSED.values(), lines, strict=True))
