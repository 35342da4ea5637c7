"""The microservices' rules that no contract holds."""

from expectations.rule import Rule

EVENT_TYPES = {
    "auxilio": ("llamada_recibida", "llamada_asignada", "llamada_cerrada"),
    "rescate": ("rescate_iniciado", "animal_recogido", "animal_en_refugio", "animal_adoptado"),
}


def _events(service: str) -> tuple[Rule, ...]:
    """What nothing can be folded without."""
    table, types = f"eventos_{service}", ", ".join(f"'{name}'" for name in EVENT_TYPES[service])
    return (
        Rule(table, "warn", "event_readable", "event_id IS NOT NULL"),
        Rule(table, "drop", "event_id_present", "event_id IS NOT NULL"),
        Rule(table, "drop", "aggregate_id_present", "aggregate_id IS NOT NULL"),
        Rule(table, "drop", "version_positive", "version > 0"),
        Rule(table, "drop", "timestamp_present", "timestamp IS NOT NULL"),
        Rule(table, "drop", "event_type_known", f"event_type IN ({types})"),
    )


RULES = (
    *(rule for service in EVENT_TYPES for rule in _events(service)),
    Rule("versiones_recibidas", "fail", "version_identified", "aggregate_id IS NOT NULL AND version > 0"),
    Rule("versiones_anomalas", "fail", "anomaly_told", "size(faltantes) + size(repetidas) > 0"),
    *(
        Rule(f"{of}s{suffix}", "drop", f"{of}_id_present", f"{of}_id IS NOT NULL")
        for of in ("rescate", "llamada")
        for suffix in ("", "_historia")
    ),
    Rule("llamadas_por_region", "fail", "cancelled_within_all", "canceladas BETWEEN 0 AND llamadas"),
    Rule("tiempo_de_rescate", "fail", "rescued_after_the_call", "minutos_promedio >= 0"),
    Rule("casos_por_region", "fail", "parts_within_all", "abiertas + adoptadas BETWEEN 0 AND llamadas"),
)
