"""Which rules tests have seen passing and failing: a fold over results."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.model.definitions import Action, Expectation, MaterializedView, View
from weir.model.origin import Origin
from weir.model.results import DatasetResult, RuleResult, State
from weir.testing.coverage import Coverage, coverage_json, coverage_lines, coverage_of, judged, seen

ROOT = Path("/project")
NOTHING = Coverage({})


def rule(name, action="warn"):
    return Expectation(name, "x > 0", Action(action), Origin("/project/rules.py", 1))


SILVER = MaterializedView(
    "main.s.silver", Origin("/project/p.py", 4), expectations=(rule("big"), rule("known", "fail"))
)
PEOPLE = View("people", Origin("/project/p.py", 9), expectations=(rule("named", "fail"), rule("old", "drop")))
GOLD = MaterializedView("main.s.gold", Origin("/project/p.py", 20))
DATASETS = (SILVER, PEOPLE, GOLD)


def silver(passed=None, failed=None, state=State.COMPLETED, rows=None, **more):
    rules = (
        RuleResult("big", "x > 0", "warn", passed, failed),
        RuleResult("known", "x > 0", "fail", None, None),
    )
    return DatasetResult("main.s.silver", "materialized_view", state, rows, expectations=rules, **more)


def people(rows, passed, failed, reader="silver"):
    rules = (
        RuleResult("named", "x > 0", "fail", None, None, reader),
        RuleResult("old", "x > 0", "drop", passed, failed, reader),
    )
    return DatasetResult("people", "view", State.COMPLETED, rows, expectations=rules)


def lines(*updates):
    coverage = NOTHING
    for results in updates:
        coverage |= seen(DATASETS, results, ROOT)
    return coverage_lines(coverage)


def test_a_rule_is_covered_once_some_test_broke_it_and_some_test_did_not():
    assert lines([silver(2, 0, rows=2)], [silver(0, 1, State.FAILED, violations={"silver": ("known",)})]) == [
        "2 of 4 rules were seen passing and failing (50 %); 2 of 3 datasets were built by no test",
        "p.py:9  people: built by no test",
        "p.py:9  people, rule named (fail): never seen passing or failing",
        "p.py:9  people, rule old (drop): never seen passing or failing",
        "p.py:20  s.gold: built by no test",
    ]


def test_no_row_is_no_evidence_and_unknown_counts_are_none():
    told = lines([silver(0, 0, rows=0), people(None, None, None)], [])
    assert [line for line in told if "rule" in line][1:] == [
        "p.py:4  s.silver, rule big (warn): never seen passing or failing",
        "p.py:4  s.silver, rule known (fail): never seen passing or failing",
        "p.py:9  people, rule named (fail): never seen passing or failing",
        "p.py:9  people, rule old (drop): never seen passing or failing",
    ]


def test_a_rule_of_a_view_is_broken_where_it_stops_the_flow_that_reads_the_view():
    stopped = silver(state=State.FAILED, violations={"silver": ("named",)})
    elsewhere = silver(state=State.FAILED, violations={"other": ("named",)})
    read = people(3, 2, 1)
    assert "p.py:9  people, rule named (fail): never seen failing" in lines([elsewhere, read])
    assert "p.py:9  people, rule named (fail): never seen passing" in lines([stopped, read])
    assert [line for line in lines([stopped, read], [silver(), read]) if "people" in line] == []


def test_without_rules_nothing_is_missing():
    coverage = seen([GOLD], [DatasetResult("main.s.gold", "materialized_view", State.COMPLETED)], ROOT)
    assert (coverage.percent, coverage_lines(coverage)) == (
        100.0,
        ["0 of 0 rules were seen passing and failing (100 %); 0 of 1 datasets were built by no test"],
    )


def test_what_is_defined_outside_of_the_project_does_not_count():
    assert seen(DATASETS, [silver(1, 1, rows=2)], Path("/elsewhere")) == NOTHING


def test_rules_may_be_seen_on_rows_that_are_given_to_them_while_nothing_is_built():
    told = lines([judged(SILVER, [(), ("big", "known"), ("known",)])])
    assert told[0].startswith("2 of 4 rules were seen passing and failing (50 %); 3 of 3 datasets")
    assert lines([judged(SILVER, [()])])[2:4] == [
        "p.py:4  s.silver, rule big (warn): never seen failing",
        "p.py:4  s.silver, rule known (fail): never seen failing",
    ]


@pytest.mark.parametrize("state", [State.FAILED, State.SKIPPED, State.EXCLUDED, State.NO_OP])
def test_a_dataset_that_did_not_come_to_its_end_is_not_built(state):
    told = seen([GOLD], [DatasetResult("main.s.gold", "materialized_view", state)], ROOT)
    assert [d.name for d in told.unbuilt] == ["s.gold"]


def test_nearly_all_is_not_all():
    many = tuple(rule(f"r{n}") for n in range(300))
    dataset = MaterializedView("main.s.many", Origin("/project/p.py", 1), expectations=many)
    results = tuple(RuleResult(r.name, "x > 0", "warn", 1, int(r.name != "r7")) for r in many)
    ended = DatasetResult("main.s.many", "materialized_view", State.COMPLETED, 2, expectations=results)
    assert coverage_lines(seen([dataset], [ended], ROOT))[0].startswith("299 of 300 rules were seen")
    assert "(99 %)" in coverage_lines(seen([dataset], [ended], ROOT))[0]


UPDATES = st.lists(
    st.builds(
        lambda passed, failed, state: seen(DATASETS, [silver(passed, failed, state, passed)], ROOT),
        st.integers(0, 1), st.integers(0, 1), st.sampled_from([State.COMPLETED, State.FAILED]),
    ),
    max_size=4,
)  # fmt: skip


@given(UPDATES, st.randoms())
def test_neither_order_nor_workers_matter(updates, random):
    def fold(coverages):
        whole = NOTHING
        for one in coverages:
            whole |= coverage_of(coverage_json(one))  # as it comes from another process
        return whole

    shuffled = random.sample(updates, len(updates))
    half = len(updates) // 2
    assert (
        fold(updates) == fold([*shuffled, *updates]) == fold([fold(shuffled[:half]), fold(shuffled[half:])])
    )
