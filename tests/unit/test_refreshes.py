"""How a materialized view is refreshed, decided from what its last refresh was made of (§9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from weir.fakes import HERE
from weir.graph.analysis import AnalysisDeferred, AnalyzedQuery, Graph, ResolvedFlow, ResolvedTable
from weir.model.definitions import MaterializedView, QueryFlow, StreamingTable
from weir.model.lineage import TableRead
from weir.model.refresh import NO_OP, RECOMPUTE, RefreshDecision, RefreshInput, RefreshInputs
from weir.plan.plain import plan_json
from weir.plan.refreshes import decision_of, definition_of, issue_of, settings_of, with_refreshes
from weir.plan.steps import Plan, Setup, SetupStep, Step, Verb


class Schema:
    """A table's schema, of which a plan knows its JSON."""

    def json(self):
        return '{"fields": []}'


SILVER = TableRead("c.s.silver", 7, "one", "/lake/silver")
RAW = TableRead("c.s.raw", 2, "two", "/lake/raw")
MV = MaterializedView("c.s.gold", HERE)
FLOW = QueryFlow("c.s.gold", "c.s.gold", lambda: None, HERE, spark_conf={"spark.sql.ansi.enabled": "true"})
QUERY = AnalyzedQuery(frozenset({"c.s.silver"}), Schema(), streaming=False)
GOLD = ResolvedTable(MV, (ResolvedFlow(FLOW, QUERY),), Schema())
CONFIGURATION = {"region": "Puntarenas"}
LAST = RefreshInputs(
    definition_of(GOLD), settings_of(CONFIGURATION, GOLD), "session", "query", (SILVER, RAW, SILVER)
)


@dataclass
class Logs:
    """The plan's `LastRefreshes`.

    Attributes:
        last: What the last commit of the view was made of.
        now: The tables that are no longer as they were read; None where that can't be seen.
    """

    last: RefreshInputs | None = LAST
    now: Mapping[TableRead, TableRead | None] = field(default_factory=dict)

    def last_refresh(self, name):
        assert name == "c.s.gold"
        return self.last

    def version_now(self, read):
        return self.now.get(read, read)


def decided(logs=None, table=GOLD, configuration=None, written=()):
    return decision_of(table, configuration or CONFIGURATION, logs or Logs(), frozenset(written))


def changed(**parts):
    """Why a refresh recomputes of which these parts are others than before."""
    return issue_of(replace(LAST, **parts), LAST)


def test_where_nothing_is_new_the_view_is_left_and_each_table_is_named_once():
    assert decided() == RefreshDecision(
        NO_OP,
        "leave: nothing new in c.s.silver 7, c.s.raw 2",
        None,
        (RefreshInput(SILVER, SILVER), RefreshInput(RAW, RAW), RefreshInput(SILVER, SILVER)),
    )


@pytest.mark.parametrize(
    ("logs", "written"), [(Logs(), ["c.s.silver"]), (Logs(now={SILVER: None}), [])], ids=["written", "unseen"]
)
def test_what_may_still_change_is_told(logs, written):
    told = "leave: nothing new in c.s.silver 7, c.s.raw 2, unless c.s.silver changes until then"
    decision = decided(logs, written=written)
    assert (decision.technique, decision.why, decision.issue) == (NO_OP, told, None)


def test_new_versions_and_other_tables_under_the_old_name_recompute():
    logs = Logs(now={SILVER: replace(SILVER, version=9), RAW: replace(RAW, id="three")})
    decision = decided(logs)
    assert (decision.technique, decision.why, decision.issue) == (
        RECOMPUTE,
        "recompute: DATA_HAS_CHANGED (c.s.silver 7 -> 9, c.s.raw is another table)",
        "DATA_HAS_CHANGED",
    )
    moved = Logs(now={RAW: replace(RAW, folder="/elsewhere")})
    assert decided(moved).why == "recompute: DATA_HAS_CHANGED (c.s.raw is another table)"


def test_a_view_without_an_earlier_refresh_is_computed():
    assert decided(Logs(None)) == RefreshDecision(
        RECOMPUTE, "recompute: CHANGE_SET_MISSING (no earlier refresh to compare with)", "CHANGE_SET_MISSING"
    )


def test_another_definition_or_configuration_recomputes_and_comes_before_new_rows():
    logs = Logs(now={SILVER: replace(SILVER, version=9)})
    commented = replace(GOLD, dataset=replace(MV, comment="per day"))
    flow = replace(FLOW, spark_conf={"spark.sql.ansi.enabled": "false"})
    configured = replace(GOLD, flows=(ResolvedFlow(flow, QUERY),))
    reason = "recompute: CONFIGURATION_CHANGED (the configuration has changed)"
    assert [
        decided(logs, commented).why,
        decided(logs, configured).why,
        decided(logs, configuration={"region": "Heredia"}).why,
    ] == ["recompute: DATA_SCHEMA_CHANGED (its definition has changed)", reason, reason]


def test_what_gave_other_rows_by_itself_is_expected_to_do_so_again():
    decision = decided(Logs(replace(LAST, issue="INPUT_NOT_IN_DELTA", tables=())))
    assert (decision.technique, decision.why, decision.issue) == (
        RECOMPUTE,
        "recompute: INPUT_NOT_IN_DELTA at its last refresh",
        None,  # the query may be another by now
    )
    assert decided(Logs(replace(LAST, tables=()))).why == "leave: nothing new in what it reads"


def test_the_run_compares_all_parts_the_first_that_differs_is_the_reason():
    assert issue_of(LAST, None) == "CHANGE_SET_MISSING"
    assert (changed(), changed(tables=(RAW, SILVER))) == (None, "DATA_HAS_CHANGED")
    assert changed(query="another", tables=()) == "QUERY_FINGERPRINT_CHANGED"
    assert changed(session="another", query="another") == "CONFIGURATION_CHANGED"
    assert changed(definition="another", settings="another") == "DATA_SCHEMA_CHANGED"


def planned(*steps, graph=None):
    graph = Graph({"c.s.gold": GOLD, **(graph or {})})
    return with_refreshes(Plan(steps), graph, CONFIGURATION, Logs()).steps


def test_only_refreshes_of_views_with_a_known_schema_are_decided():
    deferred = ResolvedTable(MV, (ResolvedFlow(FLOW, AnalysisDeferred(frozenset(), "calls collect()")),))
    stream = ResolvedTable(StreamingTable("c.s.silver", HERE), (), Schema())
    create, step = SetupStep(Setup.CREATE, "c.s.gold", "new"), Step(Verb.REFRESH, "c.s.gold", "collects")
    assert planned(step, graph={"c.s.gold": deferred}) == (step,)
    read = Step(Verb.STREAM, "c.s.silver", "goes on")
    assert planned(create, read, step, graph={"c.s.silver": stream})[:2] == (create, read)


def test_a_table_that_this_update_writes_may_change():
    stream = ResolvedTable(StreamingTable("c.s.silver", HERE), (), Schema())
    read, step = Step(Verb.STREAM, "c.s.silver", ""), Step(Verb.REFRESH, "c.s.gold", "")
    _, refresh = planned(read, step, graph={"c.s.silver": stream})
    assert refresh.why.endswith(", unless c.s.silver changes until then")
    _, refresh = planned(replace(read, verb=Verb.SKIP), step, graph={"c.s.silver": stream})
    assert refresh.why == "leave: nothing new in c.s.silver 7, c.s.raw 2"


def test_a_full_refresh_recomputes_whatever_there_is():
    (step,) = planned(Step(Verb.REFRESH, "c.s.gold", "", anew=True))
    assert (step.why, step.refresh) == (
        "recompute: full refresh",
        RefreshDecision(RECOMPUTE, "recompute: full refresh"),
    )


def test_the_decision_is_data():
    decision = decided(Logs(now={SILVER: replace(SILVER, version=9), RAW: None}), written=["c.s.raw"])
    create = SetupStep(Setup.CREATE, "c.s.gold", "new")
    created, refreshed = plan_json(
        Plan((create, Step(Verb.REFRESH, "c.s.gold", decision.why, refresh=decision)))
    )
    silver = {"table": "c.s.silver", "before": 7, "now": 9, "written": False}
    raw = {"table": "c.s.raw", "before": 2, "now": None, "written": True}
    assert (created["refresh"], refreshed["refresh"]) == (
        None,
        {
            "technique": "COMPLETE_RECOMPUTE",
            "issue": "DATA_HAS_CHANGED",
            "inputs": [silver, raw, silver],
        },
    )
