"""Counts of rules, where Spark runs a part of a query again, ends it early, or Delta plans it anew."""

from __future__ import annotations

import shutil

import pytest

from weir.model.settings import Selection

READ = """
import dlt
from pyspark.sql import functions as F

@dlt.view
@dlt.expect("positive", "v > 0")
@dlt.expect_or_drop("whole", "v IS NOT NULL")
def checked():
    return spark.read.table("events").repartition(3, "v")

@dlt.view
@dlt.expect("small", "v < 3")
def again():
    return dlt.read("checked").where("v <> 2")

@dlt.view
@dlt.expect("some", "r < 0.5")
def drawn():
    return spark.read.table("events").withColumn("r", F.rand())

def small():
    return spark.read.table("small")

def looked(v):
    v.isEmpty()
    return v.select("v")

READERS = {
    "as_it_is": lambda v: v,
    "ordered": lambda v: v.orderBy("v"),
    "ordered_totals": lambda v: v.groupBy("v").count().orderBy("count"),
    "ranged": lambda v: v.repartitionByRange(2, "v"),
    "limited": lambda v: v.limit(1),
    "first_ones": lambda v: v.orderBy("v").limit(1),
    "sampled": lambda v: v.sample(0.5, 7),
    "crossed": lambda v: v.crossJoin(small().hint("shuffle_replicate_nl")).select("v"),
    "outer": lambda v: v.join(F.broadcast(small()), F.expr("v > k"), "full").select("v"),
    "joined_to_nothing": lambda v: v.join(small().where("k > 99"), F.expr("v = k")).select("v"),
    "same_twice": lambda v: v.union(v.limit(1)),
    "joined_to_itself": lambda v: v.alias("a").join(v.alias("b"), "v"),
    "pruned": lambda v: small().join(v.select("v").distinct(), F.expr("v = k"), "left").select("k").distinct(),
    "below_exists": lambda v: (v.createOrReplaceTempView("w"), spark.sql(
        "SELECT k FROM small WHERE EXISTS (SELECT 1 FROM w) AND k < (SELECT max(v) FROM w)"))[1],
    "cached": lambda v: v.cache().limit(1),
    "looked_at": looked,
}

def reads(name, view, query):
    dlt.table(name=name)(lambda: query(dlt.read(view)))

for name, query in READERS.items():
    reads(name, "checked", query)
reads("through_a_view", "again", lambda v: v.orderBy("v"))
reads("drawn_once", "drawn", lambda v: v.select("v"))
reads("drawn_and_ordered", "drawn", lambda v: v.orderBy("v").select("v"))
"""


def counted(result, view):
    """Reading flow -> rule -> (passed, failed)."""
    found: dict = {}
    for rule in result.by_name()[view].expectations:
        found.setdefault(rule.reader.rsplit(".", 1)[-1], {})[rule.name] = (rule.passed, rule.failed)
    return found


def same(names, counts):
    return {name: counts for name in names}  # noqa: C420 - the value is a dictionary


def errors(result):
    return {d.name: d.error for d in result.datasets if d.error}


@pytest.mark.parity("same", "2.6", "A count of a view's rule holds each row once, whatever its reader does")
def test_a_view_is_counted_right_whatever_its_reader_does(pipeline):
    p = pipeline(READ)
    p.feed("events", [{"v": n} for n in (1, 2, 3, -1, -2, None)])
    p.feed("small", [{"k": n} for n in range(4)])
    result = p.update()
    assert errors(result) == {}
    readers = {k: v for k, v in counted(result, "checked").items() if k != "through_a_view"}
    assert len(readers) == 16
    assert readers == same(readers, {"positive": (3, 3), "whole": (5, 1)})
    assert counted(result, "checked")["through_a_view"] == {"positive": (3, 3), "whole": (5, 1)}
    assert counted(result, "again") == {"through_a_view": {"small": (3, 1)}}
    drawn = counted(result, "drawn")
    assert sum(drawn["drawn_once"]["some"]) == 6
    assert drawn["drawn_and_ordered"] == {"some": (None, None)}


AGAIN = """
import glob, os
import dlt
from pyspark.sql.functions import udf

@dlt.view
@dlt.expect("positive", "v > 0")
def checked():
    return spark.read.table("events").repartition(3, "v")

@dlt.table
@dlt.expect("positive", "v > 0")
def ran_again():
    def lose(x):
        if not os.path.exists(flag):
            open(flag, "w").close()
            for blocks in os.environ["SPARK_LOCAL_DIRS"].split(","):
                for file in glob.glob(f"{blocks}/*/shuffle_*"):
                    os.remove(file)
        return x
    return dlt.read("checked").repartition(4, "v").select(udf(lose, "bigint")("v").alias("v"))
"""


def test_a_stage_that_spark_runs_again_is_counted_once(pipeline, tmp_path):
    p = pipeline(f"flag = {str(tmp_path / 'lost')!r}\n{AGAIN}")
    p.feed("events", [{"v": n} for n in (1, 2, 3, -1)])
    result = p.update()
    assert ((tmp_path / "lost").exists(), errors(result)) == (True, {})
    assert counted(result, "checked") == {"ran_again": {"positive": (3, 1)}}
    own = result.by_name()["main.default.ran_again"]
    assert [(r.passed, r.failed) for r in own.expectations] == [(3, 1)]
    assert len(p.rows("ran_again")) == 4


STREAMS = """
import dlt
from pyspark.sql import functions as F

def events():
    return spark.readStream.table("events")

def checked(name, **options):
    def define(function):
        rules = {"positive": "v > 0"}
        function = dlt.expect_or_drop("whole", "v IS NOT NULL")(dlt.expect_all(rules)(function))
        return dlt.table(name=name, **options)(function)
    return define

@checked("cast", schema="v BIGINT")
def cast():
    return events().selectExpr("CAST(v AS INT) AS v")

@checked("named", schema="v BIGINT")
def named():
    return events().selectExpr("v AS V")

@checked("nested", schema="v BIGINT, s STRUCT<a: BIGINT, b: ARRAY<BIGINT>>")
def nested():
    return events().selectExpr("v", "named_struct('B', array(CAST(v AS INT)), 'A', CAST(v AS INT)) AS S")

@checked("generated", schema="v BIGINT, w BIGINT GENERATED ALWAYS AS (v + 1)")
def generated():
    return events()

@dlt.view
@dlt.expect("positive", "v > 0")
def seen():
    return events()

@dlt.view
@dlt.expect("known", "k > 0")
def static():
    return spark.read.table("small")

def reads(name, query):
    dlt.table(name=name)(lambda: query(dlt.read_stream("seen")))

reads("plain", lambda v: v)
reads("enriched", lambda v: v.join(dlt.read("static"), F.expr("v = k")).select("v"))
reads("to_nothing", lambda v: v.join(dlt.read("static").where("k > 99"), F.expr("v = k")).select("v"))
reads("limited", lambda v: v.limit(2))
reads("crossed", lambda v: v.crossJoin(dlt.read("static").hint("shuffle_replicate_nl")).select("v"))
reads("totals", lambda v: v.groupBy("v").count())

@dlt.foreach_batch_sink(name="careless")
def careless(batch, number):
    batch.persist()
    batch.limit(1).collect()
    batch.unpersist()
    batch.count()

@dlt.append_flow(target="careless", name="to_careless")
def to_careless():
    return dlt.read_stream("seen")

@dlt.view
def keyed():
    return dlt.read_stream("seen").where("v IS NOT NULL")

dlt.create_streaming_table("current")
dlt.create_auto_cdc_flow(target="current", source="keyed", keys=["v"], sequence_by="v", stored_as_scd_type=1)
dlt.create_streaming_table("snapped")
dlt.create_auto_cdc_from_snapshot_flow(target="snapped", source="static", keys=["k"], stored_as_scd_type=1)
dlt.create_streaming_table("versions")

def next_version(latest):
    if latest is None or latest < 2:
        number = (latest or 0) + 1
        return dlt.read("static").where(f"k < {number}"), number

dlt.create_auto_cdc_from_snapshot_flow(target="versions", source=next_version, keys=["k"], stored_as_scd_type=1)
"""
CAST = ("cast", "named", "nested", "generated")


@pytest.mark.parity("same", "2.6", "Counts where a stream's types or names are not its table's")
def test_streams_count_right_or_say_that_they_do_not_know(pipeline):
    p = pipeline(STREAMS)
    p.feed("events", [{"v": n} for n in (1, 2, 3, -1, None)])
    p.feed("small", [{"k": n} for n in range(4)])
    result = p.update()
    assert errors(result) == {}
    tables = {d.name.rsplit(".", 1)[-1]: d for d in result.datasets}
    assert {n: (tables[n].rows_in, tables[n].rows_written, tables[n].rows_dropped) for n in CAST} == same(
        CAST, (5, 4, 1)
    )
    rules = {n: {r.name: (r.passed, r.failed) for r in tables[n].expectations} for n in CAST}
    assert rules == same(CAST, {"whole": (4, 1), "positive": (3, 2)})
    assert counted(result, "seen") == {
        **same(("plain", "enriched", "totals", "current", "to_careless"), {"positive": (3, 2)}),
        **same(("to_nothing", "limited", "crossed"), {"positive": (None, None)}),
    }  # fmt: skip
    assert counted(result, "static") == {
        **same(("enriched", "to_nothing", "crossed", "snapped"), {"known": (3, 1)}),
        "versions": {"known": (6, 2)},
    }  # fmt: skip
    assert tables["snapped"].rows_in is None


@pytest.mark.long("spark/test_counts.py::test_streams_count_right_or_say_that_they_do_not_know")
def test_a_batch_that_an_earlier_update_has_committed_is_not_counted_as_empty(pipeline):
    p = pipeline(STREAMS)
    p.feed("events", [{"v": 1}])
    p.feed("small", [{"k": 1}])
    few = Selection(refresh=frozenset({"plain", "current", "cast", "totals"}))
    p.update(few)
    for flow in ("plain", "current"):
        commits = p.storage.checkpoint("local", f"main.default.{flow}", 0) / "commits"
        shutil.rmtree(commits)
    again = p.update(few)
    assert errors(again) == {}
    tables = {d.name.rsplit(".", 1)[-1]: (d.rows_in, d.rows_written) for d in again.datasets}
    assert {n: tables[n] for n in ("plain", "current", "cast")} == {
        "plain": (None, None), "current": (None, 0), "cast": (0, 0),
    }  # fmt: skip
    seen = counted(again, "seen")
    assert (seen["plain"], seen["current"], seen["totals"]) == (
        {"positive": (None, None)}, {"positive": (None, None)}, {"positive": (0, 0)},
    )  # fmt: skip
    assert [len(p.rows(n)) for n in ("plain", "current")] == [1, 1]
