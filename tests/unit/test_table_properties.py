"""A property that a table has in Delta's spelling is not set again; a constraint is dropped and added."""

import pytest

from weir.fakes import HERE
from weir.graph.analysis import ResolvedTable
from weir.model.definitions import MaterializedView, StreamingTable
from weir.run.flow.alterations import alterations, constraining
from weir.run.flow.properties import as_created, lacking
from weir.run.frames.schemas import from_json
from weir.run.lake.storage import TableState

SCHEMA = from_json(
    '{"type": "struct", "fields": [{"name": "id", "type": "long", "nullable": true, "metadata": {}}]}'
)
STATE = TableState(
    4, 0, SCHEMA.json(),
    {"delta.appendOnly": "FALSE", "delta.constraints.pos": "id > 0 AND s <> 'a  b'", "quality": "gold",
     "delta.feature.changeDataFeed": "supported"},
    None, (), protocol=(1, 7),
)  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DELTA.appendOnly", "FALSE"),
        ("delta.minReaderVersion", "1"),
        ("delta.minWriterVersion", "1"),
        ("delta.feature.changeDataFeed", "enabled"),
        ("delta.constraints.POS", "id>0 AND s<>'a  b'"),
        ("quality", "gold"),
    ],
)
def test_what_a_table_has_is_not_lacking(key, value):
    assert lacking({key: value}, STATE) == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("delta.appendOnly", "true"),
        ("delta.minReaderVersion", "3"),
        ("delta.minWriterVersion", "high"),
        ("delta.feature.identityColumns", "supported"),
        ("delta.constraints.pos", "id > 0 AND s <> 'a b'"),
        ("delta.constraints.other", "id > 0"),
        ("Quality", "gold"),
        ("quality", "silver"),
    ],
)
def test_another_value_or_name_is_lacking(key, value):
    assert lacking({key: value}, STATE) == {key: value}


@pytest.mark.parametrize(
    ("protocol", "reader", "writer", "same"),
    [
        ((1, 4), "1", "5", True),  # what version 5 adds takes a reader of version 2
        ((1, 4), "2", "5", False),
        ((2, 5), "1", "4", True),
        ((1, 2), "1", "3", False),
        ((3, 7), "3", "7", True),
        ((1, 4), "3", "7", False),
    ],
)
def test_versions_of_the_protocol_are_what_they_stand_for(protocol, reader, writer, same):
    wanted = {"delta.minReaderVersion": reader, "delta.minWriterVersion": writer}
    state = TableState(0, 0, SCHEMA.json(), {}, None, (), protocol=protocol)
    assert lacking(wanted, state) == ({} if same else wanted)


def test_old_protocols_have_features_without_their_names():
    state = TableState(0, 0, SCHEMA.json(), {}, None, (), protocol=(1, 4))
    wanted = {"delta.feature.changeDataFeed": "enabled", "delta.feature.identityColumns": "supported"}
    assert lacking(wanted, state) == {"delta.feature.identityColumns": "supported"}


def altered(kind, alteration=alterations):
    properties = {"delta.constraints.Pos": "id > 1", "delta.constraints.`b": "id < 9", "quality": "gold"}
    table = ResolvedTable(kind("t", HERE, table_properties=properties), (), SCHEMA)
    return [a.on("T") for a in alteration(table, STATE)]


CONSTRAINED = [
    "ALTER TABLE T DROP CONSTRAINT `Pos`",
    "ALTER TABLE T ADD CONSTRAINT `Pos` CHECK (id > 1)",
    "ALTER TABLE T ADD CONSTRAINT ```b` CHECK (id < 9)",
]


def test_a_changed_constraint_takes_the_place_of_the_one_before():
    assert altered(StreamingTable) == CONSTRAINED


def test_a_materialized_view_is_constrained_without_the_rows_that_it_will_lose():
    assert (altered(MaterializedView), altered(MaterializedView, constraining)) == ([], CONSTRAINED)


def test_constraints_are_created_with_names_that_can_be_dropped():
    properties = {"Delta.Constraints.Pos": "id > 0", "delta.appendOnly": "true", "Owner": "me"}
    assert as_created(properties) == {
        "delta.constraints.pos": "id > 0", "delta.appendOnly": "true", "Owner": "me",
    }  # fmt: skip
