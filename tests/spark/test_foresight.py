"""What a plan says of streams before they fail or read twice (specification §4.2, §4.4, §4.5)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from tests.tiers import short
from weir.model.problems import WeirError
from weir.model.settings import Selection

STREAM = """
import dlt
@dlt.view
def v():
    return spark.readStream{options}.table("e")

@dlt.table
def s():
    return dlt.read_stream("v")
"""
FULL_REFRESH_S = "weir run --full-refresh main.default.s"
CURE = (
    "leave such commits out (.option('skipChangeCommits', 'true') on the reader), "
    f"read the change feed (readChangeFeed), or start over: {FULL_REFRESH_S}"
)


def rewrite(p, text):
    (p.sources[0] / "pipeline.py").write_text(text)


def source(p):
    return DeltaTable(p.outside["main.default.e"])


def fed(pipeline, text):
    p = pipeline(text)
    p.feed("e", [{"id": 1}, {"id": 2}])
    assert p.update().exit_code == 0
    return p


CHANGES = [
    (
        lambda p: source(p).update(updates={"id": "3"}, predicate="id = 1"),
        "DELTA_SOURCE_TABLE_IGNORE_CHANGES",
        "version 1 (UPDATE)",
    ),
    (lambda p: source(p).delete("id > 0"), "DELTA_SOURCE_IGNORE_DELETE", "version 1 (DELETE)"),
    (
        lambda p: write_deltalake(source(p), pa.table({"id": [9]}), mode="overwrite"),
        "DELTA_SOURCE_TABLE_IGNORE_CHANGES",
        "version 1 (WRITE Overwrite)",
    ),
]


@pytest.mark.parametrize(("change", "condition", "what"), CHANGES, ids=["update", "delete", "overwrite"])
@pytest.mark.parity("same", "4.4", "A stream refuses updates, deletes and overwrites of its source")
def test_a_changed_source_is_told_before_the_run_and_by_its_error(pipeline, change, condition, what):
    p = fed(pipeline, STREAM.format(options=""))
    change(p)
    assert p.plan().notices == (
        f"The flow main.default.s will fail ({condition}): {what} of its source main.default.e changes "
        f"rows that it has read. To fix it: {CURE}",
    )
    error = p.update().by_name()["main.default.s"].error.splitlines()
    assert error[0].startswith(f"[{condition}] Detected ")
    assert error[1:] == [f"  hint: {CURE}"]
    rewrite(p, STREAM.format(options=".option('skipChangeCommits', 'true')"))
    p.feed("e", [{"id": 4}])
    assert (p.plan().notices, p.update().exit_code) == ((), 0)
    assert [r["id"] for r in p.rows("s")] == [1, 2, 4]


def test_appends_and_rewritten_files_are_no_changes_and_a_full_refresh_cures(pipeline):
    p = fed(pipeline, STREAM.format(options=""))
    p.feed("e", [{"id": 3}])
    source(p).optimize.compact()
    source(p).merge(pa.table({"id": [4]}), "s.id = t.id", "s", "t").when_not_matched_insert_all().execute()
    assert (p.plan().notices, p.update().exit_code) == ((), 0)
    source(p).delete("id > 3")
    assert len(p.plan().notices) == 1
    again = Selection(full_refresh_all=True)
    assert (p.plan(again).notices, p.update(again).exit_code) == ((), 0)
    assert [r["id"] for r in p.rows("s")] == [1, 2, 3]


def test_options_in_sql_count_too(pipeline):
    text = 'import dlt\n@dlt.table\ndef s():\n    return spark.sql("SELECT * FROM STREAM(e){0}")\n'
    p = fed(pipeline, text.format(""))
    source(p).delete("id = 1")
    assert len(p.plan().notices) == 1
    rewrite(p, text.format(" WITH ('skipChangeCommits' = 'true')"))
    assert p.plan().notices == ()


@pytest.mark.parity("same", "4.4", "A source that was dropped and made again stops its streams")
def test_another_table_under_the_old_name_is_told(pipeline):
    p = fed(pipeline, STREAM.format(options=""))
    shutil.rmtree(p.outside["main.default.e"])
    p.feed("e", [{"id": 7}])
    condition = "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE"
    cure = f"read the table that it has read until now, or start over: {FULL_REFRESH_S}"
    assert p.plan().notices == (
        f"The flow main.default.s will fail ({condition}): its source main.default.e is a different "
        f"table from the one that it has read. To fix it: {cure}",
    )
    error = p.update().by_name()["main.default.s"].error.splitlines()
    assert error[0].startswith(
        f"[{condition}] The streaming query was reading from an unexpected Delta table"
    )
    assert error[1:] == [f"  hint: {cure}"]


@pytest.mark.parity("same", "4.4", "A stream over a materialized view fails when the view is computed anew")
def test_a_stream_over_a_materialized_view_is_told(pipeline):
    text = """
import dlt
@dlt.table
def mv():
    return spark.read.table("e")

@dlt.table
def s():
    return spark.readStream{options}.table("mv")
"""
    p = fed(pipeline, text.format(options=""))
    (notice,) = p.plan().notices
    assert notice == (
        "The flow main.default.s will fail (DELTA_SOURCE_TABLE_IGNORE_CHANGES): it streams from "
        f"main.default.mv, which this update recomputes if its inputs have changed. To fix it: read it as a batch (dlt.read), or {CURE}"
    )
    only = Selection(refresh=frozenset({"s"}))
    assert (p.plan(only).notices, p.update(only).exit_code) == ((), 0)
    assert p.update().exit_code == 0
    p.feed("e", [{"id": 8}])
    assert p.update().by_name()["main.default.s"].error.startswith("[DELTA_SOURCE_TABLE_IGNORE_CHANGES]")
    rewrite(p, text.format(options=".option('skipChangeCommits', 'true')"))
    assert (p.plan().notices, p.update().exit_code) == ((), 0)


GENERATED = ", schema='id BIGINT, twice BIGINT GENERATED ALWAYS AS (id * 2)'"
RENAMED = """
import dlt
dlt.create_streaming_table("t"{schema})

@dlt.append_flow(target="t"{name})
def {function}():
    return spark.readStream.table("e")
"""


@pytest.mark.parametrize("schema", short(["", GENERATED], ""))
@pytest.mark.parity("same", "4.2", "A renamed flow is a new flow: all is read again and appended")
def test_a_renamed_flow_is_told_before_it_reads_all_again(pipeline, schema):
    p = fed(pipeline, RENAMED.format(schema=schema, name="", function="old"))
    assert p.plan().notices == ()
    rewrite(p, RENAMED.format(schema=schema, name="", function="new"))
    assert p.plan().notices == (
        "The flow main.default.new has no checkpoint; main.default.t holds rows of the flow main.default.old, "
        "which is no longer defined. If it was renamed, all that it has read is read again and appended: keep "
        'the old name (name="main.default.old"), or start over: weir run --full-refresh main.default.t',
    )
    assert p.plan(Selection(full_refresh_all=True)).notices == ()
    rewrite(p, RENAMED.format(schema=schema, name=', name="main.default.old"', function="new"))
    assert (p.plan().notices, p.update().exit_code, len(p.rows("t"))) == ((), 0, 2)
    rewrite(p, RENAMED.format(schema=schema, name="", function="new"))
    p.update()
    assert len(p.rows("t")) == 4


def test_a_second_flow_into_a_table_is_no_renamed_one(pipeline):
    p = fed(pipeline, RENAMED.format(schema="", name="", function="old"))
    more = RENAMED.format(schema="", name="", function="more").partition("@dlt")
    rewrite(p, RENAMED.format(schema="", name="", function="old") + more[1] + more[2])
    assert p.plan().notices == ()


CHAIN = """
import dlt
@dlt.table
def a():
    return spark.readStream.table("e")

@dlt.table{properties}
def b():
    return spark.readStream{options}.table("a")

@dlt.table
def c():
    return dlt.read_stream("b")
"""
ONLY_A = Selection(full_refresh=frozenset({"a"}))


@pytest.mark.parity(
    "same", "4.5", "A full refresh of a table breaks the streams that read it and are not refreshed"
)
@pytest.mark.long("spark/test_foresight.py::test_what_a_protected_table_streams_from_is_not_reset")
def test_a_full_refresh_of_one_table_says_what_breaks_below(pipeline):
    p = fed(pipeline, CHAIN.format(properties="", options=""))
    cure = "Reset what reads it, too: weir run --full-refresh main.default.a,main.default.b,main.default.c"
    assert p.plan(ONLY_A).notices == (
        "The flow main.default.b will fail (DELTA_SOURCE_IGNORE_DELETE): it streams from main.default.a, which "
        f"is reset. {cure}",
    )
    rewrite(p, CHAIN.format(properties="", options=".option('skipChangeCommits', 'true')"))
    assert p.plan(ONLY_A).notices == (
        "The flow main.default.b will get all rows again: it streams from main.default.a, which is reset. "
        f"{cure}",
    )
    rewrite(p, CHAIN.format(properties="", options=""))
    p.update(ONLY_A)
    assert p.update().by_name()["main.default.b"].error.startswith("[DELTA_SOURCE_IGNORE_DELETE]")
    together = Selection(full_refresh=frozenset(cure.rpartition(" ")[2].split(",")))
    assert (p.plan(together).notices, p.update(together).exit_code, len(p.rows("c"))) == ((), 0, 2)


@pytest.mark.parity(
    "differs",
    "4.5",
    "A protected table below a resettable one",
    "INVALID_RESETTABLE_DEPENDENCY only when the upper one is to be reset",
)
def test_what_a_protected_table_streams_from_is_not_reset(pipeline):
    text = CHAIN.format(properties="(table_properties={'pipelines.reset.allowed': 'false'})", options="")
    p = fed(pipeline, text)
    for selection in (ONLY_A, Selection(full_refresh_all=True)):
        with pytest.raises(WeirError) as refused:
            p.update(selection)
        (problem,) = refused.value.problems
        assert (problem.condition, problem.message, problem.origin.line, problem.hint) == (
            "INVALID_RESETTABLE_DEPENDENCY",
            "`main.default.a` can't be reset: `main.default.b` streams from it, and its property "
            "pipelines.reset.allowed is false.",
            7,
            "set pipelines.reset.allowed to false for `main.default.a` too, or leave it out of the full refresh",
        )
    assert Path(p.storage.table("main.default.a")).is_dir()
    assert p.update().exit_code == 0


@pytest.mark.parity("same", "4.4", "A changed column of the source stops the stream until a full refresh")
def test_a_changed_column_of_the_source_is_told_by_the_error(pipeline):
    options = ".option('skipChangeCommits', 'true')"
    p = pipeline(
        f"import dlt\n@dlt.table\ndef s():\n    return spark.readStream{options}.table('e').select('id')\n"
    )
    p.feed("e", [{"id": 1, "x": 1}])
    assert p.update().exit_code == 0
    write_deltalake(source(p), pa.table({"id": [2], "x": ["b"]}), mode="overwrite", schema_mode="overwrite")
    error = p.update().by_name()["main.default.s"].error.splitlines()
    assert error[0].startswith("[DELTA_SCHEMA_CHANGED")
    assert error[1:] == [
        f"  hint: run again; if a column was dropped, renamed or has another type, start over: {FULL_REFRESH_S}"
    ]
    assert p.update(Selection(full_refresh=frozenset({"s"}))).exit_code == 0
    assert p.rows("s") == [{"id": 2}]
