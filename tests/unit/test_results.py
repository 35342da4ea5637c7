"""How an update ended, as a program hears of it: the exit code and the JSON."""

import pytest

from weir.model.events import Event, planning_information, stream_progress, update_progress
from weir.model.results import DatasetResult, RuleResult, State, UpdateResult

RULE = RuleResult("positive", "x > 0", "drop", 2, 1, reader="f")
TABLE = DatasetResult("a", "streaming_table", State.COMPLETED, 3, 2, 1, 0.12345, (RULE,))


def ended(state, *datasets, signal=None):
    return UpdateResult("1a2b", "p", state, 1.23456, datasets, signal)


def test_the_json_of_an_update_holds_its_datasets_and_their_rules():
    update = ended(State.COMPLETED, TABLE)
    assert update.by_name() == {"a": TABLE}
    assert update.to_json() == {
        "update_id": "1a2b", "pipeline": "p", "state": "COMPLETED", "seconds": 1.235,
        "datasets": [{
            "name": "a", "kind": "streaming_table", "state": "COMPLETED",
            "rows_in": 3, "rows_written": 2, "rows_dropped": 1, "seconds": 0.123, "error": None,
            "expectations": [{
                "name": "positive", "condition": "x > 0", "action": "drop",
                "passed": 2, "failed": 1, "reader": "f",
            }],
        }],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("update", "code"),
    [
        (ended(State.COMPLETED, TABLE), 0),
        (ended(State.FAILED, TABLE), 1),
        (ended(State.FAILED, DatasetResult("a", "view", State.FAILED, expectation_failed=True)), 3),
        (ended(State.CANCELED), 0),
        (ended(State.CANCELED, signal=15), 143),
    ],
)
def test_the_exit_code_tells_how_an_update_ended(update, code):
    assert update.exit_code == code


def test_an_update_that_was_canceled_names_who_did_it():
    assert update_progress("1a2b3c4d", "CANCELED") == Event(
        "update_progress",
        "Update 1a2b3c is CANCELED.",
        {"state": "CANCELED", "cancellation_cause": "USER_ACTION"},
    )


def test_a_plan_names_what_stands_in_the_way_of_an_incremental_refresh():
    def issues(issue):
        (chosen,) = planning_information("v", "f", "COMPLETE_RECOMPUTE", issue).details[
            "technique_information"
        ]
        assert chosen["maintenance_type"] == "MAINTENANCE_TYPE_COMPLETE_RECOMPUTE"
        return chosen["incrementalization_issues"]

    whole = {"issue_type": "DATA_HAS_CHANGED", "prevent_incrementalization": True}
    assert issues(None) == []
    assert issues("DATA_HAS_CHANGED") == [whole]
    assert issues("DATA_HAS_CHANGED.NEW_FILES") == [{**whole, "data_has_changed_sub_type": "NEW_FILES"}]


def test_the_progress_of_a_stream_is_sparks_without_its_rates_and_rows():
    told = '{"batchId": 4, "numInputRows": 2, "name": "ñ", "sources": [{"inputRowsPerSecond": 1.5, "n": 1}]}'
    assert stream_progress("t", "f", told) == Event(
        "stream_progress",
        "Completed a micro-batch of 'f'.",
        {"progress_json": '{"batchId": 4, "name": "ñ", "sources": [{"n": 1}]}'},
        "METRICS",
        "t",
        "f",
        batch_id=4,
    )
