"""What delta-rs can not read at once is read all the same."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction

from weir.run.lake.query import query


def of_map(*fields):
    """A schema with a map to lists of structs."""
    struct = pa.struct([(field, pa.int32()) for field in fields])
    return pa.schema([("id", pa.int64()), ("m", pa.map_(pa.string(), pa.list_(struct)))])


@pytest.fixture
def grown(tmp_path):
    """A table whose only file lacks a field of a struct in a map."""
    table = DeltaTable.create(tmp_path / "t", Schema.from_arrow(of_map("old", "new")))
    file = tmp_path / "t" / "old.parquet"
    rows = [{"id": 2, "m": [("x", [{"old": 5}])]}, {"id": 1, "m": [("y", [])]}]
    pq.write_table(pa.Table.from_pylist(rows, of_map("old")), file)
    add = AddAction(file.name, file.stat().st_size, {}, 0, True, "{}")
    table.create_write_transaction([add], mode="append", schema=table.schema())
    return DeltaTable(tmp_path / "t")


def test_a_field_that_a_map_got_later_is_null_in_older_rows(grown):
    found = query(grown, "SELECT * FROM t ORDER BY id")
    assert found.columns == ["id", "m"]
    assert found.rows == [{"id": 1, "m": [("y", [])]}, {"id": 2, "m": [("x", [{"old": 5, "new": None}])]}]


def test_what_is_wrong_with_a_query_is_told(grown):
    with pytest.raises(Exception, match="No field named nope"):
        query(grown, "SELECT nope FROM t")
