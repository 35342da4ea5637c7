"""Each feature of a schema in each kind of table is what plain Delta makes of the same DDL, and stays so."""

import json
from datetime import UTC, datetime

import pytest

from weir.model.settings import Selection
from weir.run.lake.storage import FEATURE, table_state

OLD = (
    "id BIGINT NOT NULL COMMENT 'the key', `odd name` STRING, ts TIMESTAMP, "
    "s STRUCT<a: INT, b: STRING COMMENT 'deep'>, list ARRAY<STRUCT<x: INT>>, m MAP<STRING, STRUCT<y: INT>>, "
    "v VARCHAR(9), n INT DEFAULT 7, day DATE GENERATED ALWAYS AS (CAST(ts AS DATE))"
)
NEW = (
    "id BIGINT COMMENT 'the only key', `odd name` STRING COMMENT 'odd', extra STRING DEFAULT 'e', ts TIMESTAMP, "
    "s STRUCT<a: INT COMMENT 'first', b: STRING COMMENT 'deep', c: INT>, list ARRAY<STRUCT<x: INT, z: STRING>>, "
    "m MAP<STRING, STRUCT<y: INT, w: ARRAY<INT>>>, v VARCHAR(9), n INT DEFAULT 8, "
    "day DATE GENERATED ALWAYS AS (CAST(ts AS DATE))"
)
ENDS = ", __START_AT BIGINT, __END_AT BIGINT"
PROPERTIES = {
    "delta.columnMapping.mode": "name",
    "delta.feature.allowColumnDefaults": "supported",
    "delta.logRetentionDuration": "interval 40 days",
}
SOURCE = """
import dlt
said = dict(comment="{comment}", table_properties={{**{properties}, "quality": "{quality}"}})
clustered, partitioned = dict(said, cluster_by=["{by}"]), dict(said, partition_cols=["day"])
columns, ends = {columns!r}, {ends!r}
rows = lambda df: df.selectExpr(
    "id", "name AS `odd name`", "ts", "named_struct('a', id, 'b', name) AS s",
    "array(named_struct('x', 1)) AS list", "map('k', named_struct('y', 1)) AS m", "name AS v")

@dlt.view
def changes():
    return rows(spark.readStream.table("ev"))

@dlt.table(schema=columns, **clustered)
def stream():
    return rows(spark.readStream.table("ev"))

@dlt.table(schema=columns, **partitioned)
def stream_by_day():
    return rows(spark.readStream.table("ev"))

@dlt.table(schema=columns, **clustered)
def view():
    return rows(spark.read.table("ev"))

@dlt.table(schema=columns, **partitioned)
def view_by_day():
    return rows(spark.read.table("ev"))

@dlt.table(schema=columns, **clustered)
def looks():
    assert spark.read.table("ev").count()
    return rows(spark.readStream.table("ev"))

dlt.create_streaming_table("filled", schema=columns, **clustered)

@dlt.append_flow(target="filled", once=True)
def backfill():
    return rows(spark.read.table("ev"))

@dlt.view
def snapshot():
    return rows(spark.read.table("ev"))

for name, kind, more in (("latest", 1, ""), ("history", 2, ends)):
    dlt.create_streaming_table(name, schema=columns + more, **clustered)
    dlt.apply_changes(target=name, source="changes", keys=["id"], sequence_by="id", stored_as_scd_type=kind)
dlt.create_streaming_table("shot", schema=columns, **clustered)
dlt.apply_changes_from_snapshot(target="shot", source="snapshot", keys=["id"], stored_as_scd_type=1)
"""
TABLES = {
    **dict.fromkeys(["stream", "view", "looks", "filled", "latest", "shot"], ("", "CLUSTER BY")),
    **dict.fromkeys(["stream_by_day", "view_by_day"], ("", "PARTITIONED BY")),
    "history": (ENDS, "CLUSTER BY"),
}


def source(columns, by, comment, quality):
    return SOURCE.format(
        columns=columns, by=by, comment=comment, quality=quality, properties=PROPERTIES, ends=ENDS
    )


def by_delta(spark, folder, columns, by, comment, quality):
    """What plain Delta makes of the same columns and clauses."""
    properties = ", ".join(f"'{k}' = '{v}'" for k, v in {**PROPERTIES, "quality": quality}.items())
    shapes = {}
    for name, (more, layout) in TABLES.items():
        path = folder / f"delta-{by}-{name}"
        of = "day" if layout == "PARTITIONED BY" else by
        spark.sql(
            f"CREATE TABLE delta.`{path}` ({columns}{more}) USING delta {layout} ({of}) "
            f"COMMENT '{comment}' TBLPROPERTIES ({properties})"
        )
        shapes[name] = shape(path)
    return shapes


def bare(value):
    """A schema without what is another in each table: the names and numbers by which columns are mapped."""
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if not k.startswith("delta.columnMapping.")}
    return [bare(v) for v in value] if isinstance(value, list) else value


def shape(path):
    """All that a table is, without what is Weir's own."""
    state = table_state(path)
    own = ("weir.", "pipelines.", "delta.columnMapping.maxColumnId", "delta.enableDeletionVectors")
    features = (f"{FEATURE}deletionVectors", f"{FEATURE}identityColumns")
    return {
        "fields": bare(json.loads(state.schema_json))["fields"],
        "layout": (state.partition_columns, state.clustering),
        "comment": state.comment,
        "properties": {
            k: v for k, v in state.properties.items() if not k.startswith(own) and k not in features
        },
    }


def shapes(p):
    return {n: shape(p.storage.table(f"main.default.{n}")) for n in TABLES}


def frames(p, spark):
    """The tables as Spark reads them: delta-rs reads no map whose structs have grown."""
    folders = {n: str(p.storage.table(f"main.default.{n}")) for n in TABLES}
    return {n: spark.read.format("delta").load(folder) for n, folder in folders.items()}


def errors(result):
    return {d.name: d.error for d in result.datasets if d.error}


@pytest.mark.parity(
    "same", "1.3", "Every table is what plain Delta makes of its declared schema, from its first update on"
)
@pytest.mark.long("spark/test_declared_schemas.py::test_a_declared_schema_stays_and_grows")
def test_every_kind_of_table_is_and_stays_what_delta_makes_of_its_schema(pipeline, spark, tmp_path):
    first, then = (OLD, "id", "all", "silver"), (NEW, "v", "all of it", "gold")
    p = pipeline(source(*first))
    p.feed("ev", [{"id": 1, "name": "a", "ts": datetime(2024, 1, 2, tzinfo=UTC)}])
    declared = by_delta(spark, tmp_path, *first)
    for selection in (None, None, Selection(full_refresh_all=True)):
        assert (errors(p.update(selection)), p.plan().setup) == ({}, ())
        assert shapes(p) == declared
    (p.sources[0] / "pipeline.py").write_text(source(*then))
    p.feed("ev", [{"id": 2, "name": "b", "ts": datetime(2024, 1, 3, tzinfo=UTC)}])
    assert (errors(p.update()), p.plan().setup) == ({}, ())
    assert shapes(p) == by_delta(spark, tmp_path, *then)
    rows = frames(p, spark)
    assert {n: df.count() for n, df in rows.items()} == {**dict.fromkeys(TABLES, 2), "filled": 1}
    values = rows["stream"].orderBy("id").select("n", "extra", "day").collect()
    assert [(n, x, str(d)) for n, x, d in values] == [(7, None, "2024-01-02"), (8, "e", "2024-01-03")]
