"""A declared schema is what the table is: at first, at each update, after a full refresh, when it grows."""

import json

import pytest

from weir.model.settings import Selection

FULL = Selection(full_refresh_all=True)
HEAD = "import dlt\nfrom pyspark.sql import functions as F\nev = lambda: spark.readStream.table('ev')\n"
STRICT = (
    HEAD
    + """
@dlt.table(schema="id BIGINT NOT NULL, name STRING, sk BIGINT GENERATED ALWAYS AS IDENTITY, n INT DEFAULT 7",
           cluster_by=["id"], table_properties={{"delta.feature.allowColumnDefaults": "supported"}})
def strict():
    return ev().selectExpr("CAST(id AS INT) AS ID", "name")

@dlt.table(schema="id BIGINT NOT NULL{more}", cluster_by=["id"])
def view():
    return spark.read.table("ev").selectExpr({columns})

@dlt.table
def events():
    fields = ["id", "name"] + {extra}
    return ev().select("id", F.struct(*fields).alias("payload"), F.array(F.struct(*fields)).alias("list"))

dlt.create_streaming_table("latest")
dlt.apply_changes(target="latest", source="events", keys=["id"], sequence_by="id")
"""
)
CLUSTERED = '{"clusteringColumns":[["id"]],"domainName":"delta.clustering"}'
OLD = STRICT.format(more="", columns="'id'", extra="[]")
NEW = STRICT.format(more=", name STRING", columns="'id', 'name'", extra="[F.lit('CR').alias('country')]")


def shape(p, name):
    """Fields, clustering and writer features of a table, from its own log."""
    found = {}
    for commit in sorted((p.storage.table(f"main.default.{name}") / "_delta_log").glob("*.json")):
        for line in commit.read_text(encoding="utf-8").splitlines():
            found |= json.loads(line)
    fields = json.loads(found["metaData"]["schemaString"])["fields"]
    for field in fields:
        field["metadata"].pop("delta.identity.highWaterMark", None)
    return fields, found.get("domainMetadata"), found["protocol"]


@pytest.fixture
def fed(pipeline):
    p = pipeline(OLD)
    p.feed("ev", [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
    return p


def errors(result):
    return {d.name: d.error for d in result.datasets if d.error}


@pytest.mark.parity(
    "same",
    "1.3",
    "A declared schema stays: NOT NULL, clustering, identity, defaults, after a full refresh too",
)
@pytest.mark.parity(
    "same", "4.6", "Fields that structs gain join the table, also in arrays and in targets of changes"
)
def test_a_declared_schema_stays_and_grows(fed):
    first = fed.update()
    assert errors(first) == {}
    assert first.by_name()["main.default.strict"].rows_written == 2
    assert [(r["id"], r["sk"], r["n"]) for r in fed.rows("strict", "id")] == [(1, 1, 7), (2, 2, 7)]
    before = shape(fed, "strict")
    (fed.sources[0] / "pipeline.py").write_text(NEW)
    fed.feed("ev", [{"id": 3, "name": "c"}])
    assert errors(fed.update()) == {}
    assert fed.rows("view", "id")[-1] == {"id": 3, "name": "c"}
    view, clustering, _ = shape(fed, "view")
    assert ([f["nullable"] for f in view], clustering["configuration"]) == ([False, True], CLUSTERED)
    grown = [None, None, "CR"]
    for table in ("events", "latest"):
        assert [r["payload"]["country"] for r in fed.rows(table, "id")] == grown
        assert [r["list"][0]["country"] for r in fed.rows(table, "id")] == grown
    assert errors(fed.update(FULL)) == {}
    assert (shape(fed, "strict"), len(fed.rows("strict"))) == (before, 3)
    fed.feed("ev", [{"id": None, "name": "d"}])
    assert "DELTA_NOT_NULL_CONSTRAINT_VIOLATED" in fed.update().by_name()["main.default.strict"].error


NESTED = """
import dlt
mapped = {"delta.columnMapping.mode": "name"}

@dlt.table(cluster_by=["`a b`", "payload.at", "payload.`x.y`"], table_properties=mapped)
def written_in_python():
    return spark.readStream.table("ev").selectExpr("id AS `a b`", "struct(name AS at, id AS `x.y`) AS payload")

@dlt.table(cluster_by=["a b"], table_properties=mapped)
def computed():
    return spark.read.table("written_in_python")
"""
IN_SQL = """
CREATE STREAMING TABLE written_in_sql CLUSTER BY (`a b`, payload.at, payload.`x.y`)
TBLPROPERTIES (delta.columnMapping.mode = 'name') AS
SELECT id AS `a b`, struct(name AS at, id AS `x.y`) AS payload FROM STREAM ev
"""


@pytest.mark.parity("same", "1.3", "Fields of structs and columns with odd names are clustered by, too")
def test_tables_are_clustered_by_fields_and_by_columns_with_odd_names(pipeline):
    p = pipeline(NESTED)
    (p.sources[0] / "more.sql").write_text(IN_SQL)
    p.feed("ev", [{"id": 1, "name": "a"}])
    assert errors(p.update()) == {}
    clustering = {
        name: p.storage.state(f"main.default.{name}").clustering
        for name in ("written_in_python", "written_in_sql", "computed")
    }
    fields = (("a b",), ("payload", "at"), ("payload", "x.y"))
    assert clustering == {"written_in_python": fields, "written_in_sql": fields, "computed": (("a b",),)}
    assert p.plan().setup == ()
    p.feed("ev", [{"id": 2, "name": "b"}])
    assert errors(p.update(FULL)) == {}
    assert p.storage.state("main.default.written_in_sql").clustering == fields
    (p.sources[0] / "more.sql").write_text(IN_SQL.replace("payload.at", "payload.art"))
    (problem,) = p.problems()
    assert (problem.condition, problem.message) == (
        "COLUMN_NOT_FOUND_IN_TABLE",
        "`main.default.written_in_sql` is partitioned or clustered by `payload.art`, which it does not have.",
    )


WRONG = (
    HEAD
    + """
@dlt.table
def spaced():
    return ev().withColumnRenamed("name", "Full Name")

@dlt.table
def twice():
    return spark.read.table("ev").selectExpr("id", "name AS ID")

@dlt.table
def untyped():
    return ev().selectExpr("id", "NULL AS x")

@dlt.table(schema="id BIGINT, i INTERVAL DAY, t TIME, c STRING COLLATE UTF8_LCASE, d INT DEFAULT 1")
def odd():
    return ev().select("id")

@dlt.table(schema="id BIGINT CHECK (id > 0)")
def checked():
    return ev().select("id")

@dlt.table(schema="id INT, name INT, unique STRING")
def other_types():
    return ev()

@dlt.table
def inferring():
    return ev().select(F.from_json("name", None, {"schemaLocationKey": "k"}).alias("j"))

dlt.create_streaming_table("keyed", schema="sk BIGINT GENERATED ALWAYS AS IDENTITY, id BIGINT, name STRING")
dlt.apply_changes(target="keyed", source="ev", keys=["id"], sequence_by="id")
"""
)


@pytest.mark.parity(
    "same", "1.3", "What a Delta table can't keep of a schema is refused by name, before anything runs"
)
def test_what_a_table_cannot_keep_is_told_before_anything_runs(pipeline):
    p = pipeline(WRONG)
    p.feed("ev", [{"id": 1, "name": "a"}])
    assert sorted((x.message.partition("`")[2].partition("`")[0], x.condition) for x in p.problems()) == [
        ("", "Unsupported"),
        ("main.default.checked", "Unsupported"),
        ("main.default.keyed", "AUTOCDC_TARGET_WITH_IDENTITY_COLUMN"),
        ("main.default.odd", "DELTA_UNSUPPORTED_DATA_TYPES"),
        ("main.default.odd", "DELTA_UNSUPPORTED_DATA_TYPES"),
        ("main.default.odd", "DELTA_UNSUPPORTED_DATA_TYPES"),
        ("main.default.odd", "WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED"),
        ("main.default.other_types", "INVALID_COLUMN_OR_FIELD_DATA_TYPE"),
        ("main.default.spaced", "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES"),
        ("main.default.twice", "DELTA_DUPLICATE_COLUMNS_FOUND"),
        ("main.default.untyped", "DELTA_UNSUPPORTED_DATA_TYPES"),
    ]
    assert p.storage.tables() == []
