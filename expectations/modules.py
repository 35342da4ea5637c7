"""The modules' rules that no contract holds, and that of every quarantine."""

from expectations.rule import Rule

QUARANTINES = ("events_quarantine", "solicitudes_cuarentena", "eventos_cuarentena")

RULES = (
    Rule("solicitudes_raw", "warn", "request_readable", "solicitud_id IS NOT NULL"),
    *(Rule(table, "fail", "reason_given", "size(reasons) > 0") for table in QUARANTINES),
    *(
        Rule(table, "fail", "request_identified", "solicitud_id IS NOT NULL AND timestamp IS NOT NULL")
        for table in ("hechos_de_rescate", "hechos_de_adopcion")
    ),
    Rule("rescates_pedidos", "fail", "rescue_identified", "rescate_id IS NOT NULL AND rescatado IS NOT NULL"),
    Rule("solicitudes_por_region", "fail", "urgent_within_all", "urgentes BETWEEN 0 AND solicitudes"),
    Rule("tiempo_hasta_adopcion", "fail", "orphans_within_all", "sin_rescate BETWEEN 0 AND solicitudes"),
    Rule("tiempo_hasta_adopcion", "warn", "rescued_before", "coalesce(horas_promedio, 0) >= 0"),
)
