"""A dataset computed on what lies in the storage: its rows and what its rules saw, nothing written."""

from __future__ import annotations

import pytest

from tests.copies import made_in
from weir import engine
from weir.model.problems import WeirError
from weir.model.settings import Outside, Selection
from weir.request import Request

SOURCE = """
import dlt
from pyspark.sql import functions as F

@dlt.table
def bronze():
    return spark.readStream.table("raw")

@dlt.view
@dlt.expect_or_drop("named", "name IS NOT NULL")
def named():
    return dlt.read_stream("bronze")

@dlt.table(name="s.silver")
@dlt.expect("adult", "age >= 18")
def silver():
    return dlt.read_stream("named")

dlt.create_streaming_table("latest")
dlt.create_auto_cdc_flow(target="latest", source="bronze", keys=["id"], sequence_by="age")

@dlt.table
@dlt.expect_or_fail("few", "n < 3")
def gold():
    return dlt.read("s.silver").groupBy("name").agg(F.count("*").alias("n"))

@dlt.foreach_batch_sink(name="out")
def out(df, batch):
    raise AssertionError("a preview never gets here")

@dlt.append_flow(target="out")
def sent():
    return dlt.read_stream("bronze")
"""
TABLES = ("bronze", "s.silver", "latest", "gold")
ANA, BO, OLD, NOBODY = (
    {"id": 1, "name": "ana", "age": 40},
    {"id": 2, "name": "bo", "age": 9},
    {"id": 1, "name": "ana", "age": 39},
    {"id": 3, "name": None, "age": 50},
)


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory):
    """All tables have the rows of ana and of nobody; a preview writes nothing."""
    p = made_in(tmp_path_factory.mktemp("previewed"), spark, SOURCE)
    p.feed("raw", [ANA, NOBODY])
    assert p.update(Selection(refresh=frozenset(TABLES))).exit_code == 0
    return p


def previewed(p, dataset, limit=20):
    return engine.preview(Request(p.settings, Outside(dict(p.outside)), session=p.spark), dataset, limit)


def rules(seen):
    return {
        (d.name.rpartition(".")[2], e.name): (e.passed, e.failed)
        for d in seen.result.datasets
        for e in d.expectations
    }


def files(p):
    return {f: f.stat().st_mtime_ns for f in p.storage.root.rglob("*")}


@pytest.mark.long("spark/test_preview_rows.py::test_what_is_missing_in_the_storage_is_computed_too")
def test_every_kind_of_dataset_is_computed_on_what_lies_in_the_storage(lake):
    lake.feed("raw", [BO, OLD])
    before = files(lake)
    bronze, silver, named = (previewed(lake, name) for name in ("bronze", "silver", "named"))
    assert sorted(row["age"] for row in bronze.rows) == [9, 39, 40, 50]  # what its source has now
    assert (silver.dataset, silver.columns, silver.rows, silver.total) == (
        "main.s.silver", ("id", "name", "age"), (ANA,), 1,
    )  # fmt: skip
    assert rules(silver) == {("named", "named"): (1, 1), ("silver", "adult"): (1, 0)}
    assert (named.dataset, named.rows, rules(named)) == ("named", (ANA,), {("named", "named"): (1, 1)})
    assert {row["id"] for row in previewed(lake, "latest").rows} == {1, 3}
    assert previewed(lake, "gold").rows == ({"name": "ana", "n": 1},)
    assert files(lake) == before


def test_what_is_missing_in_the_storage_is_computed_too(pipeline):
    p = pipeline(SOURCE)
    p.feed("raw", [ANA, BO, OLD, NOBODY])
    latest, gold = previewed(p, "latest", limit=1), previewed(p, "gold")
    assert (len(latest.rows), latest.total) == (1, 3)
    assert {row["name"]: row["n"] for row in gold.rows} == {"ana": 2, "bo": 1}
    assert [d.name for d in gold.result.datasets if d.moved] == [
        "main.default.bronze", "main.s.silver", "main.default.gold",
    ]  # fmt: skip
    assert not p.storage.root.exists()


def test_a_rule_that_stops_the_dataset_stops_its_preview(lake):
    lake.feed("raw", [ANA, ANA])
    lake.update(Selection(refresh=frozenset({"bronze", "silver"})))
    seen = previewed(lake, "gold")
    assert (seen.columns, seen.rows, seen.result.exit_code) == (None, (), 3)
    assert "Violated expectations: 'few'" in seen.result.by_name()["main.default.gold"].error


@pytest.mark.parametrize(
    ("dataset", "told"),
    [
        ("silvr", "[DATASET_NOT_FOUND] The pipeline has no table `silvr`.\n"
         "  hint: did you mean `main.s.silver`?"),
        ("out", "[Unsupported] A preview of the sink `out` is not supported here.\n"
         "  hint: preview what its flows read"),
    ],
)  # fmt: skip
def test_what_has_no_rows_is_refused_by_name(pipeline, dataset, told):
    p = pipeline(SOURCE)
    p.feed("raw", [ANA])
    with pytest.raises(WeirError) as caught:
        previewed(p, dataset)
    assert str(caught.value) == told
    assert not p.storage.root.exists()
