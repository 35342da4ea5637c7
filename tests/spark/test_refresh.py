"""Second updates: what is refreshed, what is reset, what is left alone, what can be tried again."""

from __future__ import annotations

import pytest

from weir.model.problems import WeirError
from weir.model.settings import Selection

SOURCE = """
import dlt
dlt.create_streaming_table("bronze", table_properties={PROPERTIES})

@dlt.append_flow(target="bronze")
def live():
    return spark.readStream.table("events")

@dlt.append_flow(target="bronze", once=True)
def backfill():
    return spark.read.table("history")

@dlt.table
def silver():
    return dlt.read_stream("bronze").selectExpr("id", "id * FACTOR AS v")

@dlt.table
def gold():
    return dlt.read("silver").groupBy().agg({"v": "sum"}).toDF("total")
"""


def text(factor=1, properties="{}"):
    return SOURCE.replace("FACTOR", str(factor)).replace("{PROPERTIES}", properties)


def states(result):
    return {d.name.rsplit(".", 1)[-1]: str(d.state) for d in result.datasets}


@pytest.fixture
def fed(pipeline):
    def make(source):
        p = pipeline(source)
        p.feed("events", [{"id": 1}, {"id": 2}])
        p.feed("history", [{"id": 10}])
        assert p.update().exit_code == 0
        return p

    return make


@pytest.mark.parity(
    "same",
    "4.5",
    "A full refresh clears tables, reads all sources again and runs once flows again",
)
@pytest.mark.parity("same", "4.6", "A changed query applies to new rows only")
def test_a_full_refresh_recomputes_everything_and_runs_once_flows_again(fed):
    p = fed(text())
    identity = p.storage.state("main.default.silver").generation
    (p.sources[0] / "pipeline.py").write_text(text(factor=2))
    p.feed("events", [{"id": 3}])
    p.update()
    assert p.rows("silver", "id") == [
        {"id": 1, "v": 1}, {"id": 2, "v": 2}, {"id": 3, "v": 6}, {"id": 10, "v": 10},
    ]  # fmt: skip
    result = p.update(Selection(full_refresh_all=True))
    assert states(result) == {"bronze": "COMPLETED", "silver": "COMPLETED", "gold": "COMPLETED"}
    assert [r["v"] for r in p.rows("silver", "id")] == [2, 4, 6, 20]
    assert p.rows("gold") == [{"total": 32}]
    assert p.storage.state("main.default.silver").generation == identity + 1


@pytest.mark.parity(
    "same",
    "4.3",
    "Tables that were not selected are EXCLUDED and read as they are",
)
def test_a_selective_refresh_leaves_other_tables_untouched(fed):
    p = fed(text())
    p.feed("events", [{"id": 3}])
    versions = (p.version("bronze"), p.version("gold"))
    result = p.update(Selection(refresh=frozenset({"silver"})))
    assert states(result) == {"bronze": "EXCLUDED", "silver": "COMPLETED", "gold": "EXCLUDED"}
    assert (p.version("bronze"), p.version("gold")) == versions
    assert states(p.update(Selection(refresh=frozenset({"main.default.bronze"}))))["bronze"] == "COMPLETED"
    assert len(p.rows("bronze")) == 4


@pytest.mark.parity(
    "same",
    "4.5",
    "pipelines.reset.allowed=false: skipped by a full refresh of all",
)
@pytest.mark.parity(
    "differs",
    "4.5",
    "pipelines.reset.allowed=false: naming the table",
    "refused before anything runs",
)
def test_a_protected_table_is_not_reset(fed):
    p = fed(text(properties='{"pipelines.reset.allowed": "false"}'))
    with pytest.raises(WeirError, match="RESET_NOT_ALLOWED") as refused:
        p.update(Selection(full_refresh=frozenset({"bronze"})))
    assert refused.value.problems[0].origin.line == 3
    plan = p.plan(Selection(full_refresh_all=True))
    assert plan.notices == (
        "Skipping full refresh on some tables because pipelines.reset.allowed was set to false: "
        "main.default.bronze",
    )
    assert [str(s) for s in plan.setup] == ["reset main.default.silver"]


def test_a_full_refresh_of_one_table_rereads_all_of_its_source(fed):
    p = fed(text())
    (p.sources[0] / "pipeline.py").write_text(text(factor=3))
    result = p.update(Selection(full_refresh=frozenset({"silver"})))
    assert states(result) == {"bronze": "EXCLUDED", "silver": "COMPLETED", "gold": "EXCLUDED"}
    assert [r["v"] for r in p.rows("silver", "id")] == [3, 6, 30]


@pytest.mark.parity(
    "same",
    "4.6",
    "Additive schema changes join a streaming table; columns no longer produced stay and are NULL",
)
def test_new_columns_join_the_table_and_old_ones_stay(pipeline):
    source = "import dlt\n@dlt.table(comment='{0}')\ndef t():\n    return spark.readStream.table('e').select({1})\n"
    p = pipeline(source.format("one", "'a'"))
    p.feed("e", [{"a": 1, "b": "x"}])
    p.update()
    (p.sources[0] / "pipeline.py").write_text(source.format("two", "'b'"))
    assert [s.why for s in p.plan().setup] == ["new columns b; its comment"]
    p.feed("e", [{"a": 2, "b": "y"}])
    p.update()
    assert p.rows("t", "b NULLS FIRST") == [{"a": 1, "b": None}, {"a": None, "b": "y"}]
    assert p.storage.state("main.default.t").comment == "two"


@pytest.mark.parity("same", "4.6", "A changed column type needs a full refresh")
def test_a_changed_type_needs_a_full_refresh(pipeline):
    source = (
        "import dlt\n@dlt.table\ndef t():\n    return spark.readStream.table('e').selectExpr('{0} AS a')\n"
    )
    p = pipeline(source.format("a"))
    p.feed("e", [{"a": 1}])
    p.update()
    (p.sources[0] / "pipeline.py").write_text(source.format("CAST(a AS STRING)"))
    (problem,) = p.problems()
    assert problem.condition == "CANNOT_CHANGE_COLUMN_TYPE"
    assert problem.hint.endswith("weir run --full-refresh main.default.t")
    p.update(Selection(full_refresh=frozenset({"t"})))
    assert p.rows("t") == [{"a": "1"}]


@pytest.mark.parity("same", "4.6", "A materialized view takes its new schema")
def test_a_materialized_view_takes_a_new_schema_in_one_commit(pipeline):
    source = "import dlt\n@dlt.table\ndef t():\n    return spark.read.table('e').selectExpr({0})\n"
    p = pipeline(source.format("'a'"))
    p.feed("e", [{"a": 1}])
    p.update()
    before = p.version("t")
    (p.sources[0] / "pipeline.py").write_text(source.format("'CAST(a AS STRING) AS a', 'a + 1 AS c'"))
    p.update()
    assert (p.rows("t"), p.version("t")) == ([{"a": "1", "c": 2}], before + 1)


def test_an_error_of_user_code_is_not_tried_again(pipeline, tmp_path):
    counter = tmp_path / "tries"
    p = pipeline(
        f"""
import dlt
from pathlib import Path

def tries():
    file = Path({str(counter)!r})
    file.write_text(str(int(file.read_text()) + 1 if file.exists() else 1))
    return int(file.read_text())

@dlt.table
def shaky():
    n = tries()
    if n > 1:
        raise ValueError(f"call {{n}}")
    return spark.range(1)
""",
        development=False,
    )
    result = p.update()
    assert result.datasets[0].error.splitlines()[0] == ("[QUERY_FUNCTION_FAILED] ValueError: call 2")
    assert counter.read_text() == "2"
    assert [e.level for e in p.events if e.details.get("status") == "FAILED"] == ["ERROR"]


@pytest.mark.parity("same", "1.3", "spark_conf of a dataset holds while its flow runs")
@pytest.mark.parity("same", "5.3", "spark.conf.get gives the configuration")
def test_one_spark_conf_holds_for_its_flow_alone(pipeline):
    p = pipeline("""
import dlt
KEY = "spark.sql.ansi.enabled"

@dlt.table(spark_conf={KEY: "false"})
def lenient():
    return spark.sql("SELECT CAST('x' AS INT) AS n")

@dlt.table
def strict():
    return spark.createDataFrame([(spark.conf.get(KEY), spark.conf.get("my.key"))], "ansi string, mine string")
""", configuration={"my.key": "7"})  # fmt: skip
    assert p.update().exit_code == 0
    assert (p.rows("lenient"), p.rows("strict")) == ([{"n": None}], [{"ansi": "true", "mine": "7"}])
