"""Rules of resolved datasets, on values alone."""

from __future__ import annotations

import pytest

from weir.graph.analysis import AnalysisDeferred, AnalyzedQuery, ResolvedFlow
from weir.graph.validate import check_dataset, nothing_to_do
from weir.model.changes import ALL, Changes, Columns, Feed
from weir.model.definitions import (
    ChangesFlow,
    MaterializedView,
    Pipeline,
    Sink,
    SnapshotFlow,
    StreamingTable,
    View,
)
from weir.model.names import Namespace
from weir.model.origin import Origin

TABLE = StreamingTable("t", Origin("p.py", 1))


def changing(name: str, feed: Feed = Feed.STREAM, keys: tuple[str, ...] = ("id",), tracked: Columns = ALL):
    changes, origin = Changes(feed, keys, 2, "n", tracked=tracked), Origin("p.py", len(name))
    if feed is Feed.STREAM:
        flow = ChangesFlow(name, "t", lambda: None, origin, changes=changes)
        return ResolvedFlow(flow, AnalyzedQuery(frozenset(), None, streaming=True))
    return ResolvedFlow(
        SnapshotFlow(name, "t", lambda v: v, origin, changes=changes), AnalysisDeferred(frozenset(), "")
    )


def conditions(*flows: ResolvedFlow) -> list[tuple[str, int]]:
    return [(p.condition, p.origin.line) for p in check_dataset(TABLE, flows)]


@pytest.mark.parity(
    "same", "3.8", "A flow of snapshots fills its table alone: no other flow applies changes to it"
)
@pytest.mark.parametrize("feed", [Feed.SNAPSHOT, Feed.VERSIONS])
def test_a_flow_of_snapshots_is_alone(feed):
    shots = changing("s", feed)
    refused = "APPLY_CHANGES_FROM_SNAPSHOT_ERROR.MULTIPLE_QUERIES_FOR_TABLE"
    assert conditions(shots) == []
    assert conditions(shots, changing("stream")) == [(refused, 6)]
    assert conditions(changing("stream"), shots) == [(refused, 6)]
    assert conditions(shots, changing("more", feed), changing("others", feed)) == [(refused, 4), (refused, 6)]
    assert conditions(changing("one"), changing("other")) == []


def test_names_of_keys_and_columns_have_no_case_where_flows_are_compared():
    one = changing("a", keys=("Id", "x"), tracked=Columns(("Seen",)))
    assert conditions(one, changing("b", keys=("id", "X"), tracked=Columns(("seen",)))) == []
    disagree = [("AUTOCDC_FLOWS_DO_NOT_AGREE", 1)]
    assert conditions(one, changing("b", keys=("x", "id"), tracked=Columns(("seen",)))) == disagree
    assert conditions(one, changing("b", keys=("id", "x"), tracked=Columns(but=("seen",)))) == disagree
    assert conditions(changing("a", tracked=Columns(())), changing("b")) == disagree


@pytest.mark.parity("same", "4.9", "A pipeline of views alone is an error: no table is defined")
def test_views_alone_are_nothing_to_do():
    def told(*datasets):
        found = {d.name: d for d in datasets}
        return [(p.condition, p.message) for p in nothing_to_do(Pipeline("p", Namespace(), found, ()))]

    view, place = View("v", Origin("p.py", 1)), Origin("p.py", 2)
    said = "The sources define {}: there is no table to bring up to date."
    assert told() == [("RUN_EMPTY_PIPELINE", said.format("no dataset"))]
    assert told(view) == [("RUN_EMPTY_PIPELINE", said.format("views alone"))]
    assert told(view, MaterializedView("m", place)) == told(view, Sink("s", place)) == []
