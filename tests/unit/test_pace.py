"""How often flows run and what failed is tried again: what is written, what holds, what means nothing."""

import pytest

from weir.model.origin import Origin
from weir.model.pace import (
    FLOW_RETRIES,
    TRIGGER_INTERVAL,
    UPDATE_RETRIES,
    flow_attempts,
    interval_of,
    problems,
    update_retries,
)
from weir.model.problems import Problem

HERE = Origin("p.py", 3)


def test_the_first_level_that_names_an_interval_wins():
    flow, table, pipeline = {}, {TRIGGER_INTERVAL: "2 Minutes"}, {TRIGGER_INTERVAL: "1 hour"}
    assert interval_of(flow, table, pipeline, default=5) == 120
    assert interval_of(pipeline, table, default=5) == 3600
    assert interval_of(flow, default=5) == 5
    assert interval_of({TRIGGER_INTERVAL: "0 seconds"}, default=5) == 5


def test_in_development_nothing_is_tried_again():
    given = {FLOW_RETRIES: "4", UPDATE_RETRIES: "7"}
    assert flow_attempts(given, development=True) == 1
    assert update_retries(given, development=True, continuous=True) == 0


@pytest.mark.parametrize(
    ("given", "continuous", "attempts", "retries"),
    [
        ({}, False, 3, 5),
        ({}, True, 3, None),
        ({FLOW_RETRIES: "0", UPDATE_RETRIES: "0"}, True, 1, 0),
        ({FLOW_RETRIES: "4", UPDATE_RETRIES: "7"}, False, 5, 7),
    ],
)
def test_in_production_what_failed_is_tried_again(given, continuous, attempts, retries):
    assert flow_attempts(given, development=False) == attempts
    assert update_retries(given, development=False, continuous=continuous) == retries


def test_entries_that_mean_nothing_are_told_together():
    given = {TRIGGER_INTERVAL: "often", FLOW_RETRIES: "-1", UPDATE_RETRIES: "two"}
    number = "write a whole number, 0 for never"
    assert list(problems(given, HERE)) == [
        Problem("INVALID_PIPELINE_SETTING", message, HERE, hint)
        for message, hint in [
            (
                "pipelines.trigger.interval = 'often' is not a valid value.",
                "write a number and a unit: 10 seconds, 1 minute, 2 hours",
            ),
            ("pipelines.maxFlowRetryAttempts = '-1' is not a valid value.", number),
            ("pipelines.numUpdateRetryAttempts = 'two' is not a valid value.", number),
        ]
    ]
    assert list(problems({TRIGGER_INTERVAL: "10 seconds", FLOW_RETRIES: " 2 "})) == []
