"""Graphs that Databricks refuses, and schemas in DDL (specification §4.9, §1.3)."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.spark.test_spine import errors

SELF = "@dlt.table\ndef t():\n    return dlt.read('t')"
SELF_STREAM = "@dlt.table\ndef t():\n    return spark.readStream.table('t')"
STREAMING_VIEW = """
@dlt.view
def v():
    return spark.readStream.format("rate").load()
@dlt.table
def t():
    return dlt.read("v")
"""
TWO_INTO_A_VIEW = """
@dlt.materialized_view
def t():
    return spark.range(1)
@dlt.append_flow(target="t", once=True)
def more():
    return spark.range(2)
"""
TWO_TYPES = """
dlt.create_streaming_table("t")
@dlt.append_flow(target="t", once=True)
def one():
    return spark.range(1)
@dlt.append_flow(target="t", once=True)
def other():
    return spark.range(1).selectExpr("CAST(id AS STRING) AS id")
"""


@pytest.mark.parity("same", "4.9", "A dataset that reads itself is refused")
@pytest.mark.parity("same", "4.9", "A batch read of a streaming view and the other way are refused")
@pytest.mark.parity("same", "4.9", "Several flows into a materialized view are refused")
@pytest.mark.parity("same", "4.9", "Flows into one table whose schemas do not fit are refused")
@pytest.mark.parametrize(
    ("source", "condition"),
    [
        (SELF, "PIPELINE_GRAPH_CYCLE"),
        (SELF_STREAM, "PIPELINE_GRAPH_CYCLE"),
        (STREAMING_VIEW, "INCOMPATIBLE_STREAMING_VIEW_READ"),
        (TWO_INTO_A_VIEW, "MATERIALIZED_VIEW_WITH_MULTIPLE_QUERIES"),
        (TWO_TYPES, "UNABLE_TO_INFER_PIPELINE_TABLE_SCHEMA"),
    ],
)
def test_a_graph_that_cannot_be(pipeline, source, condition):
    (problem,) = pipeline(f"import dlt\n{source}\n").problems()
    assert problem.condition == condition
    assert problem.hint
    assert problem.origin is not None


@pytest.mark.parity(
    "same", "4.9", "Unknown inputs, no dataset at all, a view with a dotted name, a name twice"
)
def test_names_that_cannot_be(pipeline):
    p = pipeline("""
import dlt
@dlt.table
def t():
    return spark.read.table("nowhere")
@dlt.table(name="t")
def again():
    return spark.range(1)
@dlt.view(name="a.b")
def dotted():
    return spark.range(1)
""")
    assert [(x.condition, x.origin.line) for x in p.problems()] == [
        ("PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT", 6),
        ("TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS", 9),
        ("TABLE_OR_VIEW_NOT_FOUND", 5),
    ]
    assert "Cannot redefine dataset `main.default.t`" in p.problems()[0].message
    (p.sources[0] / "pipeline.py").write_text("import dlt\n")
    assert [x.condition for x in p.problems()] == ["RUN_EMPTY_PIPELINE"]


@pytest.mark.parity(
    "same", "4.9", "pipelines.incompatibleViewCheck.enabled=false lets a view be read either way"
)
def test_the_check_of_views_can_be_turned_off(pipeline):
    source = (
        "import dlt\n@dlt.view\ndef v():\n    return spark.readStream.table('e')\n"
        "@dlt.table\ndef t():\n    return dlt.read('v')\n"
    )
    p = pipeline(source, configuration={"pipelines.incompatibleViewCheck.enabled": "false"})
    p.feed("e", [{"id": 1}])
    assert (p.problems(), errors(p.update()), p.rows("t")) == ((), {}, [{"id": 1}])


CONSTRAINED = """
import dlt
dlt.create_streaming_table("t", comment="of the table", cluster_by=["id"], schema='''
    id BIGINT NOT NULL COMMENT 'the key',
    mail STRING MASK main.rules.hide USING COLUMNS (id),
    twice BIGINT GENERATED ALWAYS AS (id * 2),
    CONSTRAINT pk PRIMARY KEY (id),
    CONSTRAINT fk FOREIGN KEY (mail) REFERENCES main.default.mails (mail)
''')

@dlt.append_flow(target="t", comment="of the flow")
def told():
    return spark.readStream.table("e")

@dlt.append_flow(target="t")
def untold():
    return spark.readStream.table("f")
"""


@pytest.mark.parity("same", "1.3", "schema as DDL: NOT NULL is enforced, generated columns are computed")
@pytest.mark.parity("same", "1.3", "PRIMARY KEY and FOREIGN KEY inform and are not enforced")
@pytest.mark.parity("same", "1.3", "cluster_by becomes the table's clustering")
@pytest.mark.parity("same", "1.2", "comment of a flow; the dataset's where it has none")
def test_a_schema_in_ddl_and_comments_of_flows(pipeline, spark):
    p = pipeline(CONSTRAINED)
    p.feed("e", [{"id": 1, "mail": "a@b"}, {"id": 1, "mail": "a@b"}])
    p.feed("f", [{"id": 2, "mail": None}], pa.schema([("id", pa.int64()), ("mail", pa.string())]))
    assert errors(p.update()) == {}
    assert p.rows("t", "id") == [
        {"id": 1, "mail": "a@b", "twice": 2},
        {"id": 1, "mail": "a@b", "twice": 2},
        {"id": 2, "mail": None, "twice": 4},
    ]
    detail = spark.sql(f"DESCRIBE DETAIL delta.`{p.storage.table('main.default.t')}`").first()
    assert (detail["clusteringColumns"], detail["description"]) == (["id"], "of the table")
    comments = {e.flow: e.details["comment"] for e in p.events if e.event_type == "flow_definition"}
    assert comments == {"main.default.told": "of the flow", "main.default.untold": "of the table"}
    p.feed("e", [{"id": None, "mail": "c@d"}])
    assert p.update().by_name()["main.default.t"].error == (
        "[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] NOT NULL constraint violated for column: id."
    )
    assert len(p.rows("t")) == 3
