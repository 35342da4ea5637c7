"""`pytest --rule-coverage`: a run inside a run, in one process and in xdist's workers."""

import json

import pytest

pytest_plugins = ["pytester"]
TESTS = """
import pytest
from weir.model.definitions import Action, Expectation, MaterializedView
from weir.model.origin import Origin
from weir.model.results import DatasetResult, RuleResult, State
from weir.testing.coverage import tell

def silver(passed, failed):
    place = Origin(str(pytest.root / "pipeline.py"), 7)
    rules = (Expectation("big", "x > 0", Action.WARN, place), Expectation("odd", "x", Action.DROP, place))
    defined = [MaterializedView("main.s.silver", place, expectations=rules), MaterializedView("main.s.gold", place)]
    saw = RuleResult("big", "x > 0", "warn", passed, failed), RuleResult("odd", "x", "drop", 1, 1)
    tell(defined, [DatasetResult("main.s.silver", "materialized_view", State.COMPLETED, expectations=saw)])

def test_passing():
    silver(2, 0)

def test_failing():
    silver(0, 2)
"""
TOTALS = "2 of 2 rules were seen passing and failing (100 %); 1 of 2 datasets were built by no test"
HALF = "1 of 2 rules were seen passing and failing (50 %); 1 of 2 datasets were built by no test"
PLUGIN = ("-p", "weir.pytest_plugin")


@pytest.fixture
def project(pytester):
    pytester.makeini("[pytest]")
    pytester.makeconftest("import pytest, pathlib\npytest.root = pathlib.Path(__file__).parent")
    pytester.makepyfile(test_silver=TESTS)
    return pytester


def shown(result):
    """The section of the report, without its ruled lines."""
    lines = result.outlines[
        next(n for n, line in enumerate(result.outlines) if "rule coverage" in line) + 1 :
    ]
    end = next(n for n, line in enumerate(lines) if line.startswith("="))
    return [line for line in lines[:end] if line]


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_rules_are_covered_by_all_tests_together(project, workers):
    result = project.runpytest_inprocess(*PLUGIN, "--rule-coverage", "--rule-coverage-min=100", *workers)
    assert shown(result) == [TOTALS, "pipeline.py:7  s.gold: built by no test"]
    assert result.ret == 0


def test_a_threshold_fails_the_run_and_the_report_says_what_was_not_seen(project):
    few = ("-k", "passing", "--rule-coverage-min=50.1", "--rule-coverage-json=coverage.json")
    result = project.runpytest_inprocess(*PLUGIN, *few)
    assert result.ret == 1
    assert shown(result) == [
        HALF,
        "pipeline.py:7  s.gold: built by no test",
        "pipeline.py:7  s.silver, rule big (warn): never seen failing",
        "ERROR: 50.0 % of the rules are covered, 50.1 % are required",
    ]
    told = json.loads((project.path / "coverage.json").read_text())
    assert (told["percent"], told["covered"], told["rules"], told["unopened"]) == (50.0, 1, 2, [])
    gold, silver = told["datasets"]
    assert (gold["name"], gold["built"], silver["rules"][0]) == (
        "s.gold", False, {"name": "big", "action": "warn", "passing": True, "failing": False},
    )  # fmt: skip


def test_a_pipeline_of_the_bundle_that_no_test_touches_has_rules_that_nobody_knows(project):
    project.makefile(".yml", databricks=(
        "bundle: {name: b}\n"
        "resources: {pipelines: {p: {name: known, libraries: [{file: {path: pipeline.py}}]},\n"
        "  q: {name: new, libraries: [{file: {path: other.py}}]}}}\n"
    ))  # fmt: skip
    project.makepyfile(pipeline="import dlt", other="import dlt")
    result = project.runpytest_inprocess(*PLUGIN, "--rule-coverage-min=100")
    assert result.ret == 1
    assert shown(result)[2:] == [
        "no test updated anything of the pipeline new",
        "ERROR: the rules of new are not known, since no test updated anything of it",
    ]


def test_what_is_no_percentage_is_refused_and_without_an_option_nothing_is_measured(project):
    refused = project.runpytest_inprocess(*PLUGIN, "--rule-coverage-min=101")
    assert (refused.ret, refused.errlines[0]) == (
        4, "ERROR: --rule-coverage-min: 101 is not between 0 and 100",
    )  # fmt: skip
    plain = project.runpytest_inprocess(*PLUGIN)
    assert (plain.ret, "rule coverage" in plain.stdout.str()) == (0, False)
