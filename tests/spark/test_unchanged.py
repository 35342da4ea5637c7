"""A materialized view is left alone only where a recompute could not change it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyarrow import parquet

from tests.tiers import short
from weir.model.settings import Selection

SOURCE = """
import dlt

@dlt.table
def bronze():
    return spark.readStream.table("events")

@dlt.table
def gold():
    return dlt.read("bronze").groupBy("x").count()

@dlt.table
@dlt.expect_or_fail("few", "n < 9")
def below():
    return spark.sql("SELECT count(*) AS n FROM gold")
"""


@pytest.fixture
def fed(pipeline):
    def make(source=SOURCE, helper=""):
        p = pipeline({"p/pipeline.py": source, "p/helper.py": helper})
        p.sources = [p.sources[0] / "p/pipeline.py"]
        p.feed("events", [{"x": 1}, {"x": 2}])
        return p

    return make


def states(result):
    return {d.name.rsplit(".", 1)[-1]: str(d.state) for d in result.datasets if d.kind != "view"}


def planned(p):
    """How the last update refreshed each materialized view, and why it was no NO_OP."""
    found = {}
    for event in p.events:
        if event.event_type == "create_update":
            found = {}
        if event.event_type == "planning_information":
            (technique,) = event.details["technique_information"]
            why = [".".join(v for k, v in i.items() if k != "prevent_incrementalization")
                   for i in technique["incrementalization_issues"]]  # fmt: skip
            kind = technique["maintenance_type"].removeprefix("MAINTENANCE_TYPE_")
            found[event.dataset.rsplit(".", 1)[-1]] = why[0] if why else kind
    return found


@pytest.mark.parity(
    "differs",
    "9",
    "How materialized views are refreshed",
    "always recomputed as a whole, or NO_OP where nothing has changed; never incrementally",
)
@pytest.mark.parity(
    "same",
    "9",
    "A materialized view whose inputs and definition have not changed is a NO_OP, others say why not",
)
def test_nothing_new_is_a_no_op_down_to_the_last_table(fed):
    p = fed()
    p.update()
    assert planned(p) == {"gold": "CHANGE_SET_MISSING", "below": "CHANGE_SET_MISSING"}

    versions = (p.version("gold"), p.version("below"))
    result = p.update()
    assert states(result) == {"bronze": "COMPLETED", "gold": "NO_OP", "below": "NO_OP"}
    assert (planned(p), result.exit_code) == ({"gold": "NO_OP", "below": "NO_OP"}, 0)
    assert (p.version("gold"), p.version("below")) == versions
    told = [e.message for e in p.events if e.flow == "main.default.below"][-4:]
    assert told == [
        "Flow 'main.default.below' is QUEUED.",
        "Flow 'main.default.below' is STARTING.",
        "Flow 'main.default.below' has been planned to be executed as NO_OP.",
        "Flow 'main.default.below' has COMPLETED.",
    ]

    p.feed("events", [{"x": 3}])
    result = p.update()
    assert states(result) == {"bronze": "COMPLETED", "gold": "COMPLETED", "below": "COMPLETED"}
    assert planned(p) == {"gold": "DATA_HAS_CHANGED", "below": "DATA_HAS_CHANGED"}
    assert p.rows("below") == [{"n": 3}]

    for table in ("bronze", "gold"):  # files are written anew, in an order: the rows are the same
        DeltaTable(p.storage.table(f"main.default.{table}")).optimize.z_order(["x"])
    assert (states(p.update())["below"], planned(p)) == ("NO_OP", {"gold": "NO_OP", "below": "NO_OP"})

    result = p.update(Selection(full_refresh=frozenset({"gold"})))
    assert (states(result)["gold"], planned(p)) == ("COMPLETED", {"gold": "COMPLETE_RECOMPUTE"})

    p.configuration = {"spark.sql.session.timeZone": "America/Costa_Rica"}
    p.update()
    assert planned(p) == {"gold": "CONFIGURATION_CHANGED", "below": "CONFIGURATION_CHANGED"}


def test_a_view_that_broke_a_fail_rule_is_tried_again(fed):
    p = fed(SOURCE.replace("n < 9", "n < 2"))
    assert [states(p.update())["below"] for _ in range(2)] == ["FAILED", "FAILED"]


# One materialized view for each thing that changes.
VARIED = """
import dlt
import helper

@dlt.table
def left_alone():
    return spark.read.table("events")

@dlt.table
def literal():
    return spark.read.table("events").where("x <> 99")

@dlt.table
def values():
    return spark.sql("SELECT * FROM (VALUES (1), (2)) AS v")

@dlt.table
def helped():
    return helper.total(spark.read.table("events"))

@dlt.table
@dlt.expect_or_drop("positive", "x > 0")
def rule():
    return spark.read.table("events")

@dlt.table
@dlt.expect_or_drop("action", "x > 0")
def action():
    return spark.read.table("events")

@dlt.view
@dlt.expect("odd", "x % 2 = 1")
def viewed():
    return spark.read.table("events")

@dlt.table
def rule_of_a_view():
    return spark.read.table("viewed")

@dlt.view
@dlt.expect("name", "x % 2 = 1")
def seen():
    return spark.read.table("events")

@dlt.table
def name_of_a_rule():
    return spark.read.table("seen")

@dlt.table(comment="all")
def comment():
    return spark.read.table("events")

@dlt.table(spark_conf={"spark.sql.ansi.enabled": "true"})
def configured():
    return spark.read.table("events")

@dlt.table
def outside():
    return spark.sql("SELECT x FROM events WHERE x > (SELECT min(x) FROM outside.raw.t)")

@dlt.table
def made_anew():
    return spark.read.table("outside.raw.u")

@dlt.table
def by_hand():
    return spark.read.table("events")
"""
HELPER = """
def total(df):
    return df.groupBy("x").count()
"""
REWRITTEN = {
    "x <> 99": "x <> 98",
    "(VALUES (1), (2))": "(VALUES (1), (3))",
    '"positive", "x > 0"': '"positive", "x > 1"',
    'expect_or_drop("action"': 'expect("action"',
    '"odd", "x % 2 = 1"': '"odd", "x % 2 = 0"',
    '"name", "x % 2 = 1"': '"rename", "x % 2 = 1"',
    'comment="all"': 'comment="most"',
    'ansi.enabled": "true"': 'ansi.enabled": "false"',
}


@pytest.mark.long("spark/test_planned_refreshes.py::test_a_refresh_is_done_as_it_was_planned")
def test_each_thing_that_changed_is_recomputed_and_settles_again(fed):
    p = fed(VARIED, HELPER)
    p.feed("outside.raw.t", [{"x": 0}])
    p.feed("outside.raw.u", [{"x": 0}])
    p.update()
    p.update()
    assert set(planned(p).values()) == {"NO_OP"}

    source = p.sources[0]
    text = source.read_text()
    for old, new in REWRITTEN.items():
        assert old in text
        text = text.replace(old, new)
    source.write_text(text)
    source.with_name("helper.py").write_text(HELPER.replace("df.", "df.where('x < 9')."))
    p.feed("outside.raw.t", [{"x": -1}])
    another = Path(p.outside["outside.raw.u"])  # the same rows and number of commits, but not the same table
    shutil.rmtree(another)
    write_deltalake(another, pa.table({"x": [0]}))
    DeltaTable(p.storage.table("main.default.by_hand")).delete()
    p.update()
    assert planned(p) == {
        "left_alone": "NO_OP",
        "literal": "QUERY_FINGERPRINT_CHANGED",
        "values": "QUERY_FINGERPRINT_CHANGED",
        "helped": "QUERY_FINGERPRINT_CHANGED",
        "rule": "QUERY_FINGERPRINT_CHANGED",
        "action": "QUERY_FINGERPRINT_CHANGED",
        "rule_of_a_view": "QUERY_FINGERPRINT_CHANGED",
        "name_of_a_rule": "QUERY_FINGERPRINT_CHANGED",
        "comment": "DATA_SCHEMA_CHANGED",
        "configured": "CONFIGURATION_CHANGED",
        "outside": "DATA_HAS_CHANGED",
        "made_anew": "DATA_HAS_CHANGED",
        "by_hand": "CHANGE_SET_MISSING",
    }
    p.update()
    assert set(planned(p).values()) == {"NO_OP"}


# Query -> why it is recomputed each time.
NEVER = {
    "spark.read.format('parquet').load({files!r})": "INPUT_NOT_IN_DELTA",
    "spark.sql('SELECT * FROM parquet.`{files}`')": "INPUT_NOT_IN_DELTA",
    "spark.read.jdbc('jdbc:derby:memory:shop', 'animals')": "INPUT_NOT_IN_DELTA",
    "spark.createDataFrame([(1,)], 'a INT')": "INPUT_NOT_IN_DELTA",
    "spark.range(2).withColumn('at', F.current_timestamp())": "PLAN_NOT_DETERMINISTIC.TIME_FUNCTION",
    "spark.sql('SELECT x FROM events WHERE x < (SELECT year(current_date()))')": "PLAN_NOT_DETERMINISTIC.TIME_FUNCTION",
    "dlt.read('events').withColumn('r', F.rand(7))": "PLAN_NOT_DETERMINISTIC.NON_DETERMINISTIC_EXPRESSION",
    "spark.sql('SELECT x, uuid() AS u FROM events')": "PLAN_NOT_DETERMINISTIC.NON_DETERMINISTIC_EXPRESSION",
    "spark.sql('SELECT x FROM events WHERE x > (SELECT rand()) - 9')": "PLAN_NOT_DETERMINISTIC.NON_DETERMINISTIC_EXPRESSION",
    "dlt.read('events').select(F.udf(lambda x: x, 'bigint')('x').alias('x'))": "PLAN_NOT_DETERMINISTIC.USER_DEFINED_FUNCTION",
    "dlt.read('events').mapInPandas(lambda frames: frames, 'x BIGINT')": "PLAN_NOT_DETERMINISTIC.USER_DEFINED_FUNCTION",
    "dlt.read('events').sample(0.5, 1)": "PLAN_NOT_DETERMINISTIC.USER_DEFINED_FUNCTION",
    "spark.range(dlt.read('events').count())": "PLAN_NOT_DETERMINISTIC",
    "spark.read.table('json_outside')": "INPUT_NOT_IN_DELTA",
    "spark.read.table('ruled')": "PLAN_NOT_DETERMINISTIC.TIME_FUNCTION",
}  # fmt: skip
# The last query with each reason, and all others.
ONE_OF_EACH = tuple({why: query for query, why in NEVER.items()}.values())
OTHERS = tuple(query for query in NEVER if query not in ONE_OF_EACH)
NEVER_SOURCE = """
import dlt
from pyspark.sql import functions as F

@dlt.view
@dlt.expect_or_drop("past", "x < unix_timestamp()")
def ruled():
    return spark.read.table("events")
"""


@pytest.mark.parametrize("queries", short([ONE_OF_EACH, OTHERS], ONE_OF_EACH), ids=len)
def test_what_may_differ_without_a_change_is_recomputed_each_time(fed, tmp_path, queries):
    files, outside = tmp_path / "files", tmp_path / "json_outside"
    outside.mkdir()
    (outside / "1.json").write_text('{"x": 1}')
    files.mkdir()
    parquet.write_table(pa.table({"x": [1]}), files / "1.parquet")
    texts = [
        f"\n@dlt.table\ndef never_{n}():\n    return {query.format(files=str(files))}\n"
        for n, query in enumerate(queries)
    ]
    p = fed(NEVER_SOURCE + "".join(texts))
    p.outside["main.default.json_outside"] = str(outside)
    log = f"'derby.stream.error.file', '{tmp_path}/derby.log'"
    p.spark.sql(f"SELECT reflect('java.lang.System', 'setProperty', {log})").collect()
    p.spark.range(1).write.jdbc("jdbc:derby:memory:shop;create=true", "animals", mode="overwrite")
    p.update()
    p.update()
    found = {query: planned(p)[f"never_{n}"] for n, query in enumerate(queries)}
    assert found == {query: NEVER[query] for query in queries}
