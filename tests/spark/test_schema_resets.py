"""A declared schema that a table can't grow into: what a full refresh makes of the table, and of its readers."""

import pytest

from weir.model.settings import Selection
from weir.run.frames.schemas import defined, from_json

ALL = Selection(full_refresh_all=True)
TEXT = """
import dlt
{tables}
@dlt.table
def below():
    return spark.readStream.option("skipChangeCommits", "true").table("{source}").select("id")
"""
TABLE = """
@dlt.table({arguments})
def {name}():
    return spark.{read}.table("ev").selectExpr({columns})
"""
DEFAULTS = {"delta.feature.allowColumnDefaults": "supported"}
OLD = {
    "typed": ('schema="id BIGINT NOT NULL, name STRING"', "'id', 'name'"),
    "fewer": ('schema="id BIGINT NOT NULL, name STRING", cluster_by=["id"]', "'id', 'name'"),
    "made": ('schema="id BIGINT NOT NULL, g BIGINT GENERATED ALWAYS AS (id + 1)"', "'id'"),
    "parted": ('schema="id BIGINT NOT NULL, name STRING", partition_cols=["name"]', "'id', 'name'"),
    "grown": ('schema="id BIGINT NOT NULL, name STRING"', "'id', 'name'"),
    "looser": ('schema="id BIGINT NOT NULL, g BIGINT GENERATED ALWAYS AS (id + 1)"', "'id'"),
    "view": ('schema="id BIGINT NOT NULL, g BIGINT GENERATED ALWAYS AS (id + 1)"', "'id'"),
}
NEW = {
    "typed": ('schema="id STRING NOT NULL, name STRING"', "'CAST(id AS STRING) id', 'name'"),
    "fewer": ('schema="id BIGINT NOT NULL", cluster_by=["id"], comment="few"', "'id'"),
    "made": ('schema="id BIGINT NOT NULL, g BIGINT GENERATED ALWAYS AS (id + 2)"', "'id'"),
    "parted": (
        'schema="id BIGINT NOT NULL, name STRING, n INT", partition_cols=["n"]',
        "'id', 'name', '1 AS n'",
    ),
    "grown": (
        "schema=\"id BIGINT NOT NULL, s STRUCT<a: INT>, name STRING COMMENT 'n', n INT DEFAULT 7\", "
        f"table_properties={DEFAULTS}",
        "'id', 'name'",
    ),
    "looser": ('schema="id STRING, g STRING GENERATED ALWAYS AS (concat(id, id))"', "'CAST(id AS STRING) id'"),
    "view": ('schema="id STRING NOT NULL, g STRING GENERATED ALWAYS AS (concat(id, id))"', "'CAST(id AS STRING) id'"),
}  # fmt: skip
SHAPES = {
    "typed": ("id STRING NOT NULL, name STRING", (), ()),
    "fewer": ("id BIGINT NOT NULL", (), (("id",),)),
    "made": ("id BIGINT NOT NULL, g BIGINT GENERATED id + 2", (), ()),
    "parted": ("id BIGINT NOT NULL, name STRING, n INT", ("n",), ()),
    "grown": ("id BIGINT NOT NULL, s STRUCT<a: INT>, name STRING COMMENT n, n INT DEFAULT 7", (), ()),
    "looser": ("id STRING, g STRING GENERATED concat(id, id)", (), ()),
    "view": ("id STRING NOT NULL, g STRING GENERATED concat(id, id)", (), ()),
}


def text(definitions, source):
    tables = (
        TABLE.format(name=n, arguments=a, columns=c, read="read" if n == "view" else "readStream")
        for n, (a, c) in definitions.items()
    )
    return TEXT.format(tables="".join(tables), source=source)


def shape(p, name):
    """Columns, partitioning and clustering of a table, in words."""
    state = p.storage.state(f"main.default.{name}")
    words = {"comment": "COMMENT", "CURRENT_DEFAULT": "DEFAULT", "delta.generationExpression": "GENERATED"}
    columns = ", ".join(
        " ".join((
            f"{f.name} {f.dataType.simpleString().upper()}",
            *(["NOT NULL"] if not f.nullable else []),
            *(f"{words[k]} {v}" for k, v in f.metadata.items()),
        ))
        for f in defined(from_json(state.schema_json))
    )  # fmt: skip
    return columns.replace("STRUCT<A:INT>", "STRUCT<a: INT>"), state.partition_columns, state.clustering


def errors(result):
    return {d.name: d.error for d in result.datasets if d.error}


def fed(pipeline, *names):
    old, new = (text({n: tables[n] for n in names}, names[0]) for tables in (OLD, NEW))
    p = pipeline(old)
    p.feed("ev", [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
    assert errors(p.update()) == {}
    (p.sources[0] / "pipeline.py").write_text(new)
    return p


@pytest.mark.parity(
    "same", "4.6", "A full refresh makes the table what its declared schema says, whatever it was"
)
@pytest.mark.long("spark/test_declared_schemas.py::test_a_declared_schema_stays_and_grows")
def test_a_full_refresh_makes_the_table_of_the_new_schema(pipeline):
    p = fed(pipeline, *OLD)
    assert {x.condition for x in p.problems()} == {
        "CANNOT_CHANGE_COLUMN_TYPE",
        "CANNOT_UPDATE_PARTITION_COLUMNS",
    }
    assert errors(p.update(ALL)) == {}
    assert {n: shape(p, n) for n in SHAPES} == SHAPES
    states = {n: p.storage.state(f"main.default.{n}") for n in (*SHAPES, "below")}
    assert {n: s.generation for n, s in states.items()} == {n: n != "view" for n in states}
    assert {n: s.properties["weir.pipeline"] for n, s in states.items()} == dict.fromkeys(states, "local")
    assert {n: len(p.rows(n)) for n in states} == dict.fromkeys(states, 2)
    assert p.rows("view", "id") == [{"id": "1", "g": "11"}, {"id": "2", "g": "22"}]
    assert states["fewer"].comment == "few"
    p.feed("ev", [{"id": 3, "name": "c"}])
    assert p.plan().setup == ()
    assert errors(p.update()) == {}
    assert {n: len(p.rows(n)) for n in states} == dict.fromkeys(states, 3)


@pytest.mark.long(
    "spark/test_refresh.py::test_a_full_refresh_recomputes_everything_and_runs_once_flows_again"
)
def test_a_reset_that_is_cut_short_is_done_by_the_next_and_readers_are_told(pipeline, monkeypatch):
    p = fed(pipeline, "made")
    alone = Selection(full_refresh=frozenset({"made"}))
    monkeypatch.setenv("WEIR_FAIL_AT", "table-emptied")
    assert (
        p.update(alone).by_name()["main.default.made"].error
        == "failed at table-emptied, as WEIR_FAIL_AT says"
    )
    monkeypatch.delenv("WEIR_FAIL_AT")
    assert [x.condition for x in p.problems()] == ["CANNOT_CHANGE_COLUMN_TYPE"]
    plan = p.plan(alone)
    assert plan.notices == (
        "The flow main.default.below will fail (DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE): it streams from "
        "main.default.made, which is reset. Reset what reads it, too: "
        "weir run --full-refresh main.default.below,main.default.made",
    )
    assert errors(p.update(alone)) == {}
    assert (p.rows("made", "id"), shape(p, "made")) == (
        [{"id": 1, "g": 3}, {"id": 2, "g": 4}],
        SHAPES["made"],
    )
    failed = p.update().by_name()["main.default.below"]
    assert "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE" in failed.error
    assert errors(p.update(ALL)) == {}
    assert p.rows("below", "id") == [{"id": 1}, {"id": 2}]
