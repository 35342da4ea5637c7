"""When an alert of Databricks SQL fires: its condition on the rows of its query."""

import pytest

from weir.workspace.alert_states import alert_state

NAMES = ["table", "hours", "limit"]
ROWS = [["events", "3.5", "2"], ["users", "1.0", None], ["users", None, "9"]]


def state(source, how, threshold, rows=ROWS, **more):
    evaluation = {"source": source, "comparison_operator": how, "threshold": threshold, **more}
    return alert_state(evaluation, NAMES, rows)


def number(value):
    return {"value": {"double_value": value}}


@pytest.mark.parametrize(
    ("how", "limit", "expected"),
    [
        ("GREATER_THAN", 3.5, "OK"),
        ("GREATER_THAN", 3, "TRIGGERED"),
        ("GREATER_THAN_OR_EQUAL", 3.5, "TRIGGERED"),
        ("LESS_THAN", 10, "TRIGGERED"),
        ("LESS_THAN_OR_EQUAL", 3, "OK"),
        ("EQUAL", 3.5, "TRIGGERED"),
        ("NOT_EQUAL", 3.5, "OK"),
    ],
)
def test_the_first_row_is_compared_as_a_number(how, limit, expected):
    assert state({"name": "hours"}, how, number(limit)) == expected


@pytest.mark.parametrize(
    ("aggregation", "value"),
    [("SUM", 4.5), ("AVG", 2.25), ("MEDIAN", 2.25), ("MIN", 1), ("MAX", 3.5), ("COUNT", 2), ("COUNT_DISTINCT", 2)],
)  # fmt: skip
def test_all_rows_are_one_number_by_an_aggregation(aggregation, value):
    assert state({"name": "hours", "aggregation": aggregation}, "EQUAL", number(value)) == "TRIGGERED"


def test_texts_truths_and_other_columns():
    assert state({"name": "table"}, "EQUAL", {"value": {"string_value": "events"}}) == "TRIGGERED"
    assert (
        state({"name": "table"}, "EQUAL", {"value": {"bool_value": True}}, [["true", "", ""]]) == "TRIGGERED"
    )
    assert (
        state({"name": "hours"}, "LESS_THAN", {"column": {"name": "limit"}}, [["", "9", "10"]]) == "TRIGGERED"
    )


def test_where_there_is_nothing_to_compare():
    assert state({"name": "hours"}, "EQUAL", number(1), ROWS[2:]) == "UNKNOWN"
    assert state({"name": "hours"}, "IS_NULL", {}, ROWS[2:]) == "TRIGGERED"
    assert state({"name": "hours"}, "IS_NOT_NULL", {}, ROWS[2:]) == "OK"
    assert state({"name": "hours"}, "EQUAL", number(1), []) == "UNKNOWN"
    assert state({"name": "hours"}, "EQUAL", number(1), [], empty_result_state="OK") == "OK"


def test_what_cannot_be_compared_is_an_error():
    with pytest.raises(ValueError, match="is not in list"):
        state({"name": "days"}, "EQUAL", number(1))
    with pytest.raises(ValueError, match="could not convert"):
        state({"name": "table"}, "EQUAL", number(1))
