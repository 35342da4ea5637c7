"""The clock moves over the years for which each layer keeps its rows: what outlives them stays exact."""

import datetime as dt
import json
from pathlib import Path

import pytest

from weir.model.settings import Selection
from weir.plan.maintenance import MaintenanceRequest
from weir.testing import PipelineUnderTest

PIPELINES = Path(__file__).parents[2] / "pipelines"
RESCUES = (
    "altrupets_bronze.raw_events", "altrupets_silver.events", "altrupets_silver.users_history",
    "altrupets_gold.event_facts", "altrupets_gold.rescue_daily_metrics",
)  # fmt: skip
CALLS = ("eventos_auxilio", "llamadas", "versiones_recibidas", "versiones_anomalas")


def of_a_pipeline(spark, folder, name, *feeds):
    for feed in feeds:
        (folder / feed).mkdir(parents=True)
    return PipelineUnderTest(spark, folder, [PIPELINES / name], {"altrupets.landing": str(folder)})


def arrive(p, feed, *records):
    """Let records come as a file of JSON lines."""
    folder = p.folder / feed
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    (folder / f"{len(list(folder.iterdir()))}.json").write_text(lines)


def at(p, day):
    """Let it be noon of a day."""
    p.now = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return MaintenanceRequest(p.now.date())


def rescue(event_id, day):
    return {
        "event_id": event_id,
        "event_type": "rescue_completed",
        "user_id": "ana",
        "timestamp": f"{day}T12:00:00Z",
        "payload": {"processing_time": 30},
    }


def ids(p, table):
    return sorted(row["event_id"] for row in p.rows(table))


def daily(p):
    rows = p.rows("altrupets_gold.rescue_daily_metrics", "date")
    return [(str(row["date"]), row["region"], row["total_rescues"]) for row in rows]


@pytest.mark.long("pipelines/test_upkeep.py::test_nothing_that_tables_ask_for_has_to_be_held_back")
def test_gold_outlives_silver_and_counts_what_comes_a_year_late(spark, tmp_path):
    p = of_a_pipeline(spark, tmp_path, "monolito", "events/streaming", "events/batch", "users")
    at(p, "2025-01-20")
    ana = {"user_id": "ana", "user_type": "rescatista", "user_location": "Limón", "operation": "upsert"}
    arrive(p, "users", ana | {"updated_at": "2024-01-01T00:00:00Z"})
    arrive(p, "events/streaming", rescue("a", "2025-01-18"), rescue("b", "2025-01-19"))
    p.update(Selection(frozenset(RESCUES)))

    # A year later silver has forgotten both, when one of that time and a new one come.
    p.maintain(at(p, "2026-06-01"))
    assert ids(p, "altrupets_silver.events") == []
    arrive(p, "events/streaming", rescue("late", "2025-01-19"), rescue("new", "2026-05-31"))
    p.update(Selection(frozenset(RESCUES)))
    told = [("2025-01-18", "Limón", 1), ("2025-01-19", "Limón", 2), ("2026-05-31", "Limón", 1)]
    assert (ids(p, "altrupets_silver.events"), daily(p)) == (["late", "new"], told)

    # The late one is gone the next night; gold's facts are not.
    p.maintain(at(p, "2026-06-02"))
    assert ids(p, "altrupets_silver.events") == ["new"]
    assert ids(p, "altrupets_gold.event_facts") == ["a", "b", "late", "new"]


def call(call_id, version, kind, day):
    return {
        "event_id": f"{call_id}-{version}",
        "aggregate_id": call_id,
        "event_type": f"llamada_{kind}",
        "event_data": {"provincia": "Limón"} if version == 1 else {},
        "version": version,
        "timestamp": f"{day}T12:00:00Z",
    }


@pytest.fixture
def two_years_later(spark, tmp_path):
    """Two calls of 2024, one of which goes on after the event store has forgotten both."""
    p = of_a_pipeline(spark, tmp_path, "ms_auxilio", "eventos/auxilio")
    at(p, "2024-05-30")
    arrive(p, "eventos/auxilio", call("7", 1, "recibida", "2024-05-29"))
    arrive(p, "eventos/auxilio", *(call("8", v, "recibida", "2024-05-30") for v in (1, 3)))
    p.update(Selection(frozenset(CALLS)))
    p.maintain(at(p, "2026-06-01"))
    arrive(p, "eventos/auxilio", call("7", 2, "asignada", "2024-05-30"))
    arrive(p, "eventos/auxilio", call("7", 3, "cerrada", "2026-05-31"))
    p.update(Selection(frozenset(CALLS)))
    return p


@pytest.mark.long("pipelines/test_upkeep.py::test_nothing_that_tables_ask_for_has_to_be_held_back")
def test_event_stores_forget_after_two_years_and_what_is_folded_from_them_does_not(two_years_later):
    p = two_years_later
    assert ids(p, "ms_auxilio_bronze.eventos_auxilio") == ["7-2", "7-3"]
    calls = {row["llamada_id"]: row for row in p.rows("ms_auxilio_silver.llamadas")}
    assert {key: (row["estado"], row["provincia"], row["version"]) for key, row in calls.items()} == {
        "7": ("cerrada", "Limón", 3), "8": ("recibida", "Limón", 3),
    }  # fmt: skip
    assert calls["7"]["recibida"].date() == dt.date(2024, 5, 29)
    missing = {"aggregate_id": "8", "faltantes": [2], "repetidas": []}
    assert p.rows("ms_auxilio_silver.versiones_anomalas") == [missing], "what was forgotten is not missing"
