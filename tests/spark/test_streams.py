"""What streaming queries may do: watermarks, joins, state, sources that change, several flows."""

from __future__ import annotations

import datetime as dt

import pytest
from deltalake import DeltaTable

from weir.model.settings import Selection

FULL = Selection(full_refresh_all=True)


def at(minute):
    return dt.datetime(2026, 5, 1, 12, minute, tzinfo=dt.UTC)


STATEFUL = """
import dlt
from pyspark.sql import functions as F

def clicks():
    return spark.readStream.table("clicks").withWatermark("at", "5 minutes")

def views():
    return spark.readStream.table("views").withWatermark("seen", "5 minutes")

@dlt.table
def by_window():
    return clicks().groupBy(F.window("at", "10 minutes")).count().select("window.start", "count")

@dlt.table
def once():
    return clicks().dropDuplicatesWithinWatermark(["id"]).select("id", "at")

@dlt.table
def matched():
    near = F.expr("id = view AND at BETWEEN seen AND seen + INTERVAL 5 MINUTES")
    return clicks().join(views(), near).select("id", "at", "seen")
"""


@pytest.mark.parity("same", "4.8", "An aggregate with a watermark is appended once its window is closed")
@pytest.mark.parity("same", "4.8", "dropDuplicatesWithinWatermark, over several updates")
@pytest.mark.parity("same", "4.8", "A stream joins a stream, over several updates, within watermarks")
def test_state_lives_from_update_to_update(pipeline):
    p = pipeline(STATEFUL)
    p.feed("clicks", [{"id": 1, "at": at(1)}, {"id": 1, "at": at(2)}])
    p.feed("views", [{"view": 2, "seen": at(2)}])
    assert p.update().exit_code == 0
    assert (p.rows("by_window"), p.rows("matched")) == ([], [])
    p.feed("clicks", [{"id": 2, "at": at(3)}, {"id": 1, "at": at(4)}, {"id": 3, "at": at(30)}])
    p.feed("views", [{"view": 1, "seen": at(1)}])
    assert p.update().exit_code == 0
    assert p.rows("by_window") == [{"start": at(0), "count": 4}]
    assert [r["id"] for r in p.rows("once", "id")] == [1, 2, 3]
    assert [(r["id"], r["at"]) for r in p.rows("matched", "id, at")] == [
        (1, at(1)), (1, at(2)), (1, at(4)), (2, at(3)),
    ]  # fmt: skip


TIMERS = """
import dlt
import pandas as pd
from pyspark.sql.streaming.state import GroupStateTimeout

def visits(key, frames, state):
    (seen,) = state.getOption or (0,)
    if state.hasTimedOut:
        state.remove()
        yield pd.DataFrame({"id": [key[0]], "clicks": [seen]})
    else:
        state.update((seen + sum(map(len, frames)),))
        state.setTimeoutDuration(1 if key[0] < 3 else 3_600_000)

@dlt.table
def ended():
    by_id = spark.readStream.table("clicks").groupBy("id")
    timeout = GroupStateTimeout.ProcessingTimeTimeout
    return by_id.applyInPandasWithState(visits, "id BIGINT, clicks BIGINT", "seen BIGINT", "append", timeout)
"""


@pytest.mark.parity(
    "same", "4.8", "A triggered update ends where state has timers of processing time: those that are due run"
)
def test_an_update_does_not_wait_for_timers_that_are_not_due(pipeline):
    p = pipeline(TIMERS)
    p.feed("clicks", [{"id": n} for n in (1, 2, 2, 3)])
    assert p.update().exit_code == 0
    assert p.rows("ended", "id") == [{"id": 1, "clicks": 1}, {"id": 2, "clicks": 2}]


@pytest.mark.parity("same", "4.8", "A stream joins a batch as it is when the flow starts; old rows stay")
def test_the_static_side_is_the_one_of_the_update(pipeline):
    p = pipeline("""
import dlt
@dlt.table
def priced():
    return spark.readStream.table("sales").join(dlt.read("prices"), "item").select("item", "n", "price")

@dlt.table
def prices():
    return spark.read.table("price_list").groupBy("item").agg({"price": "max"}).toDF("item", "price")
""")
    p.feed("sales", [{"item": "a", "n": 1}])
    p.feed("price_list", [{"item": "a", "price": 10}])
    p.update()
    p.feed("price_list", [{"item": "a", "price": 20}])
    p.feed("sales", [{"item": "a", "n": 2}])
    p.update()
    assert [tuple(r.values()) for r in p.rows("priced", "n")] == [("a", 1, 10), ("a", 2, 20)]


SKIPS = """
import dlt
@dlt.table
def t():
    return spark.readStream{option}.table("events")
"""


@pytest.mark.parity("same", "4.4", "A DELETE in the source stops a stream; skipChangeCommits passes over it")
@pytest.mark.parametrize("option", ["", '.option("skipChangeCommits", "true")'])
def test_a_source_that_deletes(pipeline, option):
    p = pipeline(SKIPS.format(option=option))
    p.feed("events", [{"id": 1}, {"id": 2}])
    p.update()
    DeltaTable(p.outside["main.default.events"]).delete("id = 1")
    p.feed("events", [{"id": 3}])
    result = p.update()
    got = [r["id"] for r in p.rows("t", "id")]
    if option:
        assert (result.exit_code, got) == (0, [1, 2, 3])
    else:
        assert (result.exit_code, got) == (1, [1, 2])
        assert "skipChangeCommits" in result.datasets[0].error


SEVERAL = """
import dlt
dlt.create_streaming_table("all_orders")

for region in REGIONS:
    @dlt.append_flow(target="all_orders", name=f"from_{region}")
    def flow(region=region):
        return spark.readStream.table(region).selectExpr("id", f"'{region}' AS region")

@dlt.append_flow(target="all_orders", once=True)
def backfill():
    return spark.read.table("history").selectExpr("id", "'old' AS region")
"""


@pytest.mark.parity(
    "same", "4.2", "A checkpoint belongs to its flow's name: a new flow reads all, others go on"
)
@pytest.mark.parity("same", "4.7", "A backfill runs again after a full refresh")
def test_flows_into_one_table_go_on_each_at_its_own_place(pipeline):
    def orders():
        return [(r["region"], r["id"]) for r in p.rows("all_orders", "region, id")]

    p = pipeline(SEVERAL.replace("REGIONS", '["north"]'))
    p.feed("north", [{"id": 1}])
    p.feed("south", [{"id": 2}])
    p.feed("history", [{"id": 0}])
    p.update()
    (p.sources[0] / "pipeline.py").write_text(SEVERAL.replace("REGIONS", '["north", "south"]'))
    p.feed("north", [{"id": 3}])
    p.feed("history", [{"id": -1}])
    p.update()
    assert orders() == [("north", 1), ("north", 3), ("old", 0), ("south", 2)]
    p.update(FULL)
    assert orders() == [("north", 1), ("north", 3), ("old", -1), ("old", 0), ("south", 2)]
