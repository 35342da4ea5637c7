"""Each rule of AltruPets on rows that keep it and rows that break it: the last column says which they break."""

from functools import reduce
from pathlib import Path

import pytest

from expectations.alerts import ALERTS
from weir.testing import PipelineUnderTest
from weir.testing.coverage import Coverage, coverage_lines, observed, seen
from weir.testing.found import pipeline_in
from weir.testing.given import read_given

ROOT = Path(__file__).parents[2]
MONITOREO = ROOT / "pipelines/monitoreo/gold"
QUARANTINE = """
    reasons ARRAY<STRING> | breaks
    ["late"]              |
    []                    | reason_given
"""
USERS = """
    user_id STRING | user_type STRING | updated_at TIMESTAMP | breaks
    ana            | adoptante        | 2025-03-01           |
                   | gato             | 2025-03-01           | change_whole user_type_known
    luis           | auxiliar         |                      | change_whole
"""
MONOLITO = {
    "raw_events": """
        raw_data STRING | breaks
        no              |
        "  "            | raw_data_present
    """,
    "app_events": """
        event_id STRING | event_type STRING | user_id STRING | payload STRING | timestamp TIMESTAMP | breaks
        e1              |                   |                |                | 2025-03-01          |
                        |                   |                |                |                     | event_readable timestamp_readable
    """,
    "events_parsed": """
        raw_data STRING | event_id STRING | event_type STRING | user_id STRING | payload STRING | event_timestamp TIMESTAMP | ingestion_timestamp TIMESTAMP | breaks
        {"a": 1}        | e1              | vet_visit         | ana            | {"processing_time": 5} | 2025-03-01    | 2025-03-01 |
        no              |                 |                   |                | {"processing_time": -1} |              | 2025-03-01 | json_readable event_id_present timestamp_readable timestamp_plausible processing_time_not_negative user_id_present event_type_known
        {"a": 1}        | e2              | vet_visit         | MASKED         |                | 2025-03-01            | 2025-03-01 | not_masked
    """,
    "altrupets_silver.events": """
        event_id STRING | event_timestamp TIMESTAMP | breaks
        e1              | 2025-03-01                |
                        | 2025-03-01                | event_identified
    """,
    "events_enriched": """
        user_id STRING | payload STRING | user_type STRING | breaks
        ana            | {}             | adoptante        |
        MASKED         | {}             |                  | not_masked user_known
    """,
    "events_enriched_unique_event_id": """
        num_entries BIGINT | breaks
        1                  |
        2                  | unique_key
    """,
    "events_quarantine": QUARANTINE,
    "users": USERS,
    "users_history": USERS,
    "event_facts": """
        event_id STRING | event_timestamp TIMESTAMP | user_id STRING | breaks
        e1              | 2025-03-01                | ana            |
                        | 2025-03-01                | MASKED         | event_identified not_masked
    """,
    "adoption_funnel": """
        requests BIGINT | approvals BIGINT | approval_rate DOUBLE | completion_rate DOUBLE | conversion_rate DOUBLE | breaks
        2               | 1                | 0.5                  | 0                      | 0                      |
        1               | 2                | 2                    | 0                      | 0                      | rates_within_one
        0               | 1                | 0.5                  | 0                      |                        | rates_guarded
    """,
    "date_dimension": """
        date_key INT | date DATE  | year INT | quarter INT | month INT | month_name STRING | day_name STRING | breaks
        20250301     | 2025-03-01 | 2025     | 1           | 3         | marzo             | sábado          |
        20250302     | 2025-03-01 | 2025     | 1           | 3         | marzo             | sábado          | date_key_fits
    """,
    "executive_dashboard": """
        performance_category STRING | avg_response_time DOUBLE | breaks
        Bueno                       | 30                       |
                                    |                          | performance_known
        Bueno                       |                          | category_where_time
    """,
    "powerbi_fact_rescues": """
        rescuer_key STRING | date_key INT | date DATE  | year INT | breaks
        ana                | 20250301     | 2025-03-01 | 2025     |
        MASKED             | 20250301     |            |          | not_masked date_found
    """,
    "rescue_daily_metrics": """
        active_rescuers BIGINT | total_rescues BIGINT | avg_response_time DOUBLE | region STRING | breaks
        1                      | 2                    |                          | Limón         |
        3                      | 2                    | 5                        |               | region_known rescuers_within_rescues
    """,
    "rescue_facts": """
        rescue_id STRING | date_key INT | region_key STRING | rescuer_key STRING | animal_key STRING | response_time_minutes DOUBLE | success_flag BOOLEAN | breaks
        a                | 20250301     | Limón             | ana                | gato              | 5                            | true                 |
                         | 20250301     |                   |                    |                   | 5                            |                      | rescue_identified region_known rescuer_known animal_known success_where_time
        b                | 20250301     | Limón             | MASKED             | gato              |                              |                      | not_masked
    """,
    "tableau_rescue_data": """
        total_rescues BIGINT | avg_response_time DOUBLE | success_rate DOUBLE | rescue_type STRING | breaks
        1                    |                          |                     | gato               |
        1                    | 5                        | 1.5                 |                    | rescues_counted rescue_type_known
    """,
}
CORE = {
    "regiones": """
        provincia | canton | latitud | longitud | codigo_provincia | codigo_canton | cabecera | breaks
        Limón     | Limón  | 9.99    | -83.03   | 7                | 701           | Limón    |
        Limón     | Limón  | 12      | -83.03   | 7                | 701           | Limón    | inside_costa_rica
                  |        |         |          |                  |               |          | provincia_present canton_present latitud_present longitud_present codigo_provincia_present codigo_canton_present cabecera_present inside_costa_rica
    """
}
RAW = """
    solicitud_id STRING | breaks
    s1                  |
                        | request_readable
"""
REQUESTS = """
    solicitud_id STRING | timestamp TIMESTAMP | breaks
    s1                  | 2025-03-01          |
    s2                  |                     | request_identified
"""
RESCUE = """
    solicitud_id STRING | urgencia STRING | latitud DOUBLE | longitud DOUBLE | provincia STRING | canton STRING | timestamp TIMESTAMP | ingestion_timestamp TIMESTAMP | breaks
    s1                  | alta            | 9.9            | -84             | Limón            | Limón         | 2025-03-01          | 2025-03-01                    |
    s2                  | ya              | 12             | -84             | Limón            | Limón         | 2025-03-04          | 2025-03-01                    | urgencia_known inside_costa_rica timestamp_plausible
                        |                 |                |                 |                  |               |                     |                               | solicitud_id_present urgencia_present urgencia_known latitud_present longitud_present provincia_present canton_present timestamp_present ingestion_timestamp_present inside_costa_rica timestamp_plausible
"""
ADOPTION = """
    solicitud_id STRING | rescate_id STRING | provincia STRING | canton STRING | timestamp TIMESTAMP | ingestion_timestamp TIMESTAMP | breaks
    s1                  | r1                | Limón            | Limón         | 2025-03-01          | 2025-03-01                    |
    s2                  | r1                | Limón            | Limón         | 2025-03-04          | 2025-03-01                    | timestamp_plausible
                        |                   |                  |               |                     |                               | solicitud_id_present rescate_id_present provincia_present canton_present timestamp_present ingestion_timestamp_present timestamp_plausible
"""
RESCATE = {
    "solicitudes_raw": RAW,
    "rescate_silver.solicitudes": RESCUE,
    "solicitudes_cuarentena": QUARANTINE,
    "hechos_de_rescate": REQUESTS,
    "solicitudes_por_region": """
        urgentes BIGINT | solicitudes BIGINT | breaks
        1               | 2                  |
        3               | 2                  | urgent_within_all
    """,
}
ADOPCION = {
    "solicitudes_raw": RAW,
    "adopcion_silver.solicitudes": ADOPTION,
    "solicitudes_cuarentena": QUARANTINE,
    "hechos_de_adopcion": REQUESTS,
    "rescates_pedidos": """
        rescate_id STRING | rescatado TIMESTAMP | breaks
        r1                | 2025-03-01          |
        r2                |                     | rescue_identified
    """,
    "tiempo_hasta_adopcion": """
        sin_rescate BIGINT | solicitudes BIGINT | horas_promedio DOUBLE | breaks
        1                  | 2                  |                       |
        3                  | 2                  | -1                    | orphans_within_all rescued_before
    """,
}
# A request as it comes in: what its contract promises, and who asks for what.
for stories, text in ((RESCATE, RESCUE), (ADOPCION, ADOPTION)):
    who = "auxiliar_id" if stories is RESCATE else "adoptante_id"
    more = (f"{who} STRING | especie STRING", "u1 | gato", "u1 | gato", " | ")
    lines = [f"{m} | {line.strip()}" for m, line in zip(more, text.strip().splitlines(), strict=True)]
    stories["solicitudes_validas"] = "\n".join([*lines[:3], f"{lines[3]} {who}_present especie_known"])

EVENTS = """
    event_id STRING | breaks
    e1              |
                    | event_readable
"""
VALID = """
    event_id STRING | aggregate_id STRING | version INT | timestamp TIMESTAMP | event_type STRING | breaks
    e1              | c1                  | 1           | 2025-03-01          | {kind}            |
                    |                     | 0           |                     | otro              | event_id_present aggregate_id_present version_positive timestamp_present event_type_known
"""
VERSIONS = {
    "eventos_cuarentena": QUARANTINE,
    "versiones_recibidas": """
        aggregate_id STRING | version INT | breaks
        c1                  | 1           |
        c1                  | 0           | version_identified
    """,
    "versiones_anomalas": """
        faltantes ARRAY<INT> | repetidas ARRAY<INT> | breaks
        [2]                  | []                   |
        []                   | []                   | anomaly_told
    """,
}
CALLS = """
    llamada_id STRING | estado STRING | version INT | breaks
    c1                | recibida      | 1           |
                      |               |             | llamada_id_present estado_present estado_known version_present
"""
AUXILIO = {
    "eventos_auxilio": EVENTS,
    "eventos_validos": VALID.replace("{kind}", "llamada_recibida"),
    **VERSIONS,
    "llamadas": CALLS,
    "llamadas_historia": CALLS,
    "llamadas_por_region": """
        canceladas BIGINT | llamadas BIGINT | breaks
        1                 | 2               |
        3                 | 2               | cancelled_within_all
    """,
}


def of_key(name: str) -> str:
    return f"{name} STRING | breaks\nx |\n | {name}_present"


MS_RESCATE = {
    "eventos_rescate": EVENTS,
    "eventos_validos": VALID.replace("{kind}", "rescate_iniciado"),
    **VERSIONS,
    **{table: of_key("llamada_id") for table in ("llamadas", "llamadas_historia")},
    **{table: of_key("rescate_id") for table in ("rescates", "rescates_historia")},
    "casos_por_region": """
        abiertas BIGINT | adoptadas BIGINT | llamadas BIGINT | breaks
        1               | 1                | 2               |
        2               | 1                | 2               | parts_within_all
    """,
    "tiempo_de_rescate": """
        minutos_promedio DOUBLE | breaks
        5                       |
        -5                      | rescued_after_the_call
    """,
}
PIPELINES = {
    "monolito": MONOLITO,
    "core": CORE,
    "rescate": RESCATE,
    "adopcion": ADOPCION,
    "ms_auxilio": AUXILIO,
    "ms_rescate": MS_RESCATE,
}


def broken(pipeline, stories):
    """The rules that each row breaks; each rule of the pipeline is kept by some row, and broken by some."""
    told = []
    with observed(lambda defined, results: told.append(seen(defined, results, ROOT))):
        found = pipeline.broken_by(stories)
    missing = [line for line in coverage_lines(reduce(Coverage.__or__, told)) if ", rule " in line]
    return {table: [set(row) for row in rows] for table, rows in found.items()}, missing


@pytest.mark.parametrize("name", PIPELINES)
def test_each_rule_is_kept_and_broken(name, spark, tmp_path):
    stories = PIPELINES[name]
    expected = {
        table: [set((row["breaks"] or "").split()) for row in read_given(text).rows]
        for table, text in stories.items()
    }
    assert broken(pipeline_in(ROOT, spark, tmp_path, [name]), stories) == (expected, [])


def test_each_alert_is_a_rule_that_its_own_tables_break(spark, tmp_path):
    health = PipelineUnderTest(spark, tmp_path, [MONITOREO / "table_health.py"])
    tables = list(dict.fromkeys(table for alert in ALERTS for table in alert.tables))
    bad = [{"table_name": t, "hours_since_update": 3.0, "completeness_percentage": 90.0} for t in tables]
    fine = {"table_name": tables[0], "hours_since_update": None, "completeness_percentage": 100.0}
    rules = [{alert.rule(t) for alert in ALERTS if t in alert.tables} for t in tables]
    assert broken(health, {"table_health": [fine, *bad]}) == ({"table_health": [set(), *rules]}, [])


def test_no_more_values_than_rows_are_measured(spark, tmp_path):
    metrics = PipelineUnderTest(spark, tmp_path, [MONITOREO / "data_quality_metrics.py"])
    rows = """
        metric_type  | non_null_records | total_records
        freshness    |                  |
        completeness | 3                | 2
    """
    assert broken(metrics, {"data_quality_metrics": rows}) == (
        {"data_quality_metrics": [set(), {"measured"}]},
        [],
    )
