"""Datasets of the monolith, each alone: rows for its inputs in, its rows and rule counts out."""

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark_test import assert_pyspark_df_equal

from weir.testing import PipelineUnderTest, check_dataset

SOURCES = Path(__file__).parents[2] / "pipelines" / "monolito"
EVENTS = pa.schema(
    [
        ("event_id", pa.string()),
        ("event_type", pa.string()),
        ("user_id", pa.string()),
        ("user_location", pa.string()),
        ("event_timestamp", pa.timestamp("us", "UTC")),
        ("payload", pa.string()),
    ]
)


@pytest.fixture
def monolito(spark, tmp_path):
    return PipelineUnderTest(spark, tmp_path, [SOURCES], {"altrupets.landing": str(tmp_path)})


def at(day, hour=0):
    return dt.datetime(2025, 3, day, hour, tzinfo=dt.UTC)


def rows(spark, pipeline, table):
    return spark.read.format("delta").load(str(pipeline.storage.table(f"main.{table}")))


def test_rates_of_steps_that_nobody_took_are_null(spark, monolito):
    steps = ["adoption_request", "adoption_request", "adoption_approved", "vet_visit"]
    given = [{"event_type": s, "event_timestamp": at(1)} for s in steps]
    given.append({"event_type": "adoption_completed", "event_timestamp": at(2, 23)})
    monolito.feed("altrupets_silver.events", given, EVENTS)
    checked = check_dataset(monolito, "altrupets_gold.adoption_funnel", {})
    expected = spark.createDataFrame(
        [
            (at(1).date(), 2, 1, 0, 0.5, 0.0, 0.0),
            (at(2).date(), 0, 0, 1, None, None, None),
        ],
        "date DATE, requests BIGINT, approvals BIGINT, completions BIGINT, approval_rate DOUBLE, "
        "completion_rate DOUBLE, conversion_rate DOUBLE",
    )
    found = rows(spark, monolito, "altrupets_gold.adoption_funnel")
    assert_pyspark_df_equal(found, expected, order_by=["date"])
    assert checked.counts() == {"rates_guarded": (None, None), "rates_within_one": (2, 0)}


def test_rescues_are_counted_by_day_and_region(spark, monolito):
    def rescue(user, region, when, minutes):
        payload = json.dumps({"processing_time": minutes})
        kind = "rescue_completed"
        return {"event_type": kind, "user_id": user, "user_location": region, "event_timestamp": when,
                "payload": payload}  # fmt: skip

    given = [
        rescue("u1", "Limón", at(1, 1), 10),
        rescue("u1", "Limón", at(1, 23), 20),
        rescue("u2", "Limón", at(2), 30),
        rescue("u3", None, at(2, 5), None),
        {"event_type": "vet_visit", "event_timestamp": at(2)},
    ]
    monolito.feed("altrupets_silver.events", given, EVENTS)
    checked = check_dataset(monolito, "altrupets_gold.rescue_daily_metrics", {})
    expected = spark.createDataFrame(
        [
            (at(1).date(), "Limón", 2, 1, 15.0),
            (at(2).date(), None, 1, 1, None),
            (at(2).date(), "Limón", 1, 1, 30.0),
        ],
        "date DATE, region STRING, total_rescues BIGINT, active_rescuers BIGINT, avg_response_time DOUBLE",
    )
    found = rows(spark, monolito, "altrupets_gold.rescue_daily_metrics")
    assert_pyspark_df_equal(found, expected, order_by=["date", "region"])
    assert checked.counts() == {"rescuers_within_rescues": (None, None), "region_known": (2, 1)}


def test_a_user_is_what_their_newest_row_says(spark, monolito, tmp_path):
    (tmp_path / "users").mkdir()
    days = {"ana": ["Heredia", "Cartago"], "luis": ["Limón"]}
    lines = [
        {
            "user_id": user,
            "user_type": "rescatista",
            "user_location": place,
            "updated_at": at(n + 1).isoformat(),
        }
        for user, places in days.items()
        for n, place in enumerate(places)
    ]
    (tmp_path / "users" / "u.json").write_text("\n".join(json.dumps(line) for line in reversed(lines)))
    checked = check_dataset(monolito, "altrupets_silver.users", {})
    places = {row["user_id"]: row["user_location"] for row in checked.rows}
    assert places == {"ana": "Cartago", "luis": "Limón"}
    assert checked.counts() == {"user_type_known": (2, 0)}
