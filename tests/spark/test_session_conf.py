"""Entries of the session's configuration hold for a flow or a pipeline, and leave nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from weir.model.problems import WeirError
from weir.model.settings import Selection

DEFAULTS = "spark.databricks.delta.properties.defaults"

BY_DELTA = {"spark.sql.parquet.fieldId.read.enabled", "spark.sql.parquet.fieldId.write.enabled"}


def changed(spark, before):
    """Entries of the session that are not as they were, but for those that Delta sets itself."""
    return {k for k, _ in spark.conf.getAll.items() ^ before.items()} - BY_DELTA


def test_jars_that_few_pipelines_need_stand_behind_what_a_class_archive_knows(spark):
    path = spark._jvm.java.lang.System.getProperty("java.class.path").split(os.pathsep)  # noqa: SLF001
    few = ("avro", "commons-pool2", "kafka")
    own, delta = [Path(jar).name for jar in path[:2]], path[2:7]
    rest = [any(name in Path(jar).name for name in few) for jar in path[-5:]]
    assert own == ["no-cluster.jar", "weir-classes.jar"]
    assert all(Path(jar).name.startswith("delta-") for jar in delta)
    assert rest == [True] * 5


def test_jobs_are_not_told_of_clusters_that_are_not_here(spark):
    hadoop = spark._jsc.hadoopConfiguration()  # noqa: SLF001
    entries = {prefix: hadoop.getPropsWithPrefix(f"{prefix}.") for prefix in ("yarn", "mapreduce", "fs")}
    assert {prefix: dict(found) for prefix, found in entries.items() if prefix != "fs"} == {
        "yarn": {},
        "mapreduce": {"fileoutputcommitter.algorithm.version": "1"},  # Spark's
    }
    assert (entries["fs"]["defaultFS"], "s3a.connection.maximum" in entries["fs"]) == ("file:///", True)


@pytest.mark.parity("same", "1.3", "A spark_conf that Spark rejects is reported with its place")
def test_a_bad_spark_conf_is_a_problem_and_nothing_of_it_stays(pipeline, spark):
    p = pipeline("""
import dlt, sys
FALSE = {"spark.sql.ansi.enabled": "false", "my.key": "1"}

@dlt.table(spark_conf={**FALSE, "spark.sql.warehouse.dir": "/x"})
def static():
    return spark.range(1)
@dlt.table(spark_conf={**FALSE, "spark.sql.shuffle.partitions": "many"})
def invalid():
    return spark.range(1)
@dlt.table(spark_conf={**FALSE, "spark.executor.memory": "1g"})
def core():
    return spark.range(1)
@dlt.table
def ends():
    sys.exit("enough")
@dlt.view
def below():
    sys.exit()
@dlt.table
def good():
    return spark.range(1)
""")
    before = spark.conf.getAll
    assert {(x.condition, x.message, x.origin.line) for x in p.problems()} == {
        (
            "CANNOT_MODIFY_STATIC_CONFIG",
            "Spark does not take `spark.sql.warehouse.dir`: "
            'Cannot modify the value of the static Spark config: "spark.sql.warehouse.dir".',
            5,
        ),
        (
            "INVALID_CONF_VALUE.TYPE_MISMATCH",
            "Spark does not take `spark.sql.shuffle.partitions`: The value 'many' in the config "
            "\"spark.sql.shuffle.partitions\" is invalid. It should be a/an 'int' value.",
            8,
        ),
        (
            "CANNOT_MODIFY_CONFIG",
            "Spark does not take `spark.executor.memory`: Cannot modify the value of the Spark config: "
            '"spark.executor.memory".',
            11,
        ),
        ("QUERY_FUNCTION_FAILED", "SystemExit: enough", 16),
        ("QUERY_FUNCTION_FAILED", "SystemExit: ", 19),
    }
    assert changed(spark, before) == set()


def test_bad_entries_of_a_pipeline_come_together_and_others_are_told_to_have_no_effect(pipeline, spark):
    said = []
    p = pipeline("import dlt\n@dlt.table\ndef t():\n    return spark.range(1)\n", say=said.append)
    before = spark.conf.getAll
    p.configuration = {
        "a.key": "1",
        "spark.sql.shuffle.partitions": "many",
        "spark.sql.ansi.enabled": "maybe",
    }
    with pytest.raises(WeirError) as found:
        p.graph()
    assert [x.condition for x in found.value.problems] == ["INVALID_CONF_VALUE.TYPE_MISMATCH"] * 2
    p.configuration = {
        "spark.executor.memory": "1g",
        "spark.sql.warehouse.dir": "/x",
        "spark.ui.enabled": "false",
    }
    assert p.problems() == ()
    only_new = "has no effect: it must be set before the session starts"
    assert said == [f"spark.executor.memory=1g {only_new}", f"spark.sql.warehouse.dir=/x {only_new}"]
    assert changed(spark, before) == set()


def problem_at_start(folder, entry, **environment):
    (folder / "p.py").write_text("")
    command = [
        sys.executable,
        "-c",
        "from weir.cli import main; main()",
        "validate",
        "p.py",
        "--json",
        "--conf",
    ]
    ended = subprocess.run(
        [*command, entry],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    (problem,) = json.loads(ended.stdout)["problems"]
    return ended.returncode, problem["condition"], problem["message"], problem["hint"]


def test_an_entry_with_which_spark_does_not_start_is_a_problem(tmp_path):
    code, condition, message, _ = problem_at_start(tmp_path, "spark.sql.shuffle.partitions=many")
    assert (code, condition) == (2, "INVALID_CONF_VALUE.TYPE_MISMATCH")
    assert message.startswith("Spark does not start with this configuration: ")
    assert "spark.sql.shuffle.partitions" in message


def test_a_java_that_ends_before_spark_starts_is_told_with_its_last_lines(tmp_path):
    code, condition, message, hint = problem_at_start(tmp_path, "a=b", JAVA_TOOL_OPTIONS="-Xmx1nonsense")
    assert (code, condition) == (2, "JAVA_GATEWAY_EXITED")
    assert message.startswith("Java ended before Spark started. Its last lines: ")
    assert "Invalid maximum heap size: -Xmx1nonsense" in message
    assert "JAVA_TOOL_OPTIONS" in hint


def test_columns_are_learned_of_files_and_the_session_is_as_before(pipeline, spark, tmp_path):
    spark.conf.unset("spark.sql.caseSensitive")
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing/1.json").write_text('{"id": 1}')
    source = """
import dlt

@dlt.table
def files():
    read = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
    return read.load(spark.conf.get("landing"))
"""
    p = pipeline(source, configuration={"landing": str(tmp_path / "landing")})
    assert [d.error for d in p.update().datasets] == [None]
    assert spark.conf.get("spark.sql.caseSensitive", None) is None


@pytest.mark.parity(
    "same", "5.2", "A materialized view is its query's result, whatever partitionOverwriteMode says"
)
def test_what_is_overwritten_is_replaced_as_a_whole(pipeline):
    source = """
import dlt

@dlt.table(partition_cols=["p"])
def view():
    return spark.read.table("given").groupBy("p").count()

@dlt.table(partition_cols=["p"], schema="p INT NOT NULL, q INT")
def stream():
    return spark.readStream.table("given").selectExpr("CAST(p AS INT) AS p", "1 AS q").where("p IS NOT NULL")
"""
    p = pipeline(source, configuration={"spark.sql.sources.partitionOverwriteMode": "dynamic"})
    p.feed("given", [{"p": 1}])
    p.update()
    (p.folder / "sources/pipeline.py").write_text(source.replace('groupBy("p")', 'groupBy(F.expr("p + 1 AS p"))').replace(
        "import dlt", "import dlt\nfrom pyspark.sql import functions as F"))  # fmt: skip
    for selection in (None, Selection(full_refresh_all=True)):
        assert [d.error for d in p.update(selection).datasets if d.error] == []
        assert (p.rows("view"), p.rows("stream")) == ([{"p": 2, "count": 1}], [{"p": 1, "q": 1}])


@pytest.mark.parity(
    "same", "5.3", "New tables have the properties that `spark.databricks.delta.properties.defaults.*` names"
)
@pytest.mark.parity("same", "1.3", "Columns by which a table is partitioned are named without case")
def test_new_tables_have_the_properties_of_the_configuration(pipeline):
    default = f"{DEFAULTS}.enableChangeDataFeed"
    p = pipeline(
        """
import dlt

@dlt.table(partition_cols=["P"])
def stream():
    return spark.readStream.table("given")

@dlt.table(partition_cols=["P"], table_properties={"delta.enableChangeDataFeed": "false"})
def view():
    return spark.read.table("given")

@dlt.table
def feed():
    return spark.readStream.option("readChangeFeed", "true").table("stream").selectExpr("p", "_change_type AS kind")
""",
        configuration={default: "true", f"{DEFAULTS}.delta.feature.timestampNtz": "supported"},
    )
    for value in (1, 2):
        p.feed("given", [{"p": value, "v": value}])
        assert [d.error for d in p.update().datasets if d.error] == []
    assert p.rows("feed", "p") == [{"p": n, "kind": "insert"} for n in (1, 2)]
    states = [p.storage.state(f"main.default.{name}") for name in ("stream", "view")]
    assert [(s.partition_columns, s.properties["delta.enableChangeDataFeed"]) for s in states] == [
        (("p",), "true"), (("p",), "false")
    ]  # fmt: skip


def test_a_table_whose_log_is_broken_is_told(pipeline):
    p = pipeline("import dlt\n\n@dlt.table\ndef t():\n    return spark.range(1)\n")
    p.update()
    folder = p.storage.table("main.default.t")
    (folder / "_delta_log/00000000000000000001.json").write_text("{")
    with pytest.raises(WeirError) as told:
        p.update()
    assert [problem.condition for problem in told.value.problems] == ["DELTA_STATE_RECOVER_ERROR"]
    assert str(folder) in told.value.problems[0].message


@pytest.mark.parity(
    "same",
    "5.3",
    "spark.conf.get tells the id, catalog and schema of the pipeline, and that it is Unity Catalog's",
)
def test_code_asks_what_pipeline_it_is_in(pipeline):
    p = pipeline("""
import dlt
asked = ("spark.databricks.unityCatalog.enabled", "pipelines.catalog", "pipelines.schema", "pipelines.id")
told = tuple(spark.conf.get(key) for key in asked)

@dlt.table
def t():
    return spark.createDataFrame([told], "uc STRING, catalog STRING, schema STRING, id STRING")
""", configuration={"pipelines.schema": "mine"})  # fmt: skip
    p.update()
    (row,) = p.rows("t")
    assert (row["uc"], row["catalog"], row["schema"], len(row["id"])) == ("true", "main", "mine", 36)
