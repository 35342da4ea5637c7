"""Which table stands for a source of another system: its name is made of the options that name the table."""

from __future__ import annotations

import pytest

from weir.model.needs import Need, need_in
from weir.run.code.systems import not_here, stand_in_name


@pytest.mark.parametrize(
    ("source", "options", "name"),
    [
        ("jdbc", {"url": "jdbc:postgresql://h:5432/shop", "dbTable": "Orders"}, "jdbc.default.orders"),
        ("jdbc", {"dbtable": '"public"."orders"', "user": "u", "password": "p"}, "jdbc.public.orders"),
        ("sqlserver", {"host": "h", "database": "shop", "dbtable": "[dbo].[Orders]"}, "sqlserver.`shop.dbo`.orders"),
        ("postgresql", {"host": "h", "database": "shop", "dbtable": "public.t"}, "postgresql.`shop.public`.t"),
        ("mysql", {"database": "shop", "dbtable": "t"}, "mysql.shop.t"),
        ("redshift", {"url": "jdbc:redshift://h", "dbtable": "s.t", "tempdir": "s3://x"}, "redshift.s.t"),
        ("net.snowflake.spark.snowflake", {"sfDatabase": "D", "sfSchema": "S", "dbtable": "T"}, "snowflake.`d.s`.t"),
        ("com.databricks.spark.sqldw", {"url": "x", "dbTable": "t"}, "sqldw.default.t"),
        ("mongodb", {"connection.uri": "x", "database": "shop", "collection": "users"}, "mongodb.shop.users"),
        ("cosmos.oltp", {"spark.cosmos.database": "d", "spark.cosmos.container": "c"}, "oltp.d.c"),
        ("bigquery", {"path": "project-1.data.events"}, "bigquery.`project-1.data`.events"),
        ("bigquery", {"parentProject": "p", "dataset": "d", "table": "t"}, "bigquery.d.t"),
        ("org.apache.spark.sql.cassandra", {"keyspace": "k", "table": "t"}, "cassandra.k.t"),
        ("iceberg", {"path": "s3://bucket/wh/db/orders"}, "iceberg.`s3.bucket.wh.db`.orders"),
        ("iceberg", {"path": "cat.db.orders"}, "iceberg.`cat.db`.orders"),
        ("excel", {"path": "/Volumes/a/b/x.xlsx", "dataAddress": "A1"}, "excel.`volumes.a.b`.`x.xlsx`"),
        ("deltaSharing", {"path": "/dbfs/a/b.share#share.sch.t"}, "deltasharing.`share.sch`.t"),
        ("salesforce", {"sfObject": "Account"}, "salesforce.default.account"),
        ("acme", {"path": None, "token": "x"}, None),
        ("acme", {"path": "/"}, None),
        ("jdbc", {"dbtable": "x" * 300}, None),
    ],
)  # fmt: skip
def test_the_name_is_that_of_the_table_in_its_system(source, options, name):
    assert stand_in_name(source, options) == name


def test_a_query_has_a_name_of_its_own_whatever_its_blanks_are():
    first = stand_in_name("jdbc", {"query": "SELECT a\n  FROM t"})
    assert first == stand_in_name("jdbc", {"query": "SELECT a FROM t "})
    assert first == "jdbc.query.dbfc8aa9ef14"
    others = [{"query": "SELECT b FROM t"}, {"dbtable": "(SELECT a FROM t) x"}, {"dbtable": "(SELECT 1) x"}]
    names = [stand_in_name("jdbc", options) for options in others]
    assert len({first, *names}) == 4
    assert stand_in_name("salesforce", {"soql": "SELECT Id FROM Account"}) != stand_in_name("salesforce", {})


def test_what_is_not_here_asks_for_its_table():
    options = {"dbtable": "(SELECT *\nFROM t) x"}
    problem = not_here("jdbc", options, stand_in_name("jdbc", options))
    assert problem.message == (
        "The source `jdbc` with the query `(SELECT * FROM t) x` is not on this machine."
    )
    need = need_in(not_here("jdbc", {}, "jdbc.`a.b`.t").hint)
    assert need == Need("table", "jdbc.`a.b`.t")
    assert need.flag == "--table 'jdbc.`a.b`.t'=FOLDER"
    without = not_here("acme", {}, None)
    assert (without.condition, without.hint, need_in(without.hint)) == (
        "DATA_SOURCE_NOT_FOUND",
        "read it as a table, spark.read.table(name), and pass --table NAME=FOLDER",
        None,
    )
