"""Datasets of the monolith, each alone: rows for its inputs in, its rows and rule counts out."""

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark_test import assert_pyspark_df_equal

from weir.testing import PipelineUnderTest

SOURCES = Path(__file__).parents[2] / "pipelines" / "monolito"
EVENTS = pa.schema(
    [
        ("event_id", pa.string()),
        ("event_type", pa.string()),
        ("user_id", pa.string()),
        ("event_timestamp", pa.timestamp("us", "UTC")),
        ("payload", pa.string()),
        ("ingestion_timestamp", pa.timestamp("us", "UTC")),
    ]
)
FACTS = pa.schema(
    [
        ("event_id", pa.string()),
        ("event_type", pa.string()),
        ("user_id", pa.string()),
        ("event_timestamp", pa.timestamp("us", "UTC")),
        ("animal_key", pa.string()),
        ("response_time_minutes", pa.float64()),
    ]
)
VERSIONS = pa.schema(
    [
        ("user_id", pa.string()),
        ("user_type", pa.string()),
        ("user_location", pa.string()),
        ("__START_AT", pa.timestamp("us", "UTC")),
        ("__END_AT", pa.timestamp("us", "UTC")),
    ]
)


@pytest.fixture
def monolito(spark, tmp_path):
    return PipelineUnderTest(spark, tmp_path, [SOURCES], {"altrupets.landing": str(tmp_path)})


def at(day, hour=0):
    """An hour of a day in Costa Rica."""
    return dt.datetime(2025, 3, day, hour, tzinfo=dt.UTC) + dt.timedelta(hours=6)


def of_limon(*users):
    """Users who have always lived there."""
    return [{"user_id": user, "user_location": "Limón", "__START_AT": at(1)} for user in users]


def test_rates_of_steps_that_nobody_took_are_null(spark, monolito):
    steps = ["adoption_request", "adoption_request", "adoption_approved", "vet_visit"]
    given = [{"event_type": s, "event_timestamp": at(1)} for s in steps]
    given.append({"event_type": "adoption_completed", "event_timestamp": at(2, 23)})
    monolito.feed("altrupets_gold.event_facts", given, FACTS)
    checked = monolito.compute("altrupets_gold.adoption_funnel")
    expected = spark.createDataFrame(
        [
            (at(1).date(), 2, 1, 0, 0.5, 0.0, 0.0),
            (at(2).date(), 0, 0, 1, None, None, None),
        ],
        "date DATE, requests BIGINT, approvals BIGINT, completions BIGINT, approval_rate DOUBLE, "
        "completion_rate DOUBLE, conversion_rate DOUBLE",
    )
    assert_pyspark_df_equal(checked.frame, expected, order_by=["date"])
    assert checked.counts() == {"rates_guarded": (None, None), "rates_within_one": (2, 0)}


def test_rescues_are_counted_by_day_and_region(spark, monolito):
    def rescue(user, when, minutes):
        kind = "rescue_completed"
        return {
            "event_type": kind,
            "user_id": user,
            "event_timestamp": when,
            "response_time_minutes": minutes,
        }

    given = [
        rescue("u1", at(1, 1), 10.0),
        rescue("u1", at(1, 23), 20.0),
        rescue("u2", at(2), 30.0),
        rescue("u3", at(2, 5), None),
        {"event_type": "vet_visit", "event_timestamp": at(2)},
    ]
    monolito.feed("altrupets_gold.event_facts", given, FACTS)
    monolito.feed("altrupets_silver.users_history", of_limon("u1", "u2"), VERSIONS)
    checked = monolito.compute("altrupets_gold.rescue_daily_metrics")
    expected = spark.createDataFrame(
        [
            (at(1).date(), "Limón", 2, 1, 15.0),
            (at(2).date(), None, 1, 1, None),
            (at(2).date(), "Limón", 1, 1, 30.0),
        ],
        "date DATE, region STRING, total_rescues BIGINT, active_rescuers BIGINT, avg_response_time DOUBLE",
    )
    assert_pyspark_df_equal(checked.frame, expected, order_by=["date", "region"])
    assert checked.counts() == {"rescuers_within_rescues": (None, None), "region_known": (2, 1)}


def test_a_category_tells_how_long_rescues_took_and_nothing_where_nobody_knows(monolito):
    daily = """
        date       | region | avg_response_time
        2025-03-01 | Limón  | 29.9
        2025-03-02 | Limón  | 30.0
        2025-03-03 | Limón  | 59.9
        2025-03-04 | Limón  | 60.0
        2025-03-05 | Limón  |
    """
    dashboard = monolito.compute(
        "altrupets_gold.executive_dashboard", {"altrupets_gold.rescue_daily_metrics": daily}
    )
    assert (
        dashboard.rows.only("date", "performance_category")
        == """
        date       | performance_category
        2025-03-01 | Excelente
        2025-03-02 | Bueno
        2025-03-03 | Bueno
        2025-03-04 | Necesita Mejora
        2025-03-05 |
    """
    )
    assert dashboard.counts() == {"category_where_time": (None, None), "performance_known": (4, 1)}


def test_the_star_has_every_completed_rescue_and_what_is_known_of_it(spark, monolito):
    def event(event_id, kind, day, user, **payload):
        return {"event_id": event_id, "event_type": kind, "event_timestamp": at(day, 23), "user_id": user,
                "payload": json.dumps(payload)}  # fmt: skip

    given = [
        event("a", "rescue_completed", 1, "ana", processing_time=59, animal={"especie": "gato"}),
        event("b", "rescue_completed", 1, "luis", processing_time=60, animal={"especie": "gato"}),
        event("c", "rescue_completed", 2, None, processing_time="?"),
        event("d", "rescue_requested", 2, "ana", processing_time=10),
    ]
    monolito.feed("altrupets_silver.users_history", of_limon("ana", "luis"), VERSIONS)
    monolito.feed("altrupets_silver.events", given, EVENTS)
    events = monolito.compute("altrupets_gold.event_facts")
    assert events.counts() == {"not_masked": (None, None), "event_identified": (None, None)}
    monolito.feed("altrupets_gold.event_facts", events.rows, FACTS)
    facts = monolito.compute("altrupets_gold.rescue_facts")
    days = monolito.compute("altrupets_gold.date_dimension")
    star = {"altrupets_gold.rescue_facts": facts.rows, "altrupets_gold.date_dimension": days.rows}
    powerbi = monolito.compute("altrupets_gold.powerbi_fact_rescues", star)
    tableau = monolito.compute(
        "altrupets_gold.tableau_rescue_data", {"altrupets_gold.rescue_facts": facts.rows}
    )

    keys = ["rescue_id", "date_key", "region_key", "rescuer_key", "animal_key"]
    expected = [
        dict(zip([*keys, "response_time_minutes", "success_flag"], row, strict=True))
        for row in [
            ("a", 20250301, "Limón", "ana", "gato", 59.0, True),
            ("b", 20250301, "Limón", "luis", "gato", 60.0, False),
            ("c", 20250302, None, None, None, None, None),
        ]
    ]
    assert sorted(facts.rows, key=lambda row: row["rescue_id"]) == expected
    assert facts.counts() == {
        "rescue_identified": (None, None),
        "success_where_time": (None, None),
        "not_masked": (None, None),
        "region_known": (2, 1),
        "rescuer_known": (2, 1),
        "animal_known": (2, 1),
    }
    calendar = {row["date_key"]: row for row in days.rows}
    assert (len(days.rows), min(calendar), max(calendar)) == (365, 20250101, 20251231)
    assert calendar[20250301] == {
        "date_key": 20250301, "date": at(1).date(), "year": 2025, "quarter": 1, "month": 3,
        "month_name": "marzo", "day_name": "sábado",
    }  # fmt: skip
    assert sorted(tableau.rows, key=lambda row: row["date"]) == [
        {"date": at(1).date(), "region": "Limón", "rescue_type": "gato", "total_rescues": 2,
         "avg_response_time": 59.5, "success_rate": 0.5},
        {"date": at(2).date(), "region": None, "rescue_type": None, "total_rescues": 1,
         "avg_response_time": None, "success_rate": None},
    ]  # fmt: skip
    of_its_day = {"year": 2025, "month": 3, "quarter": 1}
    assert sorted(powerbi.rows, key=lambda row: row["rescue_id"]) == [
        fact | {"date": at(day).date()} | of_its_day for fact, day in zip(expected, (1, 1, 2), strict=True)
    ]


def test_a_fact_without_its_day_stops_the_table_of_power_bi(monolito):
    fact = {"rescue_id": "a", "date_key": 20250301, "region_key": "Limón", "rescuer_key": "ana",
            "animal_key": "gato", "response_time_minutes": 5.0, "success_flag": True}  # fmt: skip
    another = {"date_key": 20250302, "date": at(2).date(), "year": 2025, "month": 3, "quarter": 1}
    star = {"altrupets_gold.rescue_facts": [fact], "altrupets_gold.date_dimension": [another]}
    checked = monolito.compute("altrupets_gold.powerbi_fact_rescues", star)
    assert (checked.rows, checked.result.state, "date_found" in checked.result.error) == ([], "FAILED", True)


def test_a_user_is_what_their_latest_change_says_whenever_it_is_told(monolito, tmp_path):
    tell(tmp_path, ("luis", "Limón", "UPSERT", 1), ("ana", "Cartago", "UPSERT", 3))
    tell(tmp_path, ("luis", "Limón", "DELETE", 4), ("ana", "Heredia", "UPSERT", 1), (None, None, "UPSERT", 5))

    users = monolito.compute("altrupets_silver.users")
    history = monolito.compute("altrupets_silver.users_history")

    assert {row["user_id"]: row["user_location"] for row in users.rows} == {"ana": "Cartago"}
    assert sorted(
        (row["user_id"], row["user_location"], row["__START_AT"], row["__END_AT"]) for row in history.rows
    ) == [
        ("ana", "Cartago", at(3), None),
        ("ana", "Heredia", at(1), at(3)),
        ("luis", "Limón", at(1), at(4)),
    ]
    for checked in (users, history):
        assert checked.counts() == {"change_whole": (4, 1), "user_type_known": (5, 0)}


def tell(landing, *changes):
    """One file of changes: user, place, operation, day."""
    folder = landing / "users"
    folder.mkdir(exist_ok=True)
    lines = [
        {"user_id": user, "user_type": "rescatista", "user_location": place, "operation": operation,
         "updated_at": at(day).isoformat()}
        for user, place, operation, day in changes
    ]  # fmt: skip
    file = folder / f"{len(list(folder.iterdir()))}.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines))


def test_an_event_has_the_user_of_its_time(monolito):
    versions = [
        {"user_id": "ana", "user_location": "Heredia", "__START_AT": at(2), "__END_AT": at(4)},
        {"user_id": "ana", "user_location": "Cartago", "__START_AT": at(4), "__END_AT": at(6)},
        {"user_id": "luis", "user_location": "Limón", "__START_AT": at(1), "__END_AT": None},
    ]
    given = [{"event_id": f"{day}", "user_id": "ana", "event_timestamp": at(day)} for day in (1, 2, 3, 4, 6)]
    given.append({"event_id": "luis", "user_id": "luis", "event_timestamp": at(30)})
    given.append({"event_id": "nobody", "user_id": None, "event_timestamp": at(3)})
    versions = [version | {"user_type": "rescatista"} for version in versions]
    monolito.feed("altrupets_silver.events", given, EVENTS)
    monolito.feed("altrupets_silver.users_history", versions, VERSIONS)

    checked = monolito.compute("altrupets_silver.events_enriched")

    assert {row["event_id"]: row["user_location"] for row in checked.rows} == {
        "1": None, "2": "Heredia", "3": "Heredia", "4": "Cartago", "6": None, "luis": "Limón", "nobody": None,
    }  # fmt: skip
    assert checked.counts() == {"user_known": (4, 3), "not_masked": (None, None)}
