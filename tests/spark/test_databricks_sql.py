"""What SQL has on Databricks and not in Spark: in SQL sources, in texts of Python code, in expressions, in rules."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

RAW = pa.schema([("id", pa.int64()), ("raw", pa.string())])
STORE = {
    "book": [
        {"author": "Rees", "price": 8.95},
        {"author": "Melville", "price": 8.99, "isbn": "0-553-21311-3"},
        {"author": "Tolkien", "price": 22.99, "isbn": "0-395-19395-8", "reader": {"name": "bob", "age": 25}},
    ],
    "basket": [[1, 2, {"b": "y", "a": "x"}], [3, 4], [5, 6]],
    "fruit": [{"weight": 8}],
    "none": [],
    "owner": {"name": "amy"},
}
ARRAYS = """
CREATE STREAMING TABLE books (CONSTRAINT priced EXPECT (raw:book[*].price = '[8.95,8.99,22.99]')) AS
SELECT id, raw, raw:book[*].isbn, raw:book[*].reader.age AS ages, from_json(raw:book[*].price, 'ARRAY<DOUBLE>') AS prices
FROM STREAM shop.stores;
CREATE MATERIALIZED VIEW baskets AS
SELECT raw:basket[*], raw:basket[*][0] first_of_baskets, raw:basket[0][*] AS first_basket,
  raw:basket[*][*] all_elements_flattened, raw:basket[0][2].b AS subfield FROM shop.stores WHERE id = 1;
CREATE MATERIALIZED VIEW few AS
SELECT raw:fruit[*].weight, raw:fruit[*], raw:none[*].x AS nothing, raw:none[*] AS no_elements,
  raw:owner[*].name AS of_none, raw:owner[*] AS no_array, raw:missing[*].x AS missing
FROM shop.stores WHERE id = 1;
CREATE MATERIALIZED VIEW both AS
SELECT parse_json(raw):owner.name::string AS name, raw:fruit[*].weight FROM shop.stores WHERE id = 1;
"""


@pytest.mark.parity(
    "same",
    "8.2",
    "`[*]` in a path gives a JSON array: NULL for an element that lacks the field, brackets around the only one",
)
@pytest.mark.parity(
    "differs", "8.2", "Objects below `[*].field`", "their keys are sorted, as those of a VARIANT are"
)
@pytest.mark.parity(
    "differs",
    "8.2",
    "Several `[*]` in a path",
    "as get_json_object: elements that lack a field are left out, and the only one has no brackets",
)
def test_a_path_through_all_elements_of_an_array(pipeline):
    p = pipeline({"stores.sql": ARRAYS})
    p.feed("shop.stores", [{"id": 1, "raw": json.dumps(STORE)}, {"id": 2, "raw": "no JSON"}], RAW)
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    books = [{name: row[name] for name in row if name != "raw"} for row in p.rows("books", "id")]
    assert books == [
        {"id": 1, "isbn": '[null,"0-553-21311-3","0-395-19395-8"]', "ages": "[null,null,25]",
         "prices": [8.95, 8.99, 22.99]},
        {"id": 2, "isbn": None, "ages": None, "prices": None},
    ]  # fmt: skip
    (rule,) = result.by_name()["main.default.books"].expectations
    assert (rule.name, rule.passed, rule.failed) == ("priced", 1, 1)
    assert p.rows("baskets") == [
        {"basket": '[[1,2,{"b":"y","a":"x"}],[3,4],[5,6]]', "first_of_baskets": "[1,3,5]",
         "first_basket": '[1,2,{"b":"y","a":"x"}]', "all_elements_flattened": '[1,2,{"b":"y","a":"x"},3,4,5,6]',
         "subfield": "y"},
    ]  # fmt: skip
    assert p.rows("few") == [
        {"weight": "[8]", "fruit": '[{"weight":8}]', "nothing": "[]", "no_elements": "[]", "of_none": None,
         "no_array": None, "missing": None},
    ]  # fmt: skip
    assert p.rows("both") == [{"name": "amy", "weight": "[8]"}]


OTHER_NAMES = {
    "names.sql": """
CREATE MATERIALIZED VIEW in_sql (CONSTRAINT named EXPECT (charindex('a', name) = 1)) AS
SELECT id, iff(id > 1, 'many', 'one') AS size, name, IFF(id > 1, id, 0.5) AS number,
  charindex('a', name) AS first, charindex('a', name, 2) AS second, getdate() = current_timestamp() AS now
FROM (SELECT id, iff(id > 1, 'bar', 'ana') AS name FROM shop.ids);
""",
    "names.py": """
import dlt
from pyspark.sql import functions as F

@dlt.table
@dlt.expect("one", "iff(id = 1, true, false)")
def in_python():
    return spark.sql("SELECT id, iff(id > 1, 'many', 'one') AS size FROM shop.ids").where("charindex('n', size) > 0") \\
        .select("*", F.expr("iff(size = 'one', 1, 2) AS n"))
""",
}


@pytest.mark.parity("same", "11.2", "iff, getdate and charindex, in queries, expressions and rules")
def test_functions_that_spark_has_under_another_name(pipeline):
    p = pipeline(OTHER_NAMES)
    p.feed("shop.ids", [{"id": 1}, {"id": 2}])
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    assert p.rows("in_sql", "id") == [
        {"id": 1, "size": "one", "name": "ana", "number": 0.5, "first": 1, "second": 3, "now": True},
        {"id": 2, "size": "many", "name": "bar", "number": 2, "first": 2, "second": 2, "now": True},
    ]
    assert p.rows("in_python", "id") == [{"id": 1, "size": "one", "n": 1}, {"id": 2, "size": "many", "n": 2}]
    rules = {e.name: (e.passed, e.failed) for d in result.datasets for e in d.expectations}
    assert rules == {"named": (1, 1), "one": (1, 1)}


OWN = """
import dlt
spark.udf.register("iff", lambda a, b, c: "own", "string")

@dlt.table
def t():
    return spark.sql("SELECT iff(true, 1, 2) AS x")
"""


def test_a_function_of_the_users_goes_before_one_of_databricks_until_the_pipeline_has_ended(pipeline, spark):
    p = pipeline(OWN)
    p.update()
    assert p.rows("t") == [{"x": "own"}]
    assert spark.sql("SELECT iff(true, 1, 2) AS x").first()["x"] == 1


LOCKED = {
    "kafka.sql": """
CREATE STREAMING TABLE events AS
SELECT * FROM STREAM read_kafka(
  bootstrapServers => 'broker:9092', subscribe => 'events',
  `kafka.sasl.jaas.config` => concat('user=', secret('kafka', 'user'),
    ' password=', secret('kafka', 'password')),
  `kafka.ssl.truststore.password` => secret("kafka", "store")
);
CREATE STREAMING TABLE clicks AS
SELECT * FROM STREAM read_kafka(
  bootstrapServers => 'broker:9092', subscribe => 'clicks', `kafka.ssl.key.password` => secret('kafka', 'key'),
  `kafka.ssl.truststore.password` => secret('kafka', 'store')
);
""",
    "kinesis.py": """
import dlt
@dlt.table
def visits():
    return spark.sql(
        "SELECT * FROM STREAM read_kinesis(streamName => 'visits', awsAccessKey => secret('aws', 'id'), "
        "awsSecretKey => secret('aws', 'key'))"
    )
""",
}


@pytest.mark.parity(
    "differs",
    "8.4",
    "A missing secret of a queue in SQL is SECRET_NOT_FOUND in its line, all of a query at once",
    "the secret is in the environment",
)
def test_each_missing_secret_is_told_in_its_line(pipeline):
    problems = pipeline(LOCKED).problems()
    assert {p.condition for p in problems} == {"SECRET_NOT_FOUND"}
    told = sorted((p.origin.file.rpartition("/")[2], p.origin.line, p.message, p.hint) for p in problems)
    sentence, hint = "Secret does not exist with scope: {} and key: {}.", "set the environment variable {}"
    assert told == [
        ("kafka.sql", 5, sentence.format("kafka", "user"), hint.format("KAFKA_USER")),
        ("kafka.sql", 6, sentence.format("kafka", "password"), hint.format("KAFKA_PASSWORD")),
        ("kafka.sql", 7, sentence.format("kafka", "store"), hint.format("KAFKA_STORE")),
        ("kafka.sql", 11, sentence.format("kafka", "key"), hint.format("KAFKA_KEY")),
        ("kafka.sql", 12, sentence.format("kafka", "store"), hint.format("KAFKA_STORE")),
        ("kinesis.py", 5, sentence.format("aws", "id"), hint.format("AWS_ID")),
        ("kinesis.py", 5, sentence.format("aws", "key"), hint.format("AWS_KEY")),
    ]


CASTS = {
    "casts.sql": """
CREATE STREAMING TABLE numbers (CONSTRAINT number EXPECT (raw?::INT IS NOT NULL)) AS
SELECT id, raw, raw ?:: INT AS number, raw:a ?:: DOUBLE
FROM STREAM shop.texts WHERE raw?::DATE IS NULL;
CREATE STREAMING TABLE latest;
APPLY CHANGES INTO latest FROM STREAM shop.texts KEYS (id) APPLY AS DELETE WHEN raw?::INT < 0
SEQUENCE BY coalesce(raw?::INT, -1) COLUMNS * STORED AS SCD TYPE 1;
""",
    "casts.py": """
import dlt

@dlt.table
@dlt.expect_or_drop("number", "raw?::INT > 0")
def in_python():
    return spark.sql("SELECT id, raw FROM shop.texts WHERE id?::STRING <> :id ?:: STRING", args={"id": 3})
""",
}


@pytest.mark.parity(
    "same", "8.2", "`operand ?:: type` is try_cast, in queries, spark.sql, rules and clauses of changes"
)
def test_what_cannot_be_cast_is_null(pipeline):
    p = pipeline(CASTS)
    texts = ["7", '{"a": 1.5}', "x", "2024-01-01", "-1"]
    p.feed("shop.texts", [{"id": n, "raw": text} for n, text in enumerate(texts)], RAW)
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    assert p.rows("numbers", "id") == [
        {"id": 0, "raw": "7", "number": 7, "a": None},
        {"id": 1, "raw": '{"a": 1.5}', "number": None, "a": 1.5},
        {"id": 2, "raw": "x", "number": None, "a": None},
        {"id": 4, "raw": "-1", "number": -1, "a": None},
    ]
    assert [row["id"] for row in p.rows("latest", "id")] == [0, 1, 2, 3]
    assert p.rows("in_python") == [{"id": 0, "raw": "7"}]


REFUSED = {
    "wrong.sql": """
CREATE MATERIALIZED VIEW inferred AS
SELECT
  from_json(raw, NULL, map('schemaLocationKey', 'k')) AS j FROM shop.texts;
CREATE MATERIALIZED VIEW of_time AS
SELECT id,
  INTERVAL 1 DAY ?:: STRING AS day FROM shop.texts;
CREATE MATERIALIZED VIEW ruled (
  CONSTRAINT unusual EXPECT (raw COLLATE utf8_lcase ?:: INT > 1)
) AS SELECT raw FROM shop.texts;
CREATE MATERIALIZED VIEW no_schema AS SELECT from_json(raw, 1) AS j FROM shop.texts;
""",
    "wrong.py": """
import dlt

@dlt.table
def in_python():
    return spark.read.table("shop.texts").selectExpr("From_Json(raw, CAST(NULL AS STRING)) AS j")
""",
}
NO_CAST = (
    "Unsupported",
    "`?::` behind this operand is not supported here.",
    "write try_cast(operand AS type)",
)
NO_SCHEMA = (
    "Unsupported",
    "from_json without a schema, inferred by schemaLocationKey, is not supported here.",
    "give the schema: from_json(column, 'a INT, b STRING')",
)


@pytest.mark.parity(
    "refused", "11.2", "from_json(text, NULL, map('schemaLocationKey', ...)) in SQL", "give the schema"
)
def test_what_is_refused_in_sql_is_refused_by_name_in_its_line(pipeline):
    p = pipeline(REFUSED)
    p.feed("shop.texts", [{"id": 1, "raw": "x"}], RAW)
    told = [
        (p.origin.file.rpartition("/")[2], p.origin.line, p.condition, p.message, p.hint)
        for p in p.problems()
        if p.condition != "INVALID_SCHEMA.NON_STRING_LITERAL"
    ]
    assert sorted(told) == [
        ("wrong.py", 6, *NO_SCHEMA),
        ("wrong.sql", 4, *NO_SCHEMA),
        ("wrong.sql", 7, *NO_CAST),
        ("wrong.sql", 9, *NO_CAST),
    ]
    assert len(p.problems()) == len(told) + 1


PATHS = """
import dlt
from pyspark.sql import functions as F

@dlt.view
def of_amy():
    return spark.table("shop.stores").where("raw:owner.name = 'amy'").filter("raw:basket[0][0]?::INT = 1")

@dlt.table
def texts():
    return dlt.read("of_amy").selectExpr(["*", "raw:owner.name", "id + raw:basket[1][1]::INT AS sum"]).drop("raw")

@dlt.table
def variants():
    return spark.table("shop.stores").select("id", F.parse_json("raw").alias("v")) \\
        .selectExpr("`id`", "v:owner.name::STRING AS name", "v:basket[0][0]?::INT AS first").where(F.col("id") > 0)
"""


@pytest.mark.parity("same", "8.2", "`column:path` over texts, and `?::`, in selectExpr, filter and where")
def test_expressions_over_frames(pipeline):
    p = pipeline({"paths.py": PATHS})
    p.feed("shop.stores", [{"id": 1, "raw": json.dumps(STORE)}, {"id": 2, "raw": '{"basket": [["x"]]}'}], RAW)
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    assert p.rows("texts") == [{"id": 1, "name": "amy", "sum": 5}]
    assert p.rows("variants", "id") == [
        {"id": 1, "name": "amy", "first": 1},
        {"id": 2, "name": None, "first": None},
    ]
