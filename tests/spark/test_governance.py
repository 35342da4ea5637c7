"""What a group sees, and attempts to see more: each is refused by name or gives the masked, filtered rows."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from tests.copies import made_in
from weir.model.problems import WeirError
from weir.testing import PipelineUnderTest, as_group, write_sources

SOURCE = """
import dlt

dlt.create_streaming_table(
    "silver.people",
    schema="id BIGINT, name STRING, mail STRING MASK rules.hide USING COLUMNS (name), region STRING, pay DOUBLE MASK rules.nothing",
    partition_cols=["region"],
    row_filter="ROW FILTER rules.near ON (region)",
)

@dlt.append_flow(target="silver.people")
def people():
    return spark.readStream.table("bronze.raw")

@dlt.table(name="bronze.raw")
def raw():
    return spark.readStream.table("outside.came.people")

@dlt.table(name="gold.totals", row_filter="ROW FILTER rules.near ON (region)")
def totals():
    return dlt.read("silver.people").groupBy("region").count()

@dlt.table(name="gold.open")
def open_to_all():
    return spark.sql("SELECT id, name FROM silver.people")

@dlt.table(name="silver.secret", private=True)
def secret():
    return dlt.read("silver.people")
"""
BUNDLE = """
bundle: {name: shop}
resources:
  schemas:
    silver: {catalog_name: main, name: silver, grants: [{principal: analysts, privileges: &may [USE_SCHEMA, SELECT]},
      {principal: engineers, privileges: *may}, {principal: tellers, privileges: [USE_SCHEMA]}]}
    gold: {catalog_name: main, name: gold, grants: [{principal: analysts, privileges: *may}, {principal: engineers, privileges: *may}]}
    bronze: {catalog_name: main, name: bronze, grants: [{principal: engineers, privileges: *may}]}
  jobs:
    governance: {tasks: [{task_key: f, sql_task: {warehouse_id: x, file: {path: functions.sql}}}]}
"""
FUNCTIONS = """
USE CATALOG main;
CREATE OR REPLACE FUNCTION rules.trusted() RETURNS BOOLEAN RETURN is_account_group_member('engineers');
CREATE OR REPLACE FUNCTION rules.hide(mail STRING, name STRING) RETURNS STRING
  RETURN CASE WHEN rules.trusted() OR name = current_user() THEN mail ELSE concat('***@', split_part(mail, '@', 2)) END;
CREATE OR REPLACE FUNCTION rules.nothing(pay DOUBLE) RETURNS DOUBLE RETURN CASE WHEN rules.trusted() THEN pay END;
CREATE OR REPLACE FUNCTION rules.near(region STRING) RETURNS BOOLEAN RETURN rules.trusted() OR region = 'north';
"""
FIRST = [
    {"id": 1, "name": "Ana", "mail": "ana@x.org", "region": "north", "pay": 101.5},
    {"id": 2, "name": "Bob", "mail": "bob@y.org", "region": "south", "pay": 202.5},
    {"id": 3, "name": "Cid", "mail": "cid@x.org", "region": "north", "pay": 303.5},
]
LATER = [
    {"id": 4, "name": "Dee", "mail": "dee@z.org", "region": "south", "pay": 404.5},
    {"id": 5, "name": "Eva", "mail": "eva@x.org", "region": None, "pay": 505.5},
]
SECRETS = ("ana@", "bob@", "cid@", "dee@", "eva@", "y.org", "z.org", "south", "101.5", "202.5", "303.5", "404.5", "505.5", "Bob", "Dee")  # fmt: skip
SHOWN = [(1, "Ana", "***@x.org", "north", None), (3, "Cid", "***@x.org", "north", None)]

NO_FILE = "INSUFFICIENT_PERMISSIONS"
NO_COMMAND = "Unsupported"
UNKNOWN = "TABLE_OR_VIEW_NOT_FOUND"
NO_COLUMN = "UNRESOLVED_COLUMN.WITH_SUGGESTION"
SYNTAX = "PARSE_SYNTAX_ERROR"


@dataclass(frozen=True)
class Governed:
    """A storage, the bundle beside it, and what the owner left lying about in Spark."""

    folder: Path
    pipeline: PipelineUnderTest
    whole: Any

    @property
    def people(self) -> Path:
        return self.pipeline.storage.table("main.silver.people")

    def session(self, group: str, **options: Any) -> Any:
        return as_group(
            group,
            spark=self.pipeline.spark,
            storage=self.pipeline.storage.root,
            folder=self.folder,
            **options,
        )


@pytest.fixture(scope="module")
def governed(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("governed")
    (folder / "databricks.yml").write_text(BUNDLE)
    (folder / "functions.sql").write_text(FUNCTIONS)
    pipeline = made_in(folder, spark, SOURCE)
    for rows in (FIRST, LATER):
        pipeline.feed("outside.came.people", rows)
        pipeline.update()
    people = pipeline.storage.table("main.silver.people")
    whole = spark.read.format("delta").load(str(people))
    made = Governed(folder, pipeline, whole)
    (folder / "linked").symlink_to(people)
    shutil.copytree(people, folder / "copied")
    whole.createOrReplaceGlobalTempView("owners_people")
    whole.createOrReplaceTempView("owners_view")
    spark.sql(f"CREATE TABLE default.registered USING delta LOCATION '{people}'")
    whole.cache().count()
    yield made
    whole.unpersist()
    spark.sql("DROP TABLE default.registered")
    spark.catalog.dropGlobalTempView("owners_people")
    spark.catalog.dropTempView("owners_view")


@pytest.fixture(scope="module")
def analysts(governed):
    with governed.session("analysts") as session:
        yield session


def outcome(attempt: Any) -> Any:
    """Rows as tuples in order, another value as it is, or the condition of the refusal; no secret in any."""
    told = ""
    try:
        found = attempt()
        found = found.collect() if hasattr(found, "collect") else found
        result = sorted((tuple(row) for row in found), key=str) if isinstance(found, list) else found
    except WeirError as error:
        told, (problem,) = str(error), error.problems
        assert problem.hint
        result = problem.condition
    except PySparkException as error:
        told, result = str(error), error.getCondition()
    assert [s for s in SECRETS if s in f"{result}{told}".replace("'south'", "")] == []
    return result


ATTEMPTS: list[tuple[str, Any]] = [
    # By name
    ("SELECT * FROM silver.people", SHOWN),
    ("SELECT * FROM main.silver.people", SHOWN),
    ("SELECT * FROM people", SHOWN),
    ("SELECT * FROM `main`.`silver`.`people`", SHOWN),
    ("SELECT * FROM MAIN . Silver . `PEOPLE`", SHOWN),
    ("SELECT * FROM /* main.bronze.raw */ silver.people -- bronze.raw", SHOWN),
    ("select p.* from\n\tsilver\n.\npeople p;", SHOWN),
    ("TABLE silver.people", SHOWN),
    ("TABLE registered", UNKNOWN),
    ("WITH x AS (TABLE registered) TABLE x", UNKNOWN),
    ("SELECT '${env:HOME}', '${system:user.home}'", [("${env:HOME}", "${system:user.home}")]),
    ("VALUES (refl${system:user.variant}ect('java.lang.System', 'getenv', 'HOME'))", SYNTAX),
    ("FROM silver.people", SHOWN),
    ("FROM silver.people |> WHERE id < 9", SHOWN),
    ("SELECT silver.people.mail FROM silver.people WHERE main.silver.people.id = 1", [("***@x.org",)]),
    ("SELECT `MAIL` FROM silver.people LIMIT 1", [("***@x.org",)]),
    ("SELECT * FROM gold.totals", [("north", 2)]),
    ("SELECT iff(true, charindex('b', 'ab'), 0)", [(2,)]),
    ("SELECT count(*) FROM gold.open", [(5,)]),
    ("SELECT * FROM bronze.raw", NO_FILE),
    ("SELECT * FROM main.bronze.raw", NO_FILE),
    ("SELECT * FROM `raw`", NO_FILE),
    ("SELECT 1 FROM bronze.raw WHERE FALSE", NO_FILE),
    ("SELECT * FROM silver.secret", UNKNOWN),
    ("SELECT * FROM silver.peopel", UNKNOWN),
    ("SELECT * FROM spark_catalog.default.registered", UNKNOWN),
    ("SELECT * FROM default.registered", UNKNOWN),
    ("SELECT * FROM registered", UNKNOWN),
    ("SELECT * FROM owners_view", UNKNOWN),
    ("SELECT * FROM global_temp.owners_people", UNKNOWN),
    ("SELECT * FROM session.owners_view", UNKNOWN),
    ("SELECT * FROM information_schema.tables", UNKNOWN),
    # By path
    ("SELECT * FROM delta.`{people}`", NO_FILE),
    ("SELECT * FROM DELTA . `{people}`", NO_FILE),
    ("SELECT * FROM `delta`.`{people}`", NO_FILE),
    ("SELECT * FROM delta.`file:{people}`", NO_FILE),
    ("SELECT * FROM delta.`file://{people}/../people`", NO_FILE),
    ("SELECT * FROM delta.`{people}@v0`", NO_FILE),
    ("SELECT * FROM delta.`{people}` VERSION AS OF 0", NO_FILE),
    ("SELECT * FROM parquet.`{people}`", NO_FILE),
    ("SELECT * FROM parquet.`{people}/region=*`", NO_FILE),
    ("SELECT * FROM parquet.`{people}/*/*.parquet`", NO_FILE),
    ("SELECT * FROM json.`{people}/_delta_log`", NO_FILE),
    ("SELECT * FROM text.`{people}/_delta_log`", NO_FILE),
    ("SELECT * FROM csv.`{people}/_delta_log`", NO_FILE),
    ("SELECT * FROM binaryFile.`{people}`", NO_FILE),
    ("SELECT * FROM delta.`{folder}/linked`", NO_FILE),
    ("SELECT * FROM delta.`{folder}/copied`", NO_FILE),
    ("SELECT * FROM delta.`{folder}/outside/outside.came.people`", NO_FILE),
    ("SELECT * FROM text.`/etc/hostname`", NO_FILE),
    ("SELECT * FROM org.apache.spark.sql.delta.sources.DeltaDataSource.`{people}`", NO_FILE),
    ("SELECT * FROM spark_catalog.delta.`{people}`", NO_FILE),
    ("SELECT * FROM delta.people", UNKNOWN),
    ("SELECT * FROM people JOIN delta.`{people}` d USING (id)", NO_FILE),
    ("WITH x AS (SELECT * FROM delta.`{people}`) SELECT * FROM x", NO_FILE),
    ("SELECT (SELECT max(mail) FROM delta.`{people}`)", NO_FILE),
    ("SELECT * FROM silver.people WHERE id IN (SELECT id FROM parquet.`{people}`)", NO_FILE),
    ("SELECT * FROM silver.people UNION ALL SELECT * FROM delta.`{people}`", NO_FILE),
    ("SELECT * FROM read_files('{people}')", NO_COMMAND),
    ("SELECT * FROM table_changes('silver.people', 0)", NO_COMMAND),
    ("SELECT * FROM table_changes_by_path('{people}', 0)", NO_COMMAND),
    ("SELECT * FROM cloud_files('{people}')", NO_COMMAND),
    ("SELECT * FROM STREAM(silver.people)", NO_COMMAND),
    ("SELECT * FROM STREAM delta.`{people}`", NO_COMMAND),
    # Names that are put together
    ("SELECT * FROM IDENTIFIER('delta.`{people}`')", NO_COMMAND),
    ("SELECT * FROM IDENTIFIER('del' || 'ta.`{people}`')", NO_COMMAND),
    ("SELECT * FROM identifier /* x */ ('main.bronze.raw')", NO_COMMAND),
    ("SELECT IDENTIFIER('mail') FROM silver.people", NO_COMMAND),
    ("SELECT IDENTIFIER('ref' || 'lect')('java.lang.System', 'getProperty', 'user.dir')", NO_COMMAND),
    ("EXECUTE IMMEDIATE 'SELECT * FROM delta.`{people}`'", NO_COMMAND),
    ("BEGIN SELECT * FROM delta.`{people}`; END", NO_COMMAND),
    ("DECLARE VARIABLE x STRING DEFAULT 'delta'", NO_COMMAND),
    ("SELECT * FROM silver.people; SELECT * FROM delta.`{people}`", SYNTAX),
    ("SELECT reflect('java.nio.file.Files', 'list', '{people}')", NO_COMMAND),
    ("SELECT java_method('java.lang.System', 'getenv', 'HOME')", NO_COMMAND),
    ("SELECT try_reflect ('java.lang.System', 'getenv', 'HOME')", NO_COMMAND),
    ("SELECT `reflect`('java.lang.System', 'getenv', 'HOME')", NO_COMMAND),
    ("VALUES (system.builtin.reflect('java.lang.System', 'getenv', 'HOME'))", NO_COMMAND),
    ("SELECT input_file_name() FROM silver.people", NO_COMMAND),
    ("SELECT _metadata.file_path FROM silver.people", NO_COLUMN),
    ("SELECT _metadata FROM people", NO_COLUMN),
    ("SELECT * FROM silver.people WHERE _metadata.row_index >= 0", NO_COLUMN),
    # Names that mean something else
    ("WITH people AS (SELECT 7 AS id) SELECT * FROM people", [(7,)]),
    ("WITH people AS (SELECT mail FROM silver.people) SELECT * FROM people", [("***@x.org",), ("***@x.org",)]),
    ("WITH people AS (SELECT mail FROM people) SELECT max(mail) FROM people", [("***@x.org",)]),
    ("WITH raw AS (SELECT 1 AS x) SELECT * FROM bronze.raw", NO_FILE),
    ("WITH a AS (SELECT * FROM raw), raw AS (SELECT 1) SELECT * FROM a", NO_FILE),
    ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT max(n) FROM r JOIN people ON n = id", [(3,)]),
    ("WITH RECURSIVE r(n) AS (SELECT id FROM parquet.`{people}` UNION ALL SELECT n FROM r WHERE n < 0) SELECT * FROM r", NO_FILE),
    ("SELECT * FROM silver.people AS `delta`", SHOWN),
    ("SELECT bob.* FROM silver.people bob(a, b, c, d, e)", SHOWN),
    # Joins, subqueries, sets
    ("SELECT a.mail, b.mail FROM people a JOIN silver.people b ON a.id = b.id WHERE a.id = 1", [("***@x.org", "***@x.org")]),
    ("SELECT count(*) FROM people a JOIN people b ON a.mail = b.mail", [(4,)]),
    ("SELECT o.name, p.mail FROM gold.open o LEFT JOIN people p USING (id) WHERE o.id = 3", [("Cid", "***@x.org")]),
    ("SELECT count(p.id), count(*) FROM gold.open o LEFT JOIN silver.people p USING (id)", [(2, 5)]),
    ("SELECT count(*) FROM gold.open o LEFT ANTI JOIN people p USING (id)", [(3,)]),
    ("SELECT p.id FROM people p, LATERAL (SELECT max(q.pay) AS m FROM people q WHERE q.id >= p.id) WHERE m IS NOT NULL", []),
    ("SELECT * FROM people NATURAL JOIN bronze.raw", NO_FILE),
    ("SELECT id FROM people WHERE EXISTS (SELECT 1 FROM bronze.raw)", NO_FILE),
    ("SELECT id FROM people WHERE mail = (SELECT max(mail) FROM main.bronze.raw)", NO_FILE),
    ("SELECT id FROM people WHERE EXISTS (SELECT 1 FROM people q WHERE q.mail LIKE 'ana%')", []),
    ("SELECT id FROM people WHERE mail IN (SELECT concat('cid', '@x.org'))", []),
    ("SELECT (SELECT max(pay) FROM people)", [(None,)]),
    ("SELECT id FROM people EXCEPT SELECT id FROM gold.open", []),
    ("SELECT id FROM gold.open INTERSECT SELECT id FROM people", [(1,), (3,)]),
    ("SELECT mail FROM people UNION SELECT mail FROM silver.people", [("***@x.org",)]),
    # Looking through masks and filters
    ("SELECT id FROM people WHERE mail LIKE 'ana%'", []),
    ("SELECT id FROM people WHERE pay > 0 OR pay <= 0", []),
    ("SELECT id FROM people WHERE region <> 'north'", []),
    ("SELECT id FROM people WHERE region = 'south' OR region IS NULL", []),
    ("SELECT id FROM people WHERE region = 'south' OR TRUE", [(1,), (3,)]),
    ("SELECT count(*), count(pay), max(mail), min(region) FROM people", [(2, 0, "***@x.org", "north")]),
    ("SELECT sum(pay), avg(pay), stddev(pay), approx_count_distinct(pay) FROM people", [(None, None, None, 0)]),
    ("SELECT mail, count(*) FROM people GROUP BY mail HAVING count(*) > 0", [("***@x.org", 2)]),
    ("SELECT collect_set(mail), listagg(region) FROM people", [(["***@x.org"], "northnorth")]),
    ("SELECT id FROM people ORDER BY pay DESC, mail LIMIT 1 OFFSET 9", []),
    ("SELECT max_by(id, pay), min_by(id, pay) FROM people", [(None, None)]),
    ("SELECT id, rank() OVER (ORDER BY pay) FROM people", [(1, 1), (3, 1)]),
    ("SELECT id FROM people QUALIFY row_number() OVER (PARTITION BY mail ORDER BY id) = 1", [(1,)]),
    ("SELECT * FROM (SELECT region, pay FROM people) PIVOT (sum(pay) FOR region IN ('north', 'south'))", [(None, None)]),
    ("SELECT id FROM people WHERE length(mail) = 9 AND sha2(mail, 256) <> ''", [(1,), (3,)]),
    ("SELECT to_json(struct(*)) FROM people WHERE id = 1", [('{"id":1,"name":"Ana","mail":"***@x.org","region":"north"}',)]),
    ("SELECT count(*) FROM people TABLESAMPLE (100 PERCENT)", [(2,)]),
    ("SELECT count(*) FROM people VERSION AS OF 1 TABLESAMPLE (9 ROWS) p", [(2,)]),
    ("SELECT * EXCEPT (id, name, region) FROM people LIMIT 1", [("***@x.org", None)]),
    # Errors and their absence tell nothing of hidden rows
    ("SELECT id FROM people WHERE if(region = 'south', raise_error(mail), TRUE)", [(1,), (3,)]),
    ("SELECT id FROM people WHERE if(mail LIKE 'bob%', raise_error(mail), TRUE)", [(1,), (3,)]),
    ("SELECT id FROM people WHERE 1 / (id - 2) IS NOT NULL", [(1,), (3,)]),
    ("SELECT id FROM people WHERE assert_true(name <> 'B' || 'ob') IS NULL", [(1,), (3,)]),
    ("SELECT raise_error(mail) FROM people WHERE id = 1", "USER_RAISED_EXCEPTION"),
    ("SELECT CAST(mail AS INT) FROM people", "CAST_INVALID_INPUT"),
    # As it was
    ("SELECT count(*) FROM people VERSION AS OF 0", [(0,)]),
    ("SELECT * FROM silver.people VERSION AS OF 1", SHOWN),
    ("SELECT * FROM silver.people FOR VERSION AS OF 1 AS p WHERE p.id = 1", SHOWN[:1]),
    ("SELECT * FROM silver.people@v1", SHOWN),
    ("SELECT people.mail FROM main.silver.people@v1 WHERE id = 1", [("***@x.org",)]),
    ("SELECT * FROM people TIMESTAMP AS OF '2100-01-01'", "DELTA_TIMESTAMP_GREATER_THAN_COMMIT"),
    ("SELECT * FROM people VERSION AS OF 99", "DELTA_VERSION_NOT_FOUND"),
    ("SELECT * FROM people VERSION AS OF (1)", SYNTAX),
    ("SELECT * FROM people TIMESTAMP AS OF current_timestamp()", NO_COMMAND),
    ("SELECT * FROM bronze.raw VERSION AS OF 1", NO_FILE),
    ("SELECT * FROM bronze.raw@v1", NO_FILE),
    ("SELECT a.id FROM people VERSION AS OF 1 a JOIN people b ON a.mail = b.mail AND a.id <> b.id", [(1,), (3,)]),
    # Commands
    *(
        (text, NO_COMMAND)
        for text in (
            "DESCRIBE silver.people", "DESCRIBE DETAIL silver.people", "DESCRIBE HISTORY delta.`{people}`",
            "DESCRIBE EXTENDED silver.people mail", "DESCRIBE QUERY SELECT * FROM delta.`{people}`",
            "SHOW CREATE TABLE silver.people", "SHOW TABLES", "SHOW PARTITIONS delta.`{people}`",
            "SHOW TBLPROPERTIES delta.`{people}`", "SHOW FUNCTIONS",
            "EXPLAIN EXTENDED SELECT * FROM people", "EXPLAIN COST SELECT * FROM people",
            "CACHE TABLE x AS SELECT * FROM delta.`{people}`", "CACHE LAZY TABLE people",
            "SET spark.sql.codegen.wholeStage = true", "SET VAR x = 1", "RESET", "USE default",
            "USE main.bronze", "CREATE GLOBAL TEMPORARY VIEW v AS SELECT * FROM people",
            "CREATE VIEW v AS SELECT * FROM people", "CREATE TABLE t AS SELECT * FROM delta.`{people}`",
            "CREATE TEMPORARY VIEW v USING parquet OPTIONS (path '{people}')",
            "CREATE TEMPORARY FUNCTION is_account_group_member(g STRING) RETURNS BOOLEAN RETURN TRUE",
            "CREATE OR REPLACE TEMPORARY FUNCTION `weir main.rules.near`(r STRING) RETURNS BOOLEAN RETURN TRUE",
            "DROP TEMPORARY FUNCTION is_member", "INSERT INTO people VALUES (1)",
            "INSERT OVERWRITE DIRECTORY '{folder}/out' USING json SELECT * FROM delta.`{people}`",
            "WITH x AS (SELECT 1) INSERT INTO delta.`{people}` SELECT * FROM x",
            "FROM people INSERT INTO delta.`{people}` SELECT *", "DELETE FROM delta.`{people}`",
            "UPDATE delta.`{people}` SET region = 'north'", "OPTIMIZE delta.`{people}`",
            "VACUUM delta.`{people}` RETAIN 0 HOURS", "RESTORE delta.`{people}` TO VERSION AS OF 0",
            "ALTER TABLE delta.`{people}` UNSET TBLPROPERTIES ('weir.protection')",
            "MERGE INTO delta.`{people}` t USING people s ON FALSE WHEN NOT MATCHED THEN INSERT *",
            "CLEAR CACHE", "REFRESH TABLE people", "ANALYZE TABLE people COMPUTE STATISTICS",
            "ADD JAR '/tmp/x.jar'", "TRUNCATE TABLE people", "CALL system.x()",
        )
    ),
]  # fmt: skip


@pytest.mark.parity("same", "1.3", "row_filter: a group sees the rows for which the function is true")
@pytest.mark.parity("same", "1.3", "MASK: a group sees what the function makes of a column, also of others")
@pytest.mark.parametrize(("text", "expected"), ATTEMPTS)
def test_a_query_gives_what_the_group_may_see_or_is_refused(analysts, governed, text, expected):
    text = text.replace("{people}", str(governed.people)).replace("{folder}", str(governed.folder))
    assert outcome(lambda: analysts.sql(text)) == expected


def view_then(view, query):
    def ask(session, g):
        session.sql(view.replace("{people}", str(g.people)))
        return session.sql(query)

    return ask


BY_FRAME: list[tuple[str, Any, Any]] = [
    ("table", lambda s, g: s.table("silver.people"), SHOWN),
    ("a version", lambda s, g: s.table("silver.people@v1"), SHOWN),
    ("option", lambda s, g: s.read.option("versionAsOf", 1).table("people"), SHOWN),
    ("options", lambda s, g: s.read.options(VERSIONASOF="0").table("people").count(), 0),
    ("a time", lambda s, g: s.read.option("timestampAsOf", "1999-01-01").table("people"), "DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION"),
    ("no grant", lambda s, g: s.table("bronze.raw"), NO_FILE),
    ("no grant then", lambda s, g: s.read.option("versionAsOf", 1).table("bronze.raw"), NO_FILE),
    ("no name", lambda s, g: s.table(f"delta.`{g.people}`"), UNKNOWN),
    ("a path", lambda s, g: s.table(f"{g.people}"), UNKNOWN),
    ("four parts", lambda s, g: s.table("a.b.c.d"), NO_FILE),
    ("change feed", lambda s, g: s.read.option("readChangeFeed", "true").table("people"), NO_COMMAND),
    ("load", lambda s, g: s.read.load(f"{g.people}"), NO_FILE),
    ("format", lambda s, g: s.read.format("delta").load(f"{g.people}"), NO_FILE),
    ("parquet", lambda s, g: s.read.parquet(f"{g.people}"), NO_FILE),
    ("json", lambda s, g: s.read.json(f"{g.people}/_delta_log"), NO_FILE),
    ("jdbc", lambda s, g: s.read.jdbc("jdbc:x", "t"), NO_FILE),
    ("stream", lambda s, g: s.readStream.table("people"), NO_COMMAND),
    ("conf", lambda s, g: s.conf.set("spark.sql.codegen.wholeStage", "true"), NO_COMMAND),
    ("catalog", lambda s, g: s.catalog.listTables(), NO_COMMAND),
    ("udf", lambda s, g: s.udf.registerJavaFunction("f", "java.lang.String"), NO_COMMAND),
    ("newSession", lambda s, g: s.newSession(), NO_COMMAND),
    ("sparkContext", lambda s, g: s.sparkContext.textFile(f"{g.people}"), NO_COMMAND),
    ("the frame's session", lambda s, g: s.table("people").sparkSession.table("x"), NO_COMMAND),
    ("write", lambda s, g: s.table("people").write.save(f"{g.folder}/out"), NO_COMMAND),
    ("rdd", lambda s, g: s.table("people").rdd.collect(), NO_COMMAND),
    ("foreach", lambda s, g: s.table("people").foreach(print), NO_COMMAND),
    ("mapInPandas", lambda s, g: s.table("people").mapInPandas(lambda b: b, "id INT"), NO_COMMAND),
    ("explain", lambda s, g: s.table("people").explain(True), NO_COMMAND),
    ("files", lambda s, g: s.table("people").inputFiles(), NO_COMMAND),
    ("persist", lambda s, g: s.table("people").persist(), NO_COMMAND),
    ("global view", lambda s, g: s.table("people").createGlobalTempView("v"), NO_COMMAND),
    ("where", lambda s, g: s.table("people").where("mail LIKE 'bob%' OR pay > 0"), []),
    ("hidden", lambda s, g: s.table("people").where(f"id IN (SELECT id FROM delta.`{g.people}`)"), NO_FILE),
    ("hidden by name", lambda s, g: s.table("people").where("id IN (SELECT id FROM registered)"), NO_FILE),
    ("hidden in a global view", lambda s, g: s.table("people").where("id IN (SELECT id FROM global_temp.owners_people)"), NO_FILE),
    ("hidden in a column", lambda s, g: s.table("people").select(F.expr(f"(SELECT max(mail) FROM parquet.`{g.people}`)")), NO_FILE),
    ("hidden in an aggregate", lambda s, g: s.table("people").groupBy("id").agg(F.expr(f"max((SELECT max(mail) FROM delta.`{g.people}`))")), NO_FILE),
    ("hidden in an order", lambda s, g: s.table("people").orderBy(F.expr(f"(SELECT max(mail) FROM delta.`{g.people}`)")), NO_FILE),
    ("hidden in a join", lambda s, g: s.table("people").alias("a").join(s.table("people").alias("b"), F.expr(f"a.id IN (SELECT id FROM delta.`{g.people}`)")), NO_FILE),
    ("reflect", lambda s, g: s.table("people").selectExpr("reflect('java.lang.System', 'getenv', 'HOME')"), NO_COMMAND),
    ("F.reflect", lambda s, g: s.table("people").select(F.reflect(F.lit("java.lang.System"), F.lit("getenv"), F.lit("HOME"))), NO_COMMAND),
    ("file names", lambda s, g: s.table("people").select(F.input_file_name()), NO_COMMAND),
    ("python", lambda s, g: s.table("people").select(F.udf(lambda x: Path("/etc/hostname").read_text())("id")), NO_COMMAND),
    ("metadata", lambda s, g: s.table("people").select("_metadata.file_path"), NO_COLUMN),
    ("grouped", lambda s, g: s.table("people").groupBy("region").agg(F.max("mail"), F.sum("pay")), [("north", "***@x.org", None)]),
    ("pivot", lambda s, g: s.table("people").groupBy("mail").pivot("region").count(), [("***@x.org", 2)]),
    ("grouped in pandas", lambda s, g: s.table("people").groupBy("id").applyInPandas(print, "id INT"), NO_COMMAND),
    ("self join", lambda s, g: s.table("people").alias("a").join(s.table("people").alias("b"), "mail").count(), 4),
    ("pandas", lambda s, g: s.table("people").toPandas()["mail"].tolist(), [tuple("***@x.org")] * 2),
    ("arrow", lambda s, g: s.table("people").toArrow()["pay"].null_count, 2),
    ("a view", view_then("CREATE TEMP VIEW v1 AS SELECT * FROM silver.people", "SELECT * FROM v1"), SHOWN),
    ("a view of a view", view_then("CREATE OR REPLACE TEMPORARY VIEW v2 AS SELECT id, mail FROM people", "WITH x AS (SELECT * FROM v2) SELECT max(x.mail) FROM x JOIN v2 USING (id)"), [("***@x.org",)]),
    ("a view of a version", view_then("create temp view v3 as select * from people version as of 0", "SELECT count(*) FROM V3"), [(0,)]),
    ("a view of a path", view_then("CREATE TEMP VIEW v4 AS SELECT * FROM delta.`{people}`", ""), NO_FILE),
    ("a view without a grant", view_then("CREATE TEMP VIEW v5 AS SELECT * FROM bronze.raw", ""), NO_FILE),
    ("the runtime's view", lambda s, g: s.sql("SELECT * FROM __weir_governed_0"), UNKNOWN),
    ("a view in the name of a table", view_then("CREATE TEMP VIEW totals AS SELECT 7 AS id", "SELECT * FROM totals, gold.totals"), [(7, "north", 2)]),
    ("a frame of the owner", lambda s, g: s.table("people").join(g.whole, "id"), NO_FILE),
    ("rows of the owner", lambda s, g: s.table("people").union(g.whole.localCheckpoint()), NO_FILE),
]  # fmt: skip


@pytest.mark.parametrize(("attempt", "expected"), [pytest.param(*rest, id=name) for name, *rest in BY_FRAME])
def test_a_frame_gives_what_the_group_may_see_or_is_refused(analysts, governed, attempt, expected):
    assert outcome(lambda: attempt(analysts, governed)) == expected


def test_there_are_enough_attempts():
    assert len(ATTEMPTS) + len(BY_FRAME) > 200


@pytest.mark.parity(
    "same", "1.3", "an update runs as the owner: tables hold the values behind masks and filters"
)
def test_the_table_holds_everything_and_the_trusted_see_it(governed):
    assert [r["mail"] for r in governed.pipeline.rows("silver.people", "id")] == [
        r["mail"] for r in FIRST + LATER
    ]
    with governed.session("engineers") as session:
        found = session.sql("SELECT id, mail, pay, region FROM silver.people ORDER BY id").collect()
        assert [tuple(row) for row in found] == [
            (r["id"], r["mail"], r["pay"], r["region"]) for r in FIRST + LATER
        ]
        assert session.table("bronze.raw").count() == len(FIRST + LATER)


def test_a_group_without_select_reads_nothing(governed):
    with governed.session("tellers") as session:
        for table in ("silver.people", "gold.totals", "bronze.raw"):
            assert outcome(lambda table=table: session.table(table)) == NO_FILE
        with pytest.raises(
            WeirError, match=r"`tellers` has no SELECT on the schema of `main\.silver\.people`"
        ):
            session.table("people")


def test_who_asks_is_the_user_that_is_given(governed):
    with governed.session("analysts", user="Ana") as session:
        found = session.sql("SELECT id, mail FROM people ORDER BY id").collect()
    assert [tuple(row) for row in found] == [(1, "ana@x.org"), (3, "***@x.org")]


def test_a_session_that_has_ended_shows_nothing(governed):
    with governed.session("analysts") as session:
        frame = session.table("people")
    assert outcome(lambda: frame.select("id")) == NO_FILE
    assert outcome(lambda: session.table("gold.open")) == NO_FILE


def test_no_such_group_and_no_bundle(governed, tmp_path):
    with pytest.raises(WeirError, match="did you mean `analysts`"), governed.session("analyst"):
        pass
    with pytest.raises(WeirError, match="BUNDLE_NOT_FOUND"), as_group("analysts", folder=tmp_path):
        pass


EARLIER = """
import dlt

@dlt.table(name="silver.people", schema="id BIGINT, mail STRING MASK rules.nothing")
def people():
    return spark.read.table("outside.came.people").select("id", "mail")
"""
RENAMED = """
import dlt

@dlt.table(name="silver.people", schema="id BIGINT, address STRING MASK rules.nothing")
def people():
    return spark.read.table("outside.came.people").selectExpr("id", "if(id > 0, {mail}, '') AS address")
"""
NULLED = """
USE CATALOG main;
CREATE FUNCTION rules.nothing(x STRING) RETURNS STRING RETURN NULL;
"""


def test_a_renamed_column_stays_hidden_while_and_after_it_is_there(spark, tmp_path):
    (tmp_path / "databricks.yml").write_text(BUNDLE)
    (tmp_path / "functions.sql").write_text(NULLED)
    source = write_sources(tmp_path / "sources", EARLIER) / "pipeline.py"
    pipeline = PipelineUnderTest(spark, tmp_path, [source])
    pipeline.feed("outside.came.people", [{"id": 1, "mail": "ana@x.org"}])
    pipeline.update()

    source.write_text(RENAMED.replace("{mail}", "raise_error('no')"))
    assert pipeline.update().state.name == "FAILED"
    with as_group("analysts", spark=spark, storage=pipeline.storage.root, folder=tmp_path) as session:
        assert outcome(lambda: session.table("people")) == [(1, None)]

    source.write_text(RENAMED.replace("{mail}", "mail"))
    pipeline.update()
    with as_group("analysts", spark=spark, storage=pipeline.storage.root, folder=tmp_path) as session:
        assert session.table("people").columns == ["id", "address"]
        assert outcome(lambda: session.table("people")) == [(1, None)]
        assert outcome(lambda: session.table("people@v0")) == NO_COMMAND
    source.write_text(RENAMED.replace(" MASK rules.nothing", "").replace("{mail}", "mail"))
    pipeline.update()
    with as_group("analysts", spark=spark, storage=pipeline.storage.root, folder=tmp_path) as session:
        assert [tuple(r) for r in session.table("people").collect()] == [(1, "ana@x.org")]


def test_a_function_that_is_gone_hides_the_table(governed, tmp_path):
    (tmp_path / "databricks.yml").write_text(BUNDLE)
    (tmp_path / "functions.sql").write_text(NULLED)
    root = governed.pipeline.storage.root
    with as_group("analysts", spark=governed.pipeline.spark, storage=root, folder=tmp_path) as session:
        assert outcome(lambda: session.table("gold.open").count()) == 5
        with pytest.raises(
            WeirError, match=r"calls `main\.rules\.near`, which no SQL file of the bundle makes"
        ):
            session.table("gold.totals")


def test_a_function_that_spark_can_not_make_is_told_with_its_line(governed, tmp_path):
    (tmp_path / "databricks.yml").write_text(BUNDLE)
    (tmp_path / "functions.sql").write_text(
        "\nCREATE FUNCTION rules.f(x STRING) RETURNS STRING RETURN nothing(x);"
    )
    with (
        pytest.raises(WeirError) as caught,
        as_group("analysts", spark=governed.pipeline.spark, folder=tmp_path),
    ):
        pass
    (problem,) = caught.value.problems
    assert (problem.condition, problem.origin.line) == ("ROUTINE_NOT_FOUND", 2)


def test_columns_that_a_filter_or_a_mask_is_given_must_be_there(pipeline):
    source = """
import dlt

@dlt.table(schema="id BIGINT, mail STRING MASK rules.f USING COLUMNS (regoin), region STRING", row_filter="ROW FILTER rules.f ON (idd)")
def people():
    return spark.read.table("came.people")
"""
    p = pipeline(source)
    p.feed("came.people", [{"id": 1, "mail": "m", "region": "r"}])
    found = [(x.condition, x.origin.line, x.hint) for x in p.problems()]
    assert found == [(NO_COLUMN, 4, "did you mean `region`?"), (NO_COLUMN, 4, "did you mean `id`?")]
