"""What brings a table in line with its definition, statement by statement, and what no ALTER can give it."""

import json
from pathlib import Path

import pytest

from weir.fakes import HERE
from weir.graph.analysis import ResolvedTable
from weir.model.definitions import MaterializedView, StreamingTable
from weir.run.analysis.rehearsal import unreplaceable
from weir.run.flow.alterations import alterations, in_words
from weir.run.frames.growth import grows_into, obstacles
from weir.run.frames.schemas import from_json
from weir.run.lake.clustering import clustering_of
from weir.run.lake.storage import TableState


def field(name, kind="long", *, nullable=True, **metadata):
    return {"name": name, "type": kind, "nullable": nullable, "metadata": metadata}


def schema(*fields):
    return from_json(json.dumps({"type": "struct", "fields": fields}))


def inner(*fields):
    return {"type": "struct", "fields": fields}


def listed(*fields):
    return {"type": "array", "elementType": inner(*fields), "containsNull": True}


BEFORE = schema(
    field("id", nullable=False, comment="key"), field("s", inner(field("a"))), field("n", CURRENT_DEFAULT="1")
)
AFTER = schema(
    field("id"),
    field("first", "string", CURRENT_DEFAULT="'x'"),
    field("s", inner(field("b", comment="it's b"), field("a", comment="one"))),
    field("n", CURRENT_DEFAULT="2"),
    field("l", "date"),
)


def altered(kind, **options):
    state = TableState(3, 0, BEFORE.json(), {"quality": "gold"}, None, (), options.pop("clustering", ()))
    table = kind("t", HERE, schema="declared", **options)
    return alterations(ResolvedTable(table, (), AFTER), state)


def test_each_difference_is_a_statement_in_an_order_that_delta_takes():
    properties = {"delta.feature.allowColumnDefaults": "supported", "quality": "gold", "owner": "me"}
    found = altered(StreamingTable, table_properties=properties, comment="all", cluster_by=(("id",), ("n",)))
    assert [a.on("T") for a in found] == [
        "ALTER TABLE T SET TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
        "ALTER TABLE T ADD COLUMNS (`first` string AFTER `id`, `s`.`b` bigint COMMENT 'it\\'s b' FIRST, "
        "`l` date)",
        "ALTER TABLE T ALTER COLUMN first SET DEFAULT 'x'",
        "ALTER TABLE T ALTER COLUMN id DROP NOT NULL",
        "ALTER TABLE T ALTER COLUMN id COMMENT ''",
        "ALTER TABLE T ALTER COLUMN s.a COMMENT 'one'",
        "ALTER TABLE T ALTER COLUMN n SET DEFAULT 2",
        "ALTER TABLE T CLUSTER BY (`id`, `n`)",
        "ALTER TABLE T SET TBLPROPERTIES ('owner' = 'me')",
        "COMMENT ON TABLE T IS 'all'",
    ]
    assert in_words(found) == (
        "properties delta.feature.allowColumnDefaults, owner; new columns first, s.b, l; "
        "defaults of first, n; no more NOT NULL for id; comments of id, s.a; clustering id, n; its comment"
    )


def test_a_table_that_is_as_defined_is_left_alone():
    state = TableState(3, 0, AFTER.json(), {}, None, (), (("ID",),))
    table = StreamingTable("t", HERE, schema="declared", cluster_by=(("id",),))
    assert in_words(alterations(ResolvedTable(table, (), AFTER), state)) is None


def test_a_view_is_overwritten_with_its_columns_unless_it_has_not_null():
    assert "ADD COLUMNS" in " ".join(a.statement for a in altered(MaterializedView))
    state = TableState(3, 0, schema(field("id")).json(), {}, None, (), (("id",),))
    view = ResolvedTable(MaterializedView("t", HERE, schema="declared"), (), AFTER)
    assert [a.on("T") for a in alterations(view, state)] == ["ALTER TABLE T CLUSTER BY NONE"]


@pytest.mark.parametrize(
    ("wanted", "obstacle"),
    [
        (schema(field("id", nullable=False), field("n", nullable=False)), "can't get the column `n`, which is NOT "
         "NULL, generated or an identity"),
        (schema(field("id", "string")), "has `id` as bigint, but the schema declares string"),
        (schema(field("l", listed(field("x", "string")))), "has `l.element.x` as bigint, but the schema declares string"),
        (schema(field("o", nullable=False)), "has `o` without NOT NULL"),
        (schema(field("o", **{"delta.generationExpression": "id + 1"})), "generates `o` in another way"),
    ],
)  # fmt: skip
def test_what_no_alter_gives_a_table_is_told(wanted, obstacle):
    existing = schema(field("id", nullable=False), field("l", listed(field("x"))), field("o"))
    assert [*obstacles(existing, wanted)] == [obstacle]
    assert not grows_into(existing, wanted)


def test_a_table_grows_into_more_columns_but_not_into_fewer():
    more, fewer = schema(field("id"), field("n")), schema(field("id"))
    assert (grows_into(fewer, more), grows_into(more, fewer)) == (True, False)


def test_clustering_is_read_from_the_newest_commit_or_checksum_that_tells_it(tmp_path):
    log = tmp_path / "_delta_log"
    log.mkdir()
    old, new = (
        {"domain": "delta.clustering", "configuration": json.dumps({"clusteringColumns": columns})}
        for columns in ([["c-1"]], [["c-2", "c-3"], ["c-1"]])
    )
    columns = schema(
        field("a b", **{"delta.columnMapping.physicalName": "c-1"}),
        field("s", inner(field("x", **{"delta.columnMapping.physicalName": "c-3"})),
              **{"delta.columnMapping.physicalName": "c-2"}),
    )  # fmt: skip
    (log / f"{0:020}.json").write_text(json.dumps({"domainMetadata": old}))
    (log / f"{1:020}.json").write_text(json.dumps({"commitInfo": {}}))
    assert clustering_of(tmp_path, 1, columns.json()) == (("a b",),)
    (log / f"{1:020}.crc").write_text(json.dumps({"domainMetadata": [new]}))
    assert clustering_of(tmp_path, 2, columns.json()) == (("s", "x"), ("a b",))
    assert clustering_of(tmp_path / "none", 2, columns.json()) == ()


@pytest.mark.parametrize(("features", "told"), [(["delta.feature.clustering"], 1), ([], 0)])
def test_a_clustered_table_can_not_be_replaced_by_a_partitioned_one(features, told):
    state = TableState(3, 0, BEFORE.json(), dict.fromkeys(features, "supported"), None, ())
    table = StreamingTable("t", HERE, partition_cols=("n",))
    wanted = schema(field("id", nullable=False), field("n", "string"))
    problems = [*unreplaceable(ResolvedTable(table, (), wanted), state, Path("my tables"))]
    assert [(x.condition, x.hint) for x in problems] == [
        (
            "DELTA_CLUSTERING_REPLACE_TABLE_WITH_PARTITIONED_TABLE",
            "keep cluster_by, or drop the table: remove 'my tables'",
        )
    ] * told
