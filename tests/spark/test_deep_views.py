"""Views of views: what is known of one stands for it, however many it reads; what it hides is not lost."""

from __future__ import annotations

from tests.fixtures import Make
from weir.graph.analysis import StreamRead
from weir.model.results import State

DEEP = """
import dlt
from pyspark.sql import functions as F

DEPTH = {depth}


@dlt.view
@dlt.expect("small", "id < 2")
def view0():
    return spark.range(3)


def above(n):
    @dlt.view(name=f"view{{n}}")
    @dlt.expect_all({{"seen": "id > 0"}} if n == DEPTH // 2 else {{}})
    def view():
        return dlt.read(f"view{{n - 1}}").where(f"id < {{n + 2}}")


for n in range(1, DEPTH):
    above(n)


@dlt.table
@dlt.expect("odd", "id % 2 = 1")
def end():
    return dlt.read(f"view{{DEPTH - 1}}")
"""

HIDDEN = """
import dlt
from pyspark.sql import functions as F


@dlt.table
def numbers():
    return spark.range(3).withColumn("odd", F.col("id") % 2)


@dlt.view
def bare():
    return dlt.read("numbers").alias("n").select("n.id")


@dlt.view
def above():
    return dlt.read("bare")


@dlt.table
def by_hidden_column():
    return dlt.read("above").where("odd = 1")


@dlt.table
def by_alias():
    return dlt.read("above").select("n.id")


@dlt.table
@dlt.expect("even", "odd = 0")
def by_rule():
    return dlt.read("above")
"""

STREAMS = """
import dlt
from pyspark.sql import functions as F


@dlt.table
def numbers():
    return spark.readStream.format("rate").load().select("timestamp", "value")


@dlt.view
def views():
    return spark.readStream.option("skipChangeCommits", "true").table("numbers")


@dlt.view
def twice():
    one, other = dlt.read_stream("views"), dlt.read_stream("views")
    return one.join(other, one.value == other.value).select(one.value)


@dlt.view
def counted():
    return dlt.read_stream("views").groupBy("value").count()


@dlt.table
def joined():
    return dlt.read_stream("twice")


@dlt.table
def rewritten():
    return dlt.read_stream("counted").where("count > 0")


@dlt.table
def impossible():
    return dlt.read_stream("counted").groupBy("value").max("count")
"""


def test_rows_and_counts_come_through_more_views_than_python_has_calls(pipeline: Make):
    p = pipeline(DEEP.format(depth=300))
    result = p.update()
    assert result.state is State.COMPLETED
    assert p.rows("end") == [{"id": 0}, {"id": 1}, {"id": 2}]
    counts = {(d.name, e.name): (e.passed, e.failed) for d in result.datasets for e in d.expectations}
    assert counts == {
        ("view0", "small"): (2, 1),
        ("view150", "seen"): (2, 1),
        ("main.default.end", "odd"): (1, 2),
    }


def test_what_a_view_hides_can_be_named_above_it(pipeline: Make):
    p = pipeline(HIDDEN)
    result = p.update()
    assert result.state is State.COMPLETED
    assert p.rows("by_hidden_column") == [{"id": 1}]
    assert p.rows("by_alias") == [{"id": 0}, {"id": 1}, {"id": 2}]
    (rule,) = result.by_name()["main.default.by_rule"].expectations
    assert (rule.passed, rule.failed) == (2, 1)


def test_what_a_stream_is_made_of_is_seen_through_views(pipeline: Make):
    p = pipeline(STREAMS)
    graph = p.graph()
    (problem,) = graph.problems
    assert problem.message.startswith("Spark can run the stream `main.default.impossible` not in")
    flows = {name: d.flows[0].analysis for name, d in graph.datasets.items()}
    read = StreamRead("main.default.numbers", frozenset({"skipchangecommits"}))
    assert flows["main.default.joined"].streams == (read, read)
    assert flows["main.default.rewritten"].streams == (read,)
    assert flows["main.default.rewritten"].complete
    assert not flows["main.default.joined"].complete
