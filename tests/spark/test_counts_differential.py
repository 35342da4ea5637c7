"""What rules count of random queries, against plain SQL of another engine over the same rows."""

from __future__ import annotations

import pyarrow as pa
import pytest
from deltalake import DeltaTable, QueryBuilder

from tests.plans import queries

SEED, QUERIES = 20261127, 40
VIEWS = ["pets", "kept", "totals", "all_of_them"]
SOURCE = f"""
import dlt
from tests.plans import queries

@dlt.view
@dlt.expect("positive", "v > 0")
@dlt.expect_or_drop("whole", "v IS NOT NULL")
def pets():
    return spark.read.table("events")

@dlt.view
@dlt.expect_all_or_drop({{"small": "v < 6", "odd": "v % 2 <> 0"}})
def kept():
    return dlt.read("pets").where("k > 0")

@dlt.view
@dlt.expect("many", "v > 3")
def totals():
    return dlt.read("pets").groupBy("k").agg({{"v": "sum"}}).toDF("k", "v")

@dlt.view
@dlt.expect("keyed", "k > 1")
def all_of_them():
    return dlt.read("kept").union(spark.read.table("others").repartition(2))

def define(name, query):
    @dlt.table(name=name)
    @dlt.expect("big", "v > 2")
    @dlt.expect("low", "k < 2")
    def written():
        return query.frame(dlt.read)

for number, query in enumerate(queries({VIEWS}, {SEED}, {QUERIES})):
    define(f"q{{number}}", query)
"""
EVENTS = [{"k": n % 4, "v": None if n % 7 == 0 else (n * 5) % 11 - 2} for n in range(30)]
OTHERS = [{"k": n, "v": n} for n in range(4)]
CLEAN = "SELECT k, v FROM events WHERE v IS NOT NULL"
KEPT = f"SELECT k, v FROM ({CLEAN}) WHERE k > 0"
ROWS = {
    "pets": "SELECT k, v FROM events",
    "kept": KEPT,
    "totals": f"SELECT k, sum(v) AS v FROM ({CLEAN}) GROUP BY k",
    "all_of_them": f"SELECT k, v FROM ({KEPT}) WHERE v < 6 AND v % 2 <> 0 UNION ALL SELECT k, v FROM others",
}
RULES = {
    "pets": {"positive": "v > 0", "whole": "v IS NOT NULL"},
    "kept": {"small": "v < 6", "odd": "v % 2 <> 0"},
    "totals": {"many": "v > 3"},
    "all_of_them": {"keyed": "k > 1"},
}
BELOW = {"pets": {"pets"}, "kept": {"kept", "pets"}, "totals": {"totals", "pets"},
         "all_of_them": {"all_of_them", "kept", "pets"}}  # fmt: skip


def plain(tables: dict[str, str], rows: str, rules: dict[str, str]) -> dict[str, tuple[int, int]]:
    """What plain SQL counts: rule -> (passed, failed)."""
    engine = QueryBuilder()
    for name, path in tables.items():
        engine.register(name, DeltaTable(path))
    passed = ", ".join(f"count(*) FILTER (WHERE {rule}) AS {name}" for name, rule in rules.items())
    [row] = pa.table(engine.execute(f"SELECT count(*) AS all, {passed} FROM ({rows})")).to_pylist()
    return {name: (row[name], row["all"] - row[name]) for name in rules}


@pytest.mark.parity("same", "2.6", "Counts of rules over random queries are those of plain SQL")
@pytest.mark.long("spark/test_counts.py::test_a_view_is_counted_right_whatever_its_reader_does")
def test_rules_of_random_queries_count_as_plain_sql_does(pipeline):
    p = pipeline(SOURCE)
    p.feed("events", EVENTS[:20])
    p.feed("events", EVENTS[20:])
    p.feed("others", OTHERS)
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    outside = {name.rsplit(".", 1)[-1]: path for name, path in p.outside.items()}
    expected = {view: plain(outside, ROWS[view], RULES[view]) for view in VIEWS}
    wanted, counted = {}, {}
    for number, query in enumerate(queries(VIEWS, SEED, QUERIES)):
        table, reads = f"main.default.q{number}", set().union(*(BELOW[v] for v in query.views))
        written = {"written": str(p.storage.table(table))}
        own = plain(written, "SELECT * FROM written", {"big": "v > 2", "low": "k < 2"})
        wanted[table, query.text] = {**{v: expected[v] for v in reads}, "own": own}
        counted[table, query.text] = {**read_by(result, table), "own": rules(result.by_name()[table], None)}
    assert counted == wanted


def rules(dataset, reader):
    return {r.name: (r.passed, r.failed) for r in dataset.expectations if r.reader == reader}


def read_by(result, table):
    return {v: found for v in VIEWS if (found := rules(result.by_name()[v], table))}
