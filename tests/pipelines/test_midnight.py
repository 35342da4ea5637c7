"""A day begins at midnight in Costa Rica, whichever time zone the session has."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from weir.testing import PipelineUnderTest

PIPELINES = Path(__file__).parents[2] / "pipelines"
NEW_YEAR = dt.datetime(2025, 1, 1, 6, tzinfo=dt.UTC)  # 0:00 there
BEFORE = NEW_YEAR - dt.timedelta(seconds=1)
LAST, FIRST = dt.date(2024, 12, 31), dt.date(2025, 1, 1)
MOMENT = pa.timestamp("us", "UTC")
EVENTS = pa.schema(
    [("event_id", pa.string()), ("event_type", pa.string()), ("user_id", pa.string()),
     ("event_timestamp", MOMENT), ("animal_key", pa.string()), ("response_time_minutes", pa.float64())]
)  # fmt: skip
VERSIONS = pa.schema(
    [("user_id", pa.string()), ("user_location", pa.string()), ("__START_AT", MOMENT), ("__END_AT", MOMENT)]
)
CALL = {"llamada_id": "1", "provincia": "Limón", "resultado": "cancelada"}
REQUEST = {"solicitud_id": "1", "rescate_id": "1", "provincia": "Limón", "especie": "ave", "urgencia": "alta"}
# Pipeline -> its gold tables by day, and what each reads: table -> a row, and which columns are the moment.
OTHERS = {
    "rescate": ("rescate_gold.solicitudes_por_region", {"rescate_gold.hechos_de_rescate": (REQUEST, ["timestamp"])}),
    "adopcion": (
        "adopcion_gold.tiempo_hasta_adopcion",
        {"adopcion_gold.hechos_de_adopcion": (REQUEST, ["timestamp"]), "adopcion_gold.rescates_pedidos": ({"rescate_id": "1"}, ["rescatado"])},
    ),
    "ms_auxilio": ("ms_auxilio_gold.llamadas_por_region", {"ms_auxilio_silver.llamadas": (CALL, ["recibida", "asignada"])}),
    "ms_rescate": (
        "ms_rescate_gold.tiempo_de_rescate",
        {"ms_rescate_silver.llamadas": (CALL, ["recibida"]), "ms_rescate_silver.rescates": (CALL, ["recogido"])},
    ),
}  # fmt: skip


@pytest.fixture(params=["Asia/Tokyo", "America/Los_Angeles"])
def elsewhere(spark, request):
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", request.param)
    yield
    spark.conf.set("spark.sql.session.timeZone", before)


def of_a_pipeline(spark, folder, name):
    return PipelineUnderTest(spark, folder, [PIPELINES / name], {"altrupets.landing": str(folder)})


def fed(table, rows, moments):
    """A row before midnight and one after it."""
    row, columns = rows, moments
    return [{**row, **dict.fromkeys(columns, moment)} for moment in (BEFORE, NEW_YEAR)]


def test_events_around_midnight(spark, tmp_path, elsewhere):
    monolito = of_a_pipeline(spark, tmp_path, "monolito")
    given = [
        {"event_id": f"{kind}{moment}", "event_type": kind, "event_timestamp": moment}
        for kind in ("rescue_completed", "adoption_request")
        for moment in (BEFORE, NEW_YEAR)
    ]
    monolito.feed("altrupets_gold.event_facts", given, EVENTS)
    monolito.feed("altrupets_silver.users_history", [], VERSIONS)
    daily, funnel, facts, calendar = (
        monolito.compute(f"altrupets_gold.{table}").rows
        for table in ("rescue_daily_metrics", "adoption_funnel", "rescue_facts", "date_dimension")
    )
    assert {row["date"]: row["total_rescues"] for row in daily} == {LAST: 1, FIRST: 1}
    assert {row["date"]: row["requests"] for row in funnel} == {LAST: 1, FIRST: 1}
    assert sorted(row["date_key"] for row in facts) == [20241231, 20250101]
    assert Counter(row["year"] for row in calendar) == {2024: 366, 2025: 365}


@pytest.mark.parametrize("name", OTHERS)
def test_requests_and_calls_around_midnight(spark, tmp_path, elsewhere, name):
    chosen = of_a_pipeline(spark, tmp_path, name)
    gold, sources = OTHERS[name]
    for table, (row, moments) in sources.items():
        schema = pa.schema([*((c, pa.string()) for c in row), *((c, MOMENT) for c in moments)])
        chosen.feed(table, fed(table, row, moments), schema)
    assert Counter(row["fecha"] for row in chosen.compute(gold).rows).keys() == {LAST, FIRST}
