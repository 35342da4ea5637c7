"""A snapshot that a function gives is known when the flow runs: it is held against the target then (§3.8)."""

import pytest

SOURCE = """
import dlt

dlt.create_streaming_table("shot", schema="id BIGINT, price INT")
dlt.apply_changes_from_snapshot(
    "shot", lambda latest: (spark.sql("SELECT 1L AS id, 2.7D AS price"), 1) if latest is None else None, ["id"], 1)
"""


@pytest.mark.parity("same", "3.8", "No value of a snapshot is cut to the type that its target declares")
def test_a_snapshot_whose_values_would_be_cut_is_refused(pipeline):
    p = pipeline(SOURCE)
    error = p.update().by_name()["main.default.shot"].error
    assert error.splitlines()[0] == (
        "[INVALID_COLUMN_OR_FIELD_DATA_TYPE] What the flow `main.default.shot` reads does not fit the table "
        "`main.default.shot`: gives `price` as double, not int."
    )
    assert p.storage.state("main.default.shot") is None
