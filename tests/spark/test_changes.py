"""AUTO CDC: the documented examples, in any order of arrival."""

import pytest

from tests.changes import batches_of, shown
from tests.tiers import short

ARRIVED = [
    (124, "Raul", "Oaxaca", "INSERT", 1),
    (123, "Isabel", "Monterrey", "INSERT", 1),
    (125, "Mercedes", "Tijuana", "INSERT", 2),
    (126, "Lily", "Cancun", "INSERT", 2),
    (123, None, None, "DELETE", 6),
    (125, "Mercedes", "Guadalajara", "UPDATE", 6),
    (125, "Mercedes", "Mexicali", "UPDATE", 5),
    (123, "Isabel", "Chihuahua", "UPDATE", 5),
]
TRUNCATE = (None, None, None, "TRUNCATE", 3)
NAMES = ("userId", "name", "city", "operation", "sequenceNum")

SOURCE = """
import dlt
from pyspark.sql.functions import col, expr

dlt.create_streaming_table("users")
dlt.apply_changes(
    target="users",
    source="changes",
    keys=["userId"],
    sequence_by=col("sequenceNum"),
    apply_as_deletes=expr("operation = 'DELETE'"),
    except_column_list=["operation", "sequenceNum"],
    {more}
)
"""


def rows(events):
    return [dict(zip(NAMES, e, strict=True)) for e in events]


CASES = {
    "SCD type 1": (
        "stored_as_scd_type=1", ARRIVED,
        [(124, "Raul", "Oaxaca"), (125, "Mercedes", "Guadalajara"), (126, "Lily", "Cancun")],
    ),
    "SCD type 1 with a truncate": (
        "stored_as_scd_type='1', apply_as_truncates=expr(\"operation = 'TRUNCATE'\")",
        [*ARRIVED, TRUNCATE],
        [(125, "Mercedes", "Guadalajara")],
    ),
    "SCD type 2": (
        "stored_as_scd_type='2'", ARRIVED,
        [
            (123, "Isabel", "Chihuahua", 5, 6), (123, "Isabel", "Monterrey", 1, 5),
            (124, "Raul", "Oaxaca", 1, None), (125, "Mercedes", "Guadalajara", 6, None),
            (125, "Mercedes", "Mexicali", 5, 6), (125, "Mercedes", "Tijuana", 2, 5),
            (126, "Lily", "Cancun", 2, None),
        ],
    ),
    "SCD type 2 that does not track the city": (
        "stored_as_scd_type=2, track_history_except_column_list=['city']", ARRIVED,
        [
            (123, "Isabel", "Chihuahua", 1, 6), (124, "Raul", "Oaxaca", 1, None),
            (125, "Mercedes", "Guadalajara", 2, None), (126, "Lily", "Cancun", 2, None),
        ],
    ),
}  # fmt: skip
ORDERS = {
    "in one batch": lambda e: [e],
    "backwards": lambda e: [e[4:][::-1], e[:4][::-1]],
}


@pytest.mark.parity("same", "3.3", "SCD type 1 and APPLY AS TRUNCATE: the documented example, in any order")
@pytest.mark.parity("same", "3.4", "SCD type 2 and TRACK HISTORY ON: the documented examples, in any order")
@pytest.mark.parametrize("order", list(ORDERS))
@pytest.mark.parametrize("case", list(CASES))
def test_documented_examples(spark, case, order):
    more, events, expected = CASES[case]
    batches = batches_of(spark, *map(rows, ORDERS[order](events)))
    assert shown(SOURCE.replace("{more}", more), "users", batches) == expected


@pytest.mark.parametrize("case", short(CASES, "SCD type 1 with a truncate", "SCD type 2"))
def test_documented_examples_in_a_pipeline(pipeline, case):
    more, events, expected = CASES[case]
    users = pipeline(SOURCE.replace("{more}", more))
    for batch in ORDERS["backwards"](events):
        users.feed("changes", rows(batch))
        assert users.update().state == "COMPLETED", users.events
    assert sorted((tuple(r.values()) for r in users.rows("users")), key=str) == expected


LATE = """
import dlt
from pyspark.sql.functions import expr

for scd in ("1", "2"):
    dlt.create_streaming_table(f"towns_{scd}")
    dlt.apply_changes(
        target=f"towns_{scd}", source="moves", keys=["id"], sequence_by="at",
        apply_as_deletes="op = 'DELETE'", except_column_list=["op", "at"], stored_as_scd_type=scd,
    )
"""


def moves(*events):
    return [dict(zip(("id", "town", "op", "at"), e, strict=True)) for e in events]


EARLY = moves(
    (1, "Seattle", "UPSERT", 10), (2, "Portland", "UPSERT", 10), (3, "Denver", "UPSERT", 10),
    (4, "Boise", "UPSERT", 10), (1, None, "DELETE", 20), (2, None, "DELETE", 20), (3, "Miami", "UPSERT", 30),
)  # fmt: skip
LATECOMERS = moves(
    (1, "Tacoma", "UPSERT", 15), (2, None, "DELETE", 15), (3, None, "DELETE", 25), (4, None, "DELETE", 25)
)


@pytest.mark.parity("same", "3.3", "Late events in SCD type 1: the observed cases")
@pytest.mark.parity(
    "differs",
    "3.4",
    "Late events in SCD type 2: the observed cases",
    "a delete before a delete that closed a version leaves no row without __START_AT, as in Spark's engine; "
    "configuration pipelines.weir.scd2ClosingMarks=true shows it",
)
@pytest.mark.parametrize("configuration", [{}, {"pipelines.weir.scd2ClosingMarks": "true"}])
def test_what_late_events_do(spark, configuration):
    batches = batches_of(spark, EARLY, LATECOMERS)
    assert shown(LATE, "towns_1", batches, configuration) == [(3, "Miami")]
    mark = [(2, "Portland", None, 20)] if configuration else []
    expected = [
        (1, "Seattle", 10, 15), (1, "Tacoma", 15, 20), (2, "Portland", 10, 15),
        *mark, (3, "Denver", 10, 25), (3, "Miami", 30, None), (4, "Boise", 10, 25),
    ]  # fmt: skip
    assert shown(LATE, "towns_2", batches, configuration) == sorted(expected, key=str)


OURS = ("key", "id", "row", "op", "seq", "new")  # what Weir calls its own columns
CALLED_ALIKE = """
import dlt

for kind in (1, 2):
    dlt.create_streaming_table(f"alike{kind}")
    dlt.apply_changes(f"alike{kind}", "changes", ["Key"], "seq", stored_as_scd_type=kind)
"""


@pytest.mark.parity("same", "3.1", "Keys and columns may be called as they like, also as Weir calls its own")
@pytest.mark.long("spark/test_changes.py::test_documented_examples")
def test_columns_may_be_called_like_ours(pipeline):
    alike = pipeline(CALLED_ALIKE)
    first, second = dict.fromkeys(OURS, 1), dict.fromkeys(OURS, 2) | {"key": 1}
    for change in (first, second):
        alike.feed("changes", [change])
        assert {d.name: d.error for d in alike.update().datasets if d.error} == {}
    assert alike.rows("alike1") == [second]
    assert alike.rows("alike2", "seq") == [
        {**first, "__START_AT": 1, "__END_AT": 2},
        {**second, "__START_AT": 2, "__END_AT": None},
    ]
