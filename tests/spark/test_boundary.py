"""A query function writes nothing, sees the pipeline and leaves nothing in the session."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HEAD = """
import dlt
from delta.tables import DeltaTable
from pyspark.sql import SparkSession, SQLContext
PLACE = {place!r}
"""
BY_DELTA = {  # set by Delta itself, when it first needs them
    "spark.databricks.delta.lastCommitVersionInSession",
    "spark.sql.parquet.fieldId.read.enabled",
    "spark.sql.parquet.fieldId.write.enabled",
}
# What user code tries -> how it is called when it is refused.
REFUSED = {
    'df.write.mode("overwrite").parquet(PLACE)': "DataFrame.write",
    'df.write.saveAsTable("x")': "DataFrame.write",
    'df.writeTo("x").createOrReplace()': "DataFrame.writeTo",
    'spark.readStream.format("rate").load().writeStream.start(PLACE)': "DataFrame.writeStream",
    'df.mergeInto("x", df.id == 1).whenMatched().delete().merge()': "DataFrame.mergeInto",
    "spark.sparkContext.parallelize([1]).saveAsTextFile(PLACE)": "RDD.saveAsTextFile",
    'DeltaTable.createIfNotExists(spark).tableName("x").execute()': "DeltaTable.createIfNotExists",
    "DeltaTable.forPath(spark, PLACE).delete()": "DeltaTable.forPath",
    'DeltaTable.forName(spark, "x").optimize()': "DeltaTable.forName",
    'spark.catalog.createTable("x", PLACE)': "spark.catalog.createTable",
    'spark.catalog.setCurrentDatabase("x")': "spark.catalog.setCurrentDatabase",
    "spark.catalog.listTables()": "spark.catalog.listTables",
    'spark.catalog.listColumns("x")': "spark.catalog.listColumns",
    'df.createGlobalTempView("g")': "DataFrame.createGlobalTempView",
    "spark.sparkContext.textFile(PLACE)": "spark.sparkContext.textFile",
    'spark.read.changes("x")': "DataFrameReader.changes",
    "spark.newSession()": "spark.newSession",
    "spark.streams.active": "spark.streams",
    "SQLContext(spark.sparkContext, spark).tableNames()": "SQLContext.tableNames",
    'SQLContext(spark.sparkContext, spark).cacheTable("x")': "SQLContext.cacheTable",
    "from pyspark.ml.feature import Binarizer; Binarizer().save(PLACE)": "MLWriter.save",
    "from pyspark.ml import Pipeline; Pipeline(stages=[]).write().overwrite().save(PLACE)": "MLWriter.save",
    "spark.stop()": "spark.stop",
}
# These change the session for as long as the pipeline is open: the top level of a source file may do that.
REFUSED_IN_FUNCTIONS = {
    'spark.conf.set("spark.sql.ansi.enabled", "false")': "spark.conf.set",
    'SparkSession.builder.config("spark.sql.ansi.enabled", "false").getOrCreate()': "SparkSession.builder.config",
    'SQLContext(spark.sparkContext, spark).setConf("spark.sql.ansi.enabled", "false")': "SQLContext.setConf",
}
SWALLOWED = "    try:\n        {statement}\n    except Exception:\n        pass\n"
STATED = "    if df.columns:\n        {statement}\n\n\n"


def query_functions(statements):
    """A function for each statement, on lines 11, 20, 29; every other function catches what it raises."""
    texts = []
    for number, statement in enumerate(statements):
        form = (SWALLOWED if number % 2 else STATED).format(statement=statement)
        texts.append(
            f"\n@dlt.table(name='t{number}')\ndef _():\n    df = spark.range(3)\n{form}    return df\n"
        )
    return "".join(texts)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A file of the user's, which has to stay as it is."""
    (tmp_path / "precious").mkdir()
    pq.write_table(pa.table({"id": [1, 2]}), tmp_path / "precious/rows.parquet")
    return tmp_path / "precious"


def contents(place):
    return sorted(str(f.relative_to(place)) for f in place.rglob("*")), pq.read_table(
        place / "rows.parquet"
    ).to_pylist()


@pytest.mark.parity("refused", "1.6", "Writes in a query function (save, saveAsTable, writeTo, start, merge)",
                    "return the rows")  # fmt: skip
@pytest.mark.parity("refused", "1.6", "spark.catalog and DeltaTable in a query function, but for tableExists",
                    "read by name")  # fmt: skip
def test_what_a_query_function_may_not_do_is_refused_by_name_and_never_done(pipeline, place):
    statements = {**REFUSED, **REFUSED_IN_FUNCTIONS}
    p = pipeline(HEAD.format(place=str(place)) + query_functions(statements))
    before = contents(place)
    found = [(x.condition, x.message, (x.origin.line - 11) / 9) for x in p.problems()]
    assert sorted(found, key=lambda x: x[2]) == [
        ("Unsupported", f"{name} in a query function is not supported here.", number)
        for number, name in enumerate(statements.values())
    ]
    assert contents(place) == before


@pytest.mark.parity("refused", "1.6", "Writes at the top level of a source file", "write before the update")
def test_every_verb_loads_the_sources_so_that_they_write_nothing_either(pipeline, place):
    head = HEAD.format(place=str(place)) + "df = spark.range(3)\n"
    swallowed = "try:\n    {}\nexcept Exception:\n    pass\n"
    p = pipeline(
        {
            f"f{number:02}.py": head + (swallowed.format(statement) if number % 2 else f"{statement}\n")
            for number, statement in enumerate(REFUSED)
        }
    )
    before = contents(place)
    found = sorted((x.origin.file, x.condition, x.message, x.origin.line) for x in p.problems())
    assert [f[1:] for f in found] == [
        ("Unsupported", f"{name} at the top level of a source file is not supported here.", 7 + number % 2)
        for number, name in enumerate(REFUSED.values())
    ]
    assert contents(place) == before


ACTIONS = (
    "df.collect()", "df.count()", "df.first()", "df.head()", "df.take(1)", "df.isEmpty()", "df.toPandas()",
    "list(df.toLocalIterator())", "df.foreach(print)", "df.foreachPartition(list)", "df.rdd.map(len).collect()",
    "df.toJSON().collect()", "df.checkpoint(eager=False)", "df.localCheckpoint(eager=False)", "df.inputFiles()",
    'df.approxQuantile("id", [0.5], 0.0)', 'df.stat.approxQuantile("id", [0.5], 0.0)', 'df.corr("id", "id")',
    'df.stat.cov("id", "id")', 'df.crosstab("id", "id")', "df.limit(1).transpose()", "df.toArrow()",
    'df.groupBy("id").pivot("id").count()', 'df.groupBy("id").pivot("id", None).count()',
    "len(df.pandas_api())", 'StringIndexer(inputCol="id", outputCol="i").fit(df)',
    'RegressionEvaluator(labelCol="id", predictionCol="id").evaluate(df.selectExpr("double(id) AS id"))',
    'df.observe(o := Observation(), F.count("*").alias("n")).collect(), o.get',
)  # fmt: skip


LOOKS = """
import dlt
spark.sparkContext.setCheckpointDir({folder!r})

@dlt.table
def numbers():
    return spark.range(5)

@dlt.table
def looked():
    df = dlt.read("numbers")
    middle = int(df.approxQuantile("id", [0.5], 0.0)[0])
    whole = df.stat.corr("id", "id")
    greatest = max(df.rdd.map(lambda r: r["id"]).collect())
    columns = len(df.limit(2).transpose().columns)
    return spark.createDataFrame([(middle, whole, greatest, columns)], "a int, b double, c int, d int")
"""
NO_ROWS = """
@dlt.table(name='t{number}')
def _():
    df = dlt.read('numbers')
    {action}
    return 1 / 0
"""


def test_all_that_looks_at_data_waits_for_the_data(pipeline, tmp_path):
    functions = [NO_ROWS.format(number=n, action=action) for n, action in enumerate(ACTIONS)]
    imports = """import dlt
from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.feature import StringIndexer
from pyspark.sql import Observation, functions as F
"""
    files = {"looks.py": LOOKS.format(folder=str(tmp_path)), "no_rows.py": imports + "".join(functions)}
    p = pipeline(files)
    assert p.problems() == ()
    (tmp_path / "sources/no_rows.py").unlink()
    assert p.update().exit_code == 0
    assert p.rows("looked") == [{"a": 2, "b": 1.0, "c": 4, "d": 3}]


NAMES = """
import dlt, threading
from concurrent.futures import ThreadPoolExecutor
from pyspark.sql import SparkSession

spark.range(7).createOrReplaceTempView("seven")
spark.conf.set("my.top", "level")
try:
    spark.conf.set("spark.sql.warehouse.dir", "/elsewhere")
except Exception:
    pass
spark.udf.register("twice", lambda x: 2 * x, "long")

@dlt.table
def told():
    catalog = spark.catalog
    known = [catalog.tableExists(n) for n in ("zlast", "default.told", "seven", "other", "a.b.c.d")]
    known += [catalog.tableExists("zlast", "default"), catalog.tableExists(tableName="zlast", dbName="other")]
    place = f"{catalog.currentCatalog()}.{catalog.currentDatabase()}.{spark.conf.get('my.top')}"
    return spark.createDataFrame([(known, place)], "known array<boolean>, place string")

@dlt.table
def careful():
    try:
        return spark.table(tableName="zlast")
    except:
        return spark.range(100)

@dlt.table
def in_threads():
    found = []
    thread = threading.Thread(target=lambda: found.append(spark.read.table(tableName="zlast")))
    thread.start()
    thread.join()
    with ThreadPoolExecutor() as pool:
        found += pool.map(dlt.read, ["careful", "view"])
    return found[0].join(found[1], "id").join(found[2], "id")

@dlt.view
def view():
    return spark.range(100)

@dlt.table
def own_views():
    dlt.read("zlast").filter("id = 1").createOrReplaceTempView("careful")
    frames = [spark.table("careful"), spark.sql("SELECT twice(id) AS id FROM careful"), spark.read.table("seven")]
    return frames[0].union(frames[1]).union(frames[2].filter("id = 6"))

@dlt.table
def helped():
    builder = SparkSession.builder.appName("mine").config("spark.sql.extensions", "of.ours")
    return builder.config("spark.sql.session.timeZone", "UTC").getOrCreate().table("own_views").cache()

@dlt.table
def zlast():
    return spark.range(3)
"""


@pytest.mark.parity(
    "differs",
    "1.6",
    "spark.catalog.tableExists",
    "true for every dataset of the pipeline, filled already or not",
)
def test_names_mean_the_pipelines_however_they_are_read(pipeline, spark):
    before = spark.conf.getAll
    p = pipeline(NAMES)
    assert {d.name: d.error for d in p.update().datasets if d.error} == {}
    assert p.rows("told") == [
        {"known": [True, True, True, False, False, True, False], "place": "main.default.level"}
    ]
    assert [[r["id"] for r in p.rows(t)] for t in ("careful", "in_threads")] == [[0, 1, 2]] * 2
    assert [r["id"] for r in p.rows("own_views")] == [r["id"] for r in p.rows("helped")] == [1, 2, 6]
    inputs = {d.name: sorted(d.inputs) for d in p.graph().datasets.values()}
    assert inputs["main.default.in_threads"] == ["main.default.careful", "main.default.zlast", "view"]
    assert {k for k, _ in spark.conf.getAll.items() ^ before.items()} <= BY_DELTA
    assert spark.sql("SHOW VIEWS").collect() == []
    assert not spark.catalog.functionExists("twice")


def test_what_one_function_or_pipeline_makes_in_the_session_is_none_of_the_others(pipeline):
    p = pipeline("""
import dlt
spark.conf.set("my.top", "level")
spark.range(1).createOrReplaceTempView("at_top")

@dlt.table
def makes():
    spark.range(1).createOrReplaceTempView("made")
    return spark.table("made")

@dlt.table
def reads():
    return spark.table("made")
""")
    assert [(x.condition, x.origin.line) for x in p.problems()] == [("TABLE_OR_VIEW_NOT_FOUND", 13)]
    other = pipeline("""
import dlt
@dlt.table
def t():
    assert spark.conf.get("my.top", None) is None
    return spark.sql("SELECT * FROM at_top")
""")
    assert [(x.condition, x.origin.line) for x in other.problems()] == [("TABLE_OR_VIEW_NOT_FOUND", 6)]


QUALIFIED = """
import dlt

@dlt.table
def pets():
    return spark.range(2).selectExpr("id", "named_struct('id', -id) AS pets")

@dlt.table(name="`kinds of pets`")
def kinds():
    return spark.range(2).selectExpr("id", "'dog' AS kind")

@dlt.table
def joined():
    both = dlt.read("pets").join(spark.table("`kinds of pets`"), "id").join(spark.read.table("ev"), "id")
    return both.select("pets.id", "`kinds of pets`.kind", "ev.name")

@dlt.table
def streamed():
    return spark.readStream.table("pets").where("pets.id = 1").selectExpr("PETS.*", "pets.pets.id AS least")
"""


@pytest.mark.parity("same", "1.5", "The name of a table stands before its columns in Python, too")
def test_columns_may_be_named_with_their_table(pipeline):
    p = pipeline(QUALIFIED)
    p.feed("ev", [{"id": 1, "name": "Luna"}])
    assert {d.name: d.error for d in p.update().datasets if d.error} == {}
    assert p.rows("joined") == [{"id": 1, "kind": "dog", "name": "Luna"}]
    assert p.rows("streamed") == [{"id": 1, "pets": {"id": -1}, "least": -1}]
    (p.sources[0] / "pipeline.py").write_text(QUALIFIED.replace('"ev.name"', '"ev.nmae"'))
    assert [x.hint for x in p.problems()] == ["did you mean `ev.name`?"]
