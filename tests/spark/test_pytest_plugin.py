"""The kit as strangers use it: a project of theirs, pytest, and what it says when a test is wrong."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.warm import lent

pytest_plugins = ["pytester"]
HOME = os.environ["HOME"]  # pytester has another, with no jars in it
PLUGIN = ("-p", "weir.pytest_plugin", "-p", "no:cacheprovider")
SHOP = """
import dlt

@dlt.table(schema="id BIGINT, customer STRING, amount DOUBLE")
def bronze():
    return spark.readStream.table("main.raw.orders")

@dlt.table
@dlt.expect_or_drop("large", "amount >= 5")
@dlt.expect("known", "customer IS NOT NULL")
def orders():
    return dlt.read_stream("bronze")
"""
ORDERS = '''
ORDERS = """
    id | customer | amount
    1  | ana      | 20.5
    2  | luis     | 3
"""
'''
RIGHT = """
import pytest

def test_small_orders_do_not_count(pipeline):
    orders = pipeline.compute("orders", {"bronze": ORDERS})
    assert orders.rows == "id | customer | amount\\n1 | ana | 20.5"
    assert orders.counts() == {"large": (1, 1), "known": (2, 0)}

@pytest.mark.parametrize("again", [1, 2])
def test_tables_are_a_tests_own(pipeline, spark, again):
    pipeline.feed("main.raw.orders", ORDERS)
    assert pipeline.update().exit_code == 0
    assert len(pipeline.rows("orders")) == 1
    assert not [view.name for view in spark.catalog.listTables() if view.isTemporary]
    spark.range(1).createOrReplaceTempView("mine")
"""
WRONG = """
def test_a_missing_row(pipeline):
    rows = pipeline.compute("orders", {"bronze": ORDERS}).rows
    assert rows == "id | customer | amount\\n1 | ana | 20\\n2 | luis | 3"

def test_a_wrong_count(pipeline):
    assert pipeline.compute("orders", {"bronze": ORDERS}).counts() == {"large": (2, 0), "known": (2, 0)}

def test_a_rule_that_is_never_broken(pipeline):
    counts = pipeline.compute("orders", {"bronze": ORDERS}).counts()
    assert counts["known"][1] > 0

def test_a_dataset_that_is_not_there(pipeline):
    pipeline.compute("order")
"""
BETA = '''
import pytest
from pyspark.pipelines.testing import TestPipeline, test_spark
from pyspark.testing import assertDataFrameEqual

test_pipeline = TestPipeline.active()

def mock_orders(session):
    session.sql("""
        CREATE TABLE main.raw.orders AS SELECT * FROM VALUES
            (1, 'ana', 20.5D), (2, 'luis', 3.0D) AS t(id, customer, amount)
    """)

def test_orders(test_spark):
    mock_orders(test_spark)
    status = test_pipeline.run(test_spark, {"bronze", "orders"})
    assert status.is_success
    result = test_spark.table("main.default.orders")
    assertDataFrameEqual(result.select("customer"), test_spark.createDataFrame([("ana",)], "customer STRING"))
    test_spark.sql("INSERT INTO main.raw.orders VALUES (3, 'eva', 9.0D)")
    test_pipeline.run(test_spark, {"bronze", "orders"})
    assert test_spark.sql("SELECT count(*) AS n FROM orders").first().n == 2
    log = test_spark.table(status.event_log_table_name)
    assert log.where("event_type = 'create_update'").count() > 0

def test_a_mocked_dataset_and_a_failure(test_spark):
    rows = test_spark.createDataFrame([(7, "eva", 9.0)], "id BIGINT, customer STRING, amount DOUBLE")
    rows.write.saveAsTable("main.default.bronze")
    assert test_pipeline.run(test_spark, {"orders"}).is_success
    assert [row.id for row in test_spark.read.table("orders").collect()] == [7]
    assert not test_spark.catalog.tableExists("main.raw.orders")
'''


@pytest.fixture
def shop(pytester, spark):
    """The project of a stranger; its tests run in this process, in this session."""
    pytester.makefile(".toml", weir='sources = ["src"]')
    pytester.mkdir("src").joinpath("orders.py").write_text(SHOP)
    return pytester


def test_five_lines_test_a_dataset_and_a_few_more_the_pipeline(shop):
    shop.makepyfile(ORDERS + RIGHT)
    shop.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=3)


def test_a_test_fails_when_it_should_and_says_what_is_different(shop):
    shop.makepyfile(ORDERS + WRONG)
    told = shop.runpytest_inprocess(*PLUGIN, "-vv")
    told.assert_outcomes(failed=4)
    told.stdout.fnmatch_lines([
        "*rows: 0 as expected, 1 different, 1 missing (key: id)",
        "*~ 1  | ana      | 20.0 -> 20.5",
        "*- 2  | luis     | 3.0",
        "*rules of main.default.orders:",
        "*~ large (drop: amount >= 5) passed 1, failed 1; expected passed 2, failed 0",
        "*  known (warn: customer IS NOT NULL) passed 2, failed 0",
        "*assert 0 > 0",
        "*DATASET_NOT_FOUND*The pipeline has no table `order`.",
    ])  # fmt: skip


def test_a_test_file_of_databricks_runs_as_it_is(shop, spark):
    databases = {database.name for database in spark.catalog.listDatabases()}
    shop.makepyfile(BETA)
    shop.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=2)
    assert {database.name for database in spark.catalog.listDatabases()} == databases


def test_a_test_run_uses_the_warm_engine(shop, spark, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", HOME)
    (tmp_path / "engine").mkdir(mode=0o700)
    path = tmp_path / "engine" / "engine.sock"
    application = spark.sparkContext.applicationId
    same = f"def test_it(spark): assert spark.sparkContext.applicationId == {application!r}"
    shop.makepyfile(f"{ORDERS}\n{RIGHT}\n{same}")
    command = [sys.executable, "-m", "pytest", "-q", *PLUGIN]
    with lent(spark, path):
        environment = {**os.environ, "WEIR_ENGINE": str(path)}
        done = subprocess.run(
            command, cwd=shop.path, env=environment, capture_output=True, text=True, timeout=240, check=False
        )
    assert (done.returncode, done.stdout.splitlines()[-1][:8]) == (0, "4 passed"), done.stdout
