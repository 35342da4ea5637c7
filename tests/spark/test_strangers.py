"""Code as strangers write it: every spelling, every import, odd functions."""

from __future__ import annotations

import pytest


@pytest.mark.parity("same", "1.1", "import dlt, pyspark.pipelines and databricks.pipelines are one module")
@pytest.mark.parity("same", "1.2", "Decorators in either order, bare or called, on handles and in loops")
@pytest.mark.parity(
    "differs", "1.5", "The prefix LIVE.", "accepted everywhere, as an alias of the default schema"
)
def test_every_spelling_in_one_pipeline(pipeline):
    p = pipeline("""
import functools
import dlt
from pyspark import pipelines as dp
import databricks.pipelines as dbp
from dlt import *

def logged(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)
    return wrapper

@dlt.expect("above", "id >= 0")
@dlt.table()
@dlt.expect_or_drop("below", "id < 3")
@logged
@dlt.expect_all({"inner": "id <> 1"})
def stacked():
    return spark.range(4)

@dp.materialized_view
def bare():
    return spark.read.table("LIVE.stacked")

@dbp.temporary_view(name="v")
def some_view():
    return spark.table("main.default.stacked")

def source(name="stacked"):
    return dlt.read(name)

dlt.expect_all_or_fail({"known": "id IS NOT NULL"})(dlt.table(source, name="direct"))

for factor in (1, 2):
    @dlt.table(name=f"times_{factor}")
    def times(factor=factor):
        return dlt.read("v").selectExpr(f"id * {factor} AS v")

def make(name):
    @table(name=name)
    def inner():
        return spark.sql(f"SELECT * FROM default.bare b WHERE b.id = 2")
make("made")

if __name__ == "__main__":
    @dlt.create_table(comment="old name")
    def old():
        return dlt.read("made")

@create_view
def old_view():
    return dlt.read("made")
""")
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    rules = [(e.name, str(e.action)) for e in result.by_name()["main.default.stacked"].expectations]
    assert rules == [("above", "warn"), ("below", "drop"), ("inner", "warn")]
    assert [r["id"] for r in p.rows("direct")] == [0, 1, 2]
    assert [r["v"] for r in p.rows("times_2")] == [0, 2, 4]
    assert p.rows("made") == p.rows("old") == [{"id": 2}]


def test_helpers_from_folders_and_functions_in_workers(pipeline):
    p = pipeline(
        {
            "layers/silver.py": """
import dlt
import helpers.text
from shared_rules import RULES
from pyspark.sql.functions import udf

@udf("string")
def shout(value):
    return helpers.text.upper(value)

@dlt.table
@dlt.expect_all(RULES)
def silver():
    columns = [c for c in dlt.read("bronze").columns if c != "junk"]
    return dlt.read("bronze").select(*columns).withColumn("loud", shout("name"))
""",
            "layers/bronze file.py": """
import dlt
from pyspark.sql import SparkSession

@dlt.table
def bronze():
    return SparkSession.getActiveSession().createDataFrame([("ana", 1)], "name string, junk int")
""",
            "layers/shared_rules.py": "RULES = {'named': 'name IS NOT NULL'}\n",
            "helpers/text.py": "def upper(value):\n    return value.upper()\n",
            ".git/keep": "",
        }
    )
    p.sources = [p.sources[0] / "layers"]
    assert p.update().exit_code == 0
    assert p.rows("silver") == [{"name": "ana", "loud": "ANA"}]


@pytest.mark.parity("same", "1.6", "Rules may be collected from a table at the top level of a source file")
def test_rules_come_from_an_outside_table(pipeline):
    p = pipeline("""
import dlt
RULES = {r["name"]: r["rule"] for r in spark.read.table("rules").collect()}

@dlt.table
@dlt.expect_all_or_drop(RULES)
def kept():
    return spark.range(4)
""")
    p.feed("rules", [{"name": "big", "rule": "id > 1"}])
    p.update()
    assert [r["id"] for r in p.rows("kept")] == [2, 3]


def test_sql_of_all_shapes(pipeline):
    p = pipeline("""
import dlt
@dlt.table
def events():
    return spark.readStream.table("raw")

@dlt.table
def shapes():
    return spark.sql('''
        WITH events AS (SELECT id, v FROM LIVE.events), biggest (m) AS (SELECT max(id) FROM main.default.events)
        SELECT events.id, e.v::INT AS v, (SELECT count(*) FROM default.events) AS n
        FROM events JOIN main.default.events AS e ON events.id = e.id
        WHERE e.id < (SELECT m FROM biggest)
        QUALIFY row_number() OVER (PARTITION BY e.v ORDER BY e.id) = 1
    ''')

@dlt.table
def qualified():
    return spark.sql("SELECT default.events.id FROM default.events |> WHERE id > 1")

@dlt.table
def streamed():
    return spark.sql("SELECT s.id FROM STREAM(LIVE.events) AS s JOIN qualified q ON s.id = q.id")
""")
    p.feed("raw", [{"id": 1, "v": "7"}, {"id": 2, "v": "8"}, {"id": 3, "v": "8"}])
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    assert p.rows("shapes", "id") == [{"id": 1, "v": 7, "n": 3}, {"id": 2, "v": 8, "n": 3}]
    assert [r["id"] for r in p.rows("streamed", "id")] == [2, 3]
    kinds = {d.name.rsplit(".", 1)[-1]: d.kind for d in result.datasets}
    assert kinds["streamed"] == "streaming_table"


def test_paths_and_tables_that_lie_elsewhere_here(pipeline, tmp_path):
    landing = tmp_path / "landing"
    (landing / "in").mkdir(parents=True)
    (landing / "in" / "a.json").write_text('{"id": 1}\n')
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "p.csv").write_text("id,name\n1,Ana\n")
    p = pipeline("""
import dlt
@dlt.table
def files():
    return spark.readStream.schema("id INT").json("/Volumes/main/raw/in")

@dlt.table
def joined():
    return dlt.read("files").join(spark.table("hr.people"), "id")

@dlt.table
def by_path():
    return spark.sql("SELECT * FROM json.`/Volumes/main/raw/in`")
""")
    p.prefixes = {"/Volumes/main/raw": str(landing)}
    p.outside["main.hr.people"] = str(tmp_path / "people")
    result = p.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    assert (p.rows("joined"), p.rows("by_path")) == ([{"id": 1, "name": "Ana"}], [{"id": 1}])


def test_a_chain_of_three_hundred_views_resolves(pipeline):
    p = pipeline("""
import dlt
def link(n):
    @dlt.view(name=f"v{n}")
    def view():
        return dlt.read(f"v{n - 1}") if n else spark.range(1)
for n in reversed(range(100)):
    link(n)

@dlt.table
def end():
    return dlt.read("v99")
""")
    assert p.problems() == ()
    assert len(p.graph().datasets) == 101
