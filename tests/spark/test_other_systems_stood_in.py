"""Sources that Spark itself lacks: databases, warehouses and services, for which a table stands."""

from __future__ import annotations

import pytest

PIPELINE = """
import dlt
POSTGRES = dict(url="jdbc:postgresql://db/shop", user="u", password="p")

@dlt.table
def orders():
    return spark.read.format("jdbc").options(**POSTGRES, dbtable="public.orders").load()

@dlt.table
def people():
    return spark.read.jdbc(POSTGRES["url"], "people", properties={"driver": "org.postgresql.Driver"})

@dlt.table
def big():
    return spark.read.format("jdbc").options(**POSTGRES).option("query", "SELECT * FROM orders WHERE n > 1").load()

@dlt.table
def users():
    source = spark.readStream.format("mongodb").option("database", "shop").schema("id BIGINT, name STRING")
    return source.load(collection="users")

@dlt.table
def visits():
    return spark.readStream.format("mongodb").schema("id BIGINT, name STRING").load("shop.landing.visits")

@dlt.table
def lake():
    return spark.read.format("iceberg").load("s3://bucket/wh/orders")

@dlt.table
def both():
    account = spark.read.format("salesforce").option("sfObject", "Account").load()
    return account.join(spark.read.table("pg.public.cities"), "id")
"""
UNKNOWN = """
import dlt

@dlt.table
def f():
    return spark.read.format("acme").option("token", "t").load()
"""
FLAGS = {
    7: "jdbc.public.orders",
    11: "jdbc.default.people",
    15: "jdbc.query.8c8804ccac4a",
    20: "mongodb.shop.users",
    24: "'mongodb.`shop.landing`.visits'",
    28: "'iceberg.`s3.bucket.wh`.orders'",
    32: "salesforce.default.account",
}


@pytest.mark.parity(
    "refused",
    "1.5",
    "Sources of other systems: jdbc, snowflake, mongodb, bigquery, iceberg and all that is not installed",
    "pass --table NAME=FOLDER with the name that the problem says; remote_query: read a table",
)
def test_a_source_that_is_not_here_names_its_flag(pipeline):
    p = pipeline({"a.py": PIPELINE, "b.py": UNKNOWN})
    told = {(q.origin.file[-4:], q.origin.line): (q.condition, q.hint) for q in p.problems()}
    assert told == {
        **{
            ("a.py", line): ("DATA_SOURCE_NOT_FOUND", f"pass --table {name}=FOLDER")
            for line, name in FLAGS.items()
        },
        ("a.py", 33): (
            "TABLE_OR_VIEW_NOT_FOUND",
            "if it is an outside table, pass --table pg.public.cities=FOLDER",
        ),
        ("b.py", 6): (
            "DATA_SOURCE_NOT_FOUND",
            "read it as a table, spark.read.table(name), and pass --table NAME=FOLDER",
        ),
    }


@pytest.mark.parity(
    "differs",
    "1.5",
    "The rows of a source of another system",
    "those of the table that --table gives for it, whatever the server",
)
def test_a_table_stands_for_a_source_of_another_system(spark, pipeline, tmp_path):
    cities = {"pg.public.cities": str(tmp_path / "cities")}
    spark.createDataFrame([(1, "Lima")], "id BIGINT, city STRING").write.json(cities["pg.public.cities"])
    given = {name.strip("'"): str(tmp_path / name.strip("'")) for name in FLAGS.values()}
    for name, folder in given.items():
        kind = "delta" if "d" in name else "json"
        spark.createDataFrame([(1, name)], "id BIGINT, name STRING").write.format(kind).save(folder)
    p = pipeline(PIPELINE, outside={**given, **cities})
    assert p.update().state == "COMPLETED"
    tables = ("orders", "people", "big", "users", "visits", "lake", "both")
    read = {table: [(row["id"], row["name"]) for row in p.rows(table)] for table in tables}
    assert read == {table: [(1, name)] for table, name in zip(tables, given, strict=True)}
