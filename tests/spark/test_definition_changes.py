"""What an update says when a definition and the table it made no longer fit (specification §4.6)."""

from __future__ import annotations

import json
import shutil

import pytest

from weir.model.settings import Selection
from weir.run.listeners.records import SCHEMAS
from weir.testing import PipelineUnderTest
from weir.verbs.shelf import run_list

ONE = "import dlt\n@dlt.table{0}\ndef t():\n    return spark.{1}.table('e')\n"
TWO = """
import dlt
@dlt.table
def kept():
    return spark.readStream.table("e")

@dlt.table
def old():
    return spark.readStream.table("e")
"""
WITHOUT_OLD = TWO.partition("@dlt.table\ndef old")[0]


def rewrite(p, text):
    (p.sources[0] / "pipeline.py").write_text(text)


def fed(pipeline, text, **options):
    p = pipeline(text, **options)
    p.feed("e", [{"id": 1, "day": "a"}])
    assert p.update().exit_code == 0
    return p


@pytest.mark.parity(
    "same",
    "4.6",
    "A table whose definition is gone becomes inactive: it stays, can be read, is not refreshed",
)
def test_a_table_whose_definition_is_gone_becomes_inactive_and_can_come_back(pipeline, capsys):
    p = fed(pipeline, TWO)
    rewrite(p, WITHOUT_OLD)
    plan = p.plan()
    assert [str(s) for s in plan.setup] == ["deactivate main.default.old"]
    assert plan.notices == (
        "main.default.old is no longer defined: the table becomes inactive. It stays as it is, can be "
        "read, and is not refreshed; pipelines.dropInactiveTables=true drops such tables.",
    )
    p.update()
    p.feed("e", [{"id": 2, "day": "b"}])
    assert (p.plan().setup, p.plan().notices) == ((), ())  # it is told once
    p.update()
    assert (len(p.rows("kept")), len(p.rows("old"))) == (2, 1)
    run_list(str(p.folder), str(p.storage.root), as_json=True)
    listed = {t["name"]: t["inactive"] for t in json.loads(capsys.readouterr().out)["tables"]}
    system = dict.fromkeys((f"main.system.{t}" for t in SCHEMAS), False)
    assert listed == {"main.default.kept": False, "main.default.old": True, **system}
    rewrite(p, TWO)
    assert [s.why for s in p.plan().setup] == ["properties weir.inactive"]
    p.update()
    assert len(p.rows("old")) == 2
    assert (p.plan().setup, p.plan().notices) == ((), ())


@pytest.mark.parity(
    "differs",
    "4.6",
    "pipelines.dropInactiveTables=true",
    "the table is gone at once; no seven days to get it back",
)
def test_inactive_tables_are_dropped_where_the_configuration_says_so(pipeline):
    p = fed(pipeline, TWO)
    rewrite(p, WITHOUT_OLD)
    p.update()
    p.configuration = {"pipelines.dropInactiveTables": "true"}
    assert p.plan().notices == (
        "main.default.old is no longer defined and is dropped: pipelines.dropInactiveTables is true.",
    )
    p.update()
    assert p.storage.tables() == ["main.default.kept", *(f"main.system.{t}" for t in sorted(SCHEMAS))]
    rewrite(p, TWO)  # a new table: its old checkpoint must not hide what it has read before
    p.update()
    assert len(p.rows("old")) == 1


def test_a_dropped_table_that_is_still_read_stays(pipeline):
    p = fed(pipeline, TWO, configuration={"pipelines.dropInactiveTables": "true"})
    reads = "\n@dlt.table\ndef reads():\n    return spark.read.table('old')\n"
    rewrite(p, WITHOUT_OLD + reads)
    assert p.update().exit_code == 0
    assert len(p.rows("reads")) == 1


@pytest.mark.parity("same", "4.6", "A table of another pipeline can't be defined again")
def test_pipelines_that_share_a_storage_keep_to_their_own_tables(pipeline):
    p = fed(pipeline, TWO)
    other = PipelineUnderTest(p.spark, p.folder, p.sources, name="other", outside=p.outside)
    assert [(x.condition, x.message, x.origin.line) for x in other.problems()] == [
        (
            "TABLE_ALREADY_MANAGED_BY_OTHER_PIPELINE",
            f"The table `main.default.{name}` belongs to the pipeline `local`.",
            line,
        )
        for name, line in (("kept", 3), ("old", 7))
    ]
    rewrite(p, TWO.replace("def kept", "def mine").replace("def old", "def ours"))
    assert [str(s) for s in other.plan().setup] == ["create main.default.mine", "create main.default.ours"]


@pytest.mark.parametrize(("before", "after"), [("readStream", "read"), ("read", "readStream")])
@pytest.mark.parity(
    "same",
    "4.6",
    "A streaming table can't become a materialized view, nor the other way, also with a full refresh",
)
def test_the_kind_of_a_table_stays(pipeline, before, after):
    p = fed(pipeline, ONE.format("", before))
    p.update()  # a materialized view was overwritten meanwhile
    rewrite(p, ONE.format("", after))
    kinds = {"readStream": "streaming table", "read": "materialized view"}
    (problem,) = p.problems()
    assert (problem.condition, problem.message, problem.hint) == (
        "CANNOT_CHANGE_DATASET_KIND",
        f"`main.default.t` exists as a {kinds[before]} and is defined as a {kinds[after]} now; "
        "a full refresh does not help.",
        f"rename one of the two, or drop the table: remove {p.storage.table('main.default.t')}",
    )
    with pytest.raises(Exception, match="CANNOT_CHANGE_DATASET_KIND"):
        p.update(Selection(full_refresh_all=True))


def test_a_table_without_marks_is_taken_as_it_is(pipeline, spark):
    p = fed(pipeline, ONE.format("", "readStream"))
    table = f"delta.`{p.storage.table('main.default.t')}`"
    spark.sql(f"ALTER TABLE {table} UNSET TBLPROPERTIES ('weir.pipeline', 'weir.kind')")
    other = PipelineUnderTest(spark, p.folder, p.sources, name="other", outside=p.outside)
    rewrite(p, ONE.format("", "read"))
    assert (other.problems(), other.update().exit_code, len(p.rows("t"))) == ((), 0, 1)


def test_a_table_that_was_removed_by_hand_is_read_from_the_beginning(pipeline):

    p = fed(pipeline, ONE.format("", "readStream"))
    shutil.rmtree(p.storage.table("main.default.t"))
    assert [s.why for s in p.plan().flows] == ["has no checkpoint yet: reads all there is"]
    p.update()
    assert len(p.rows("t")) == 1


@pytest.mark.parametrize("read", ["readStream", "read"])
@pytest.mark.parity(
    "differs",
    "4.6",
    "Changed partition columns",
    "CANNOT_UPDATE_PARTITION_COLUMNS as there; a full refresh takes them over",
)
def test_changed_partition_columns_need_a_full_refresh(pipeline, read):
    p = fed(pipeline, ONE.format("(partition_cols=['day'])", read))
    for wanted in ("id", "nothing"):
        columns = () if wanted == "nothing" else (wanted,)
        was = ", ".join(p.storage.state("main.default.t").partition_columns)
        rewrite(p, ONE.format(f"(partition_cols={list(columns)})", read))
        (problem,) = p.problems()
        assert (problem.condition, problem.message, problem.hint) == (
            "CANNOT_UPDATE_PARTITION_COLUMNS",
            f"The table `main.default.t` is partitioned by {was}, but its definition says {wanted}.",
            "keep partition_cols, or rewrite the table: weir run --full-refresh main.default.t",
        )
        assert p.update(Selection(full_refresh=frozenset({"t"}))).exit_code == 0
        assert p.storage.state("main.default.t").partition_columns == columns
        assert p.rows("t") == [{"id": 1, "day": "a"}]
