"""What Delta says of a source that is no longer what a stream knows, with a cure."""

import pytest

from weir.run.flow.stream_errors import source_refused


@pytest.mark.parametrize(
    ("condition", "cure"),
    [
        ("DELTA_SOURCE_TABLE_IGNORE_CHANGES", "leave such commits out (.option('skipChangeCommits', 'true') on the "
         "reader), read the change feed (readChangeFeed), or start over: weir run --full-refresh t"),
        ("DELTA_SOURCE_IGNORE_DELETE", "leave such commits out (.option('skipChangeCommits', 'true') on the reader), "
         "read the change feed (readChangeFeed), or start over: weir run --full-refresh t"),
        ("DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE", "read the table that it has read until now, or start over: "
         "weir run --full-refresh t"),
        ("DELTA_SCHEMA_CHANGED_WITH_VERSION", "run again; if a column was dropped, renamed or has another type, start "
         "over: weir run --full-refresh t"),
        ("DELTA_STREAMING_CHECK_COLUMN_MAPPING_NO_SCHEMA", "run again; if a column was dropped, renamed or has another "
         "type, start over: weir run --full-refresh t"),
    ],
)  # fmt: skip
def test_each_condition_has_its_cure(condition, cure):
    said = f"java.lang.X: [{condition}] Detected\n  a change at version 3.\nPlease"
    assert (
        source_refused(said, "t") == f"[{condition}] Detected a change at version 3. Please\n  hint: {cure}"
    )


@pytest.mark.parametrize(
    "text", ["", "[DELTA_NOT_NULL] x", "DELTA_SOURCE_IGNORE_DELETE in a text of the user's"]
)
def test_other_errors_are_none_of_it(text):
    assert source_refused(text, "t") is None


@pytest.mark.parametrize(
    "said",
    [
        "Did not find value which can be converted into long",
        "assertion failed: There are [1] sources in the checkpoint offsets and now there are [2] sources requested",
    ],
)
def test_other_sources_than_before_are_told_with_a_cure(said):
    told = source_refused(said, "main.default.t")
    assert told is not None
    assert told.startswith("[STREAM_SOURCES_CHANGED] The flow reads other sources than its checkpoint knows.")
    assert told.endswith("weir run --full-refresh main.default.t")
