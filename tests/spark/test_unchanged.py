"""A materialized view is left alone only where a recompute could not change it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyarrow import parquet

from weir.model.request import Selection

SOURCE = """
import dlt
from pyspark.sql import functions as F
import helper

@dlt.table
def bronze():
    return spark.readStream.table("events")

@dlt.view
@dlt.expect("odd", "x % 2 = 1")
def cleaned():
    return dlt.read("bronze")

@dlt.table(comment="all", table_properties={"quality": "gold"})
@dlt.expect_or_drop("positive", "x > 0")
def gold():
    return helper.total(dlt.read("cleaned").where("x <> 99"))

@dlt.table
def below():
    return spark.sql("SELECT n + 1 AS m FROM gold, (VALUES (1), (2)) AS v WHERE n > (SELECT min(x) FROM outside.raw.t)")
"""
HELPER = """
def total(df):
    return df.groupBy("x").count().withColumnRenamed("count", "n")
"""


@pytest.fixture
def fed(pipeline):
    def make(source=SOURCE, **options):
        p = pipeline({"p/pipeline.py": source, "p/helper.py": HELPER}, **options)
        p.sources = [p.sources[0] / "p/pipeline.py"]
        p.feed("events", [{"x": 1}, {"x": 2}])
        p.feed("outside.raw.t", [{"x": 0}])
        assert p.update().exit_code == 0
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


def test_new_rows_upstream_recompute_what_reads_them_in_the_same_update(fed):
    p = fed()
    p.feed("events", [{"x": 3}])
    result = p.update()
    assert states(result) == {"bronze": "COMPLETED", "gold": "COMPLETED", "below": "COMPLETED"}
    assert planned(p) == {"gold": "DATA_HAS_CHANGED", "below": "DATA_HAS_CHANGED"}
    assert len(p.rows("gold")) == 3


def rewrite(old, new, file="pipeline.py"):
    def change(p):
        path = p.sources[0].with_name(file)
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change


def outside_rows(p):
    p.feed("outside.raw.t", [{"x": -1}])


def another_outside_table(p):
    """The same rows and the same number of commits, but not the same table."""
    path = Path(p.outside["outside.raw.t"])
    shutil.rmtree(path)
    write_deltalake(path, pa.table({"x": [0]}))


def by_hand(p):
    DeltaTable(p.storage.table("main.default.below")).delete()


def configuration(p):
    p.configuration = {"spark.sql.session.timeZone": "America/Costa_Rica"}


# What changes, one after another -> why each of the two is no NO_OP.
CHANGES = {
    "rows of an outside table": (outside_rows, "NO_OP", "DATA_HAS_CHANGED"),
    "an outside table made anew": (another_outside_table, "NO_OP", "DATA_HAS_CHANGED"),
    "the table, by hand": (by_hand, "NO_OP", "CHANGE_SET_MISSING"),
    "a literal": (rewrite("x <> 99", "x <> 98"), "QUERY_FINGERPRINT_CHANGED", "DATA_HAS_CHANGED"),
    "rows in the query": (rewrite("VALUES (1), (2)", "VALUES (1), (3)"), "NO_OP", "QUERY_FINGERPRINT_CHANGED"),
    "a helper's code": (rewrite("df.", "df.where('x < 9').", "helper.py"), "QUERY_FINGERPRINT_CHANGED", "DATA_HAS_CHANGED"),
    "a rule": (rewrite("x > 0", "x > 1"), "QUERY_FINGERPRINT_CHANGED", "DATA_HAS_CHANGED"),
    "an action": (rewrite("expect_or_drop", "expect"), "QUERY_FINGERPRINT_CHANGED", "DATA_HAS_CHANGED"),
    "a rule of a view": (rewrite("x % 2 = 1", "x % 2 = 0"), "QUERY_FINGERPRINT_CHANGED", "DATA_HAS_CHANGED"),
    "the name of a view's rule": (rewrite('"odd"', '"uneven"'), "QUERY_FINGERPRINT_CHANGED", "DATA_HAS_CHANGED"),
    "a comment": (rewrite('comment="all"', 'comment="most"'), "CHANGE_SET_MISSING", "DATA_HAS_CHANGED"),
    "the configuration": (configuration, "CONFIGURATION_CHANGED", "CONFIGURATION_CHANGED"),
    "spark_conf": (rewrite('comment="most"', 'comment="most", spark_conf={"spark.sql.ansi.enabled": "false"}'), "CONFIGURATION_CHANGED", "DATA_HAS_CHANGED"),
}  # fmt: skip


def test_what_changed_is_recomputed_and_settles_again(fed):
    p = fed()
    found = {}
    for what, (change, *_) in CHANGES.items():
        change(p)
        assert p.update().exit_code == 0
        found[what] = planned(p)
    assert found == {what: {"gold": gold, "below": below} for what, (_, gold, below) in CHANGES.items()}
    p.update()
    assert planned(p) == {"gold": "NO_OP", "below": "NO_OP"}


# Query -> why it is recomputed each time.
NEVER = {
    "spark.read.format('parquet').load({files!r})": "INPUT_NOT_IN_DELTA",
    "spark.sql('SELECT * FROM parquet.`{files}`')": "INPUT_NOT_IN_DELTA",
    "spark.createDataFrame([(1,)], 'a INT')": "INPUT_NOT_IN_DELTA",
    "spark.range(2).withColumn('at', F.current_timestamp())": "PLAN_NOT_DETERMINISTIC.TIME_FUNCTION",
    "spark.sql('SELECT x FROM bronze WHERE x < (SELECT year(current_date()))')": "PLAN_NOT_DETERMINISTIC.TIME_FUNCTION",
    "dlt.read('bronze').withColumn('r', F.rand(7))": "PLAN_NOT_DETERMINISTIC.NON_DETERMINISTIC_EXPRESSION",
    "spark.sql('SELECT x, uuid() AS u FROM bronze')": "PLAN_NOT_DETERMINISTIC.NON_DETERMINISTIC_EXPRESSION",
    "spark.sql('SELECT x FROM bronze WHERE x > (SELECT rand()) - 9')": "PLAN_NOT_DETERMINISTIC.NON_DETERMINISTIC_EXPRESSION",
    "dlt.read('bronze').select(F.udf(lambda x: x, 'bigint')('x').alias('x'))": "PLAN_NOT_DETERMINISTIC.USER_DEFINED_FUNCTION",
    "dlt.read('bronze').mapInPandas(lambda frames: frames, 'x BIGINT')": "PLAN_NOT_DETERMINISTIC.USER_DEFINED_FUNCTION",
    "dlt.read('bronze').sample(0.5, 1)": "PLAN_NOT_DETERMINISTIC.USER_DEFINED_FUNCTION",
    "spark.range(dlt.read('bronze').count())": "PLAN_NOT_DETERMINISTIC",
    "spark.read.table('json_outside')": "INPUT_NOT_IN_DELTA",
}  # fmt: skip


def test_what_may_differ_without_a_change_is_recomputed_each_time(fed, tmp_path):
    files, outside = tmp_path / "files", tmp_path / "json_outside"
    outside.mkdir()
    (outside / "1.json").write_text('{"x": 1}')
    texts = [
        f"\n@dlt.table\ndef never_{n}():\n    return {query.format(files=str(files))}\n"
        for n, query in enumerate(NEVER)
    ]
    files.mkdir()
    parquet.write_table(pa.table({"x": [1]}), files / "1.parquet")
    p = fed()
    p.outside["main.default.json_outside"] = str(outside)
    p.sources[0].write_text(SOURCE + "".join(texts))
    p.update()
    p.update()
    found = {query: planned(p)[f"never_{n}"] for n, query in enumerate(NEVER)}
    assert found == NEVER


def test_a_rule_may_be_what_differs(fed):
    p = fed(SOURCE.replace('"x > 0"', '"x < unix_timestamp()"'))
    p.update()
    assert planned(p)["gold"] == "PLAN_NOT_DETERMINISTIC.TIME_FUNCTION"


def test_a_full_refresh_recomputes_what_has_not_changed(fed):
    p = fed()
    result = p.update(Selection(full_refresh=frozenset({"gold"})))
    assert (states(result)["gold"], planned(p)) == ("COMPLETED", {"gold": "COMPLETE_RECOMPUTE"})


def test_a_view_that_broke_a_fail_rule_is_tried_again(fed):
    p = fed(
        SOURCE.replace("@dlt.table\ndef below", '@dlt.table\n@dlt.expect_or_fail("few", "m < 9")\ndef below')
    )
    rewrite("m < 9", "m < 0")(p)
    assert [states(p.update())["below"] for _ in range(2)] == ["FAILED", "FAILED"]


def test_another_process_comes_to_the_same_fingerprint(tmp_path):
    source = SOURCE.replace('spark.readStream.table("events")', 'spark.readStream.table("outside.raw.t")')
    (tmp_path / "pipeline.py").write_text(source)
    (tmp_path / "helper.py").write_text(HELPER)
    write_deltalake(tmp_path / "t", pa.table({"x": [0, 1, 2]}))
    command = [
        Path(sys.executable).with_name("weir"),
        "run",
        "pipeline.py",
        "--table",
        "outside.raw.t=t",
        "--json",
    ]
    found = [
        json.loads(subprocess.run(command, capture_output=True, check=True, cwd=tmp_path).stdout)
        for _ in range(2)
    ]
    assert [[d["state"] for d in result["datasets"] if d["kind"] != "view"] for result in found] == [
        ["COMPLETED", "COMPLETED", "COMPLETED"], ["COMPLETED", "NO_OP", "NO_OP"],
    ]  # fmt: skip
