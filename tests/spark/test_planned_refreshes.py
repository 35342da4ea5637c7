"""What a plan says of materialized views is what the update then does (§9)."""

from __future__ import annotations

import pytest

SOURCE = """
import dlt

@dlt.table
def silver():
    return spark.readStream.table("events")

@dlt.table(comment="all")
def gold():
    return dlt.read("silver").groupBy("x").count()

@dlt.table
def direct():
    return spark.read.table("events").union(spark.read.table("events"))

@dlt.table
def empty():
    return spark.read.table("events").where("x > 99")

@dlt.table
def fixed():
    return spark.read.option("versionAsOf", 0).table("events")

@dlt.table
def timed():
    return spark.sql("SELECT x, current_date() AS day FROM events")
"""
VIEWS = ("gold", "direct", "empty", "fixed", "timed")
NO_EARLIER = "recompute: CHANGE_SET_MISSING (no earlier refresh to compare with)"


def planned(p):
    """What a plan says of each refresh."""
    return {s.dataset.removeprefix("main.default."): s.why for s in p.plan().flows if s.refresh}


def told(p):
    """How the last update refreshed each view: why it was recomputed, else the technique."""
    chosen = {}
    for event in p.events:
        if event.event_type == "planning_information":
            (technique,) = event.details["technique_information"]
            issues = [i["issue_type"] for i in technique["incrementalization_issues"]]
            name = event.dataset.removeprefix("main.default.")
            chosen[name] = (issues or [technique["maintenance_type"].removeprefix("MAINTENANCE_TYPE_")])[0]
    return chosen


@pytest.mark.parity(
    "same", "9", "`weir plan` says how a materialized view will be refreshed, and the update does that"
)
def test_a_refresh_is_done_as_it_was_planned(pipeline):
    p = pipeline({"p.py": SOURCE})
    p.feed("events", [{"x": 1}])
    assert planned(p) == dict.fromkeys(VIEWS, NO_EARLIER)
    assert p.update().exit_code == 0
    assert told(p) == dict.fromkeys(VIEWS, "CHANGE_SET_MISSING")

    timed = "recompute: PLAN_NOT_DETERMINISTIC.TIME_FUNCTION at its last refresh"
    assert planned(p) == {
        "gold": "leave: nothing new in main.default.silver 1, unless main.default.silver changes until then",
        "direct": "leave: nothing new in main.default.events 0",
        "empty": "leave: nothing new in main.default.events 0",
        "fixed": "leave: nothing new in main.default.events 0",
        "timed": timed,
    }
    p.feed("events", [{"x": 2}])
    source = p.sources[0] / "p.py"
    source.write_text(source.read_text().replace('comment="all"', 'comment="most"'))
    new = "recompute: DATA_HAS_CHANGED (main.default.events 0 -> 1)"
    assert planned(p) == {
        "gold": "recompute: DATA_SCHEMA_CHANGED (its definition has changed)",
        "direct": new,
        "empty": new,
        "fixed": "leave: nothing new in main.default.events 0",
        "timed": new,
    }
    assert p.update().exit_code == 0
    assert told(p) == {
        **dict.fromkeys(VIEWS, "DATA_HAS_CHANGED"),
        "gold": "DATA_SCHEMA_CHANGED",
        "fixed": "NO_OP",
    }
    assert planned(p)["empty"] == "leave: nothing new in main.default.events 1"
