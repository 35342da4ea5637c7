"""What `measurements` watch: what must be filled, what tells a table's age, which rules should hold."""

from dataclasses import dataclass

from expectations import RULES
from expectations.contracts import FOLDER, published
from expectations.rule import Rule


@dataclass(frozen=True)
class Watched:
    """A table under watch.

    Attributes:
        filled: The columns that count for its completeness.
        newest: SQL whose greatest value says when the newest of it came or happened; None if nothing does.
        rules: What its rows should satisfy.
    """

    table: str
    filled: tuple[str, ...]
    newest: str | None
    rules: tuple[Rule, ...]


def _table(
    table: str, filled: str, newest: str | None = None, rules: tuple[Rule, ...] | None = None
) -> Watched:
    """A table with the rules of its contract, or else those that have its name as their tag."""
    return Watched(table, tuple(filled.split()), newest, _rules(table) if rules is None else rules)


def _rules(table: str) -> tuple[Rule, ...]:
    if (FOLDER / f"{table}.yaml").exists():
        return published(table).rules
    return tuple(rule for rule in RULES if rule.tag == table.rpartition(".")[2])


ARRIVED = "ingestion_timestamp"
REFUSED = "raw_data reasons ingestion_timestamp ingestion_method"
EVENT = "event_id event_type user_id event_timestamp payload"
FACT = "rescue_id date_key region_key rescuer_key animal_key response_time_minutes success_flag"
REQUEST = "solicitud_id especie provincia canton timestamp"
CALL = "llamada_id estado provincia especie recibida"
CALLED = "greatest(recibida, asignada, cerrada)"
RESCUE = "rescate_id llamada_id estado rescatista_id iniciado"
RESCUED = "greatest(iniciado, recogido, en_refugio, adoptado)"
VERSION = "aggregate_id version event_id"
ANOMALY = "aggregate_id faltantes repetidas"

TABLES = (
    _table("ms_rescate_silver.llamadas", CALL, CALLED),
    _table("ms_rescate_silver.llamadas_historia", CALL, CALLED),
    _table("ms_rescate_silver.rescates", RESCUE, RESCUED),
    _table("ms_rescate_silver.rescates_historia", RESCUE, RESCUED),
    _table("ms_rescate_silver.eventos_cuarentena", REFUSED, ARRIVED),
    _table("ms_rescate_silver.versiones_recibidas", VERSION),
    _table("ms_rescate_silver.versiones_anomalas", ANOMALY),
    _table("ms_rescate_gold.casos_por_region", "provincia llamadas abiertas adoptadas"),
    _table("ms_rescate_gold.tiempo_de_rescate", "fecha provincia rescates minutos_promedio", "fecha"),
    _table("ms_auxilio_silver.llamadas", CALL, CALLED),
    _table(
        "ms_auxilio_silver.llamadas_historia", CALL, CALLED, published("ms_auxilio_silver.llamadas").rules
    ),
    _table("ms_auxilio_silver.eventos_cuarentena", REFUSED, ARRIVED),
    _table("ms_auxilio_silver.versiones_recibidas", VERSION),
    _table("ms_auxilio_silver.versiones_anomalas", ANOMALY),
    _table("ms_auxilio_gold.llamadas_por_region", "fecha provincia llamadas canceladas", "fecha"),
    _table("adopcion_silver.solicitudes", f"{REQUEST} adoptante_id rescate_id", ARRIVED),
    _table("adopcion_silver.solicitudes_cuarentena", REFUSED, ARRIVED),
    _table("adopcion_gold.hechos_de_adopcion", "solicitud_id rescate_id timestamp especie", "timestamp"),
    _table("adopcion_gold.rescates_pedidos", "rescate_id rescatado", "rescatado"),
    _table("adopcion_gold.tiempo_hasta_adopcion", "fecha especie solicitudes sin_rescate", "fecha"),
    _table("rescate_silver.solicitudes", f"{REQUEST} auxiliar_id estado urgencia", ARRIVED),
    _table("rescate_silver.solicitudes_cuarentena", REFUSED, ARRIVED),
    _table(
        "rescate_gold.hechos_de_rescate", "solicitud_id timestamp provincia especie urgencia", "timestamp"
    ),
    _table("rescate_gold.solicitudes_por_region", "fecha provincia especie solicitudes urgentes", "fecha"),
    _table("core.regiones", "provincia canton latitud longitud"),
    _table("altrupets_silver.events", EVENT, ARRIVED),
    _table("altrupets_silver.events_enriched", f"{EVENT} user_type user_location", ARRIVED),
    _table("altrupets_silver.events_quarantine", REFUSED, ARRIVED),
    _table("altrupets_silver.users", "user_id user_type user_location canton updated_at", "updated_at"),
    _table(
        "altrupets_silver.users_history",
        "user_id user_type user_location canton __START_AT",
        "__START_AT",
        # The other one is about the time of a change, which versions don't keep.
        tuple(rule for rule in _rules("altrupets_silver.users_history") if rule.action == "warn"),
    ),
    _table("altrupets_gold.event_facts", "event_id event_type user_id event_timestamp", "event_timestamp"),
    _table(
        "altrupets_gold.rescue_daily_metrics",
        "date region total_rescues active_rescuers avg_response_time",
        "date",
    ),
    _table("altrupets_gold.adoption_funnel", "date requests approvals completions", "date"),
    _table(
        "altrupets_gold.executive_dashboard",
        "date region total_rescues active_rescuers avg_response_time performance_category",
        "date",
    ),
    _table("altrupets_gold.date_dimension", "date_key date year quarter month month_name day_name"),
    _table("altrupets_gold.rescue_facts", FACT, "to_date(CAST(date_key AS STRING), 'yyyyMMdd')"),
    _table(
        "altrupets_gold.tableau_rescue_data",
        "date region rescue_type total_rescues avg_response_time success_rate",
        "date",
    ),
    _table("altrupets_gold.powerbi_fact_rescues", f"{FACT} date year month quarter", "date"),
)

# Bronze: of what was delivered no column must be filled, and no rule holds.
_DELIVERED = tuple(
    _table(table, "", ARRIVED, ())
    for table in (
        "altrupets_bronze.raw_events",
        "rescate_bronze.solicitudes_raw",
        "adopcion_bronze.solicitudes_raw",
        "ms_auxilio_bronze.eventos_auxilio",
        "ms_rescate_bronze.eventos_rescate",
    )
)
WATCHED = (*TABLES, *_DELIVERED)

# Every table that records come to: bronze, and what is streamed from it. Its newest row says when one came.
FED = frozenset(watched.table for watched in _DELIVERED) | {
    "altrupets_silver.events",
    "altrupets_silver.events_enriched",
    "rescate_silver.solicitudes",
    "adopcion_silver.solicitudes",
}
