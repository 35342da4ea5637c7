"""A count is right or unknown: how counts add up, and how the unknown is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from weir.graph.analysis import AnalyzedQuery, Graph, ResolvedFlow, ResolvedTable, ResolvedView
from weir.model.counts import NOTHING, Counts, RuleCount, total, total_rows
from weir.model.definitions import Action, Expectation, MaterializedView, QueryFlow, View
from weir.model.origin import Origin
from weir.model.results import State, UpdateResult
from weir.plan.steps import Plan, Step, Verb
from weir.run.flow.attempt import Batch, FlowOutcome, ViewCounts
from weir.run.flow.counting import BatchLog
from weir.run.lake.commits import BatchCommits
from weir.run.listeners.outcomes import FlowEnds, dataset_results, metrics_of
from weir.ui.tables import closing_line, flows_table, rules_table

HERE = Origin("p.py", 1)
FIVE = Counts(5, 1, {"known": RuleCount(4, 1), "small": RuleCount(5, 0)})
TWO = Counts(2, 0, {"small": RuleCount(1, 1)})
REFRESH = Step(Verb.REFRESH, "t", "")
RULES = (Expectation("known", "x IS NOT NULL", Action.DROP, HERE),
         Expectation("small", "x < 9", Action.WARN, HERE),
         Expectation("whole", "x > 0", Action.FAIL, HERE))  # fmt: skip


def resolved(reads: str = "v") -> ResolvedFlow:
    return ResolvedFlow(
        QueryFlow("t", "t", lambda: None, HERE), AnalyzedQuery(frozenset([reads]), None, False)
    )


TABLE = ResolvedTable(MaterializedView("t", HERE, expectations=RULES), (resolved(),))
VIEW = ResolvedView(View("v", HERE, expectations=RULES[1:2]), (resolved("outside"),))


def commit(table: Path, version: int, app: str, number: int, rows: int | None) -> None:
    metrics = {} if rows is None else {"operationMetrics": {"numOutputRows": str(rows)}}
    actions = [{"commitInfo": {"operation": "STREAMING UPDATE", **metrics}}]
    actions.append({"txn": {"appId": app, "version": number}})
    log = table / "_delta_log" / f"{version:020}.json"
    log.parent.mkdir(exist_ok=True)
    log.write_text("\n".join(map(json.dumps, actions)), encoding="utf-8")


def results(*outcomes: FlowOutcome):
    flows = FlowEnds({o.step.flow_name: o for o in outcomes})
    found = dataset_results(Graph({"t": TABLE, "v": VIEW}), Plan(()), flows)
    return {d.name: (d.rows_in, d.rows_written, d.rows_dropped) for d in found}, {
        (d.name, e.name): (e.passed, e.failed, e.uncounted) for d in found for e in d.expectations
    }


def test_counts_add_up_by_the_names_of_rules():
    assert Counts(7, 1, {"known": RuleCount(4, 1), "small": RuleCount(6, 1)}) == FIVE + TWO
    assert (FIVE.kept, FIVE.of("small"), FIVE.of("other")) == (4, RuleCount(5, 0), RuleCount(0, 0))


def test_a_sum_with_an_unknown_part_is_unknown():
    assert total([FIVE, TWO]) == FIVE + TWO
    assert total([FIVE, None, TWO]) is None
    assert (total([]), total_rows([])) == (NOTHING, 0)
    assert (total_rows([1, 2]), total_rows([1, None])) == (3, None)


def test_appends_add_up_and_a_write_that_failed_left_nothing():
    stream = FlowOutcome(REFRESH, FIVE, 4, (ViewCounts("v", ("small",), TWO),), streamed=True)
    later = FlowOutcome(REFRESH, TWO, 2, (ViewCounts("v", ("small",), None),), streamed=True)
    assert stream.then(later) == replace(later, counts=FIVE + TWO, written=6)
    assert later.then(stream) == replace(stream, counts=FIVE + TWO, written=6, views=later.views)
    broken = replace(stream, error=OSError())
    assert broken.then(FlowOutcome(REFRESH, error=OSError())).counts == FIVE
    assert FlowOutcome(REFRESH, None, error=OSError()).then(replace(later, streamed=False)) == replace(
        later, streamed=False
    )


def test_a_rewritten_table_has_the_counts_of_its_last_write():
    first, second = FlowOutcome(REFRESH, FIVE, 4, rewrites=True), FlowOutcome(REFRESH, TWO, 2, rewrites=True)
    assert first.then(second) == second
    assert first.then(FlowOutcome(replace(REFRESH, verb=Verb.SKIP))) == first


def test_an_unknown_count_is_no_zero_in_results():
    counted = ViewCounts("v", ("small",), TWO)
    rows, rules = results(FlowOutcome(REFRESH, None, 3, (counted,)))
    assert rows == {"t": (None, 3, None), "v": (2, None, 0)}
    assert rules == {
        ("t", "known"): (None, None, True), ("t", "small"): (None, None, True),
        ("t", "whole"): (None, None, False), ("v", "small"): (1, 1, False),
    }  # fmt: skip
    rows, rules = results(FlowOutcome(REFRESH, FIVE, 4, (replace(counted, counts=None),)))
    assert (rows["v"], rules["v", "small"]) == ((None, None, None), (None, None, True))


def test_a_flow_that_did_not_run_counted_nothing():
    rows, rules = results()
    assert rows == {"t": (0, 0, 0), "v": (None, None, None)}
    assert rules[("t", "known")] == (0, 0, False)


def test_an_event_leaves_out_what_was_not_counted_and_says_so():
    unknown = ViewCounts("v", ("small",), None)
    known = {"name": "known", "dataset": "t", "passed_records": 4, "failed_records": 1}
    small = {"name": "small", "dataset": "t", "passed_records": 5, "failed_records": 0}
    assert metrics_of(TABLE, Batch(FIVE, 4)) == {
        "metrics": {"num_output_rows": 4},
        "data_quality": {"dropped_records": 1, "expectations": [known, small]},
    }
    assert metrics_of(TABLE, Batch(FIVE, 4, (unknown,)))["data_quality"] == {
        "dropped_records": None, "expectations": [known, small],
        "uncounted": [{"name": "small", "dataset": "v"}],
    }  # fmt: skip
    nothing = metrics_of(TABLE, Batch(None, None))
    assert (nothing["metrics"], nothing["data_quality"]["expectations"]) == ({"num_output_rows": None}, [])


def test_a_batch_counts_what_its_commit_says_or_nothing_is_known(tmp_path: Path):
    commit(tmp_path, 0, "me", 0, 4)
    log = BatchLog(BatchCommits(tmp_path))
    for version, (app, number, rows) in enumerate(
        [("me", 1, 4), ("other", 2, 9), ("me", 2, 3), ("me", 3, None)]
    ):
        commit(tmp_path, version + 1, app, number, rows)
    assert log.checked("me", 0, FIVE) == (None, None)  # written before: nothing of it was run now
    assert log.checked("me", 1, FIVE) == (FIVE, 4)
    assert log.checked("me", 2, FIVE) == (None, 3)
    assert log.checked("me", 3, FIVE) == (FIVE, 4)
    commit(tmp_path, 5, "query", 7, 8)
    memory = BatchLog(BatchCommits(tmp_path), row_by_row=False)
    commit(tmp_path, 6, "query", 8, 1)
    assert memory.checked("query", 8, FIVE) == (FIVE, 4)
    assert memory.checked("query", 7, FIVE) == (None, None)


def shown(renderable) -> list[str]:
    console = Console(width=120, no_color=True)
    with console.capture() as captured:
        console.print(renderable)
    return [" ".join(line.split()) for line in captured.get().splitlines()]


def test_people_read_unknown_where_a_number_is_unknown():
    outcomes = FlowEnds({"t": FlowOutcome(REFRESH, None, None)})
    found = dataset_results(Graph({"t": TABLE}), Plan(()), outcomes)
    result = UpdateResult("5f0c8a", "p", State.COMPLETED, 1.0, found)
    assert shown(flows_table(found, {}))[1] == "t materialized view COMPLETED unknown unknown unknown"
    assert shown(rules_table(result))[1:] == [
        "known t drop unknown unknown x IS NOT NULL",
        "small t warn unknown unknown x < 9",
        "whole t fail x > 0",
    ]
    assert closing_line(result) == (
        "Update 5f0c8a COMPLETED: 1 completed; at least 0 rows written, at least 0 dropped, "
        "0 rules broken, 2 not counted; 1.0 s"
    )
