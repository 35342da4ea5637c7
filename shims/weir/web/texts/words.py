"""The words of the pages, in English and Spanish. Codes of Databricks stay as they are in both."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("en", "es")
WORDS: Mapping[str, tuple[str, str]] = {
    "action.drop": ("drops the row", "descarta la fila"),
    "action.fail": ("fails the update", "hace fallar la actualización"),
    "action.warn": ("keeps the row", "conserva la fila"),
    "data.changed": ("{count} rows changed", "Cambiaron {count} filas"),
    "data.large": ("Compare the {count} rows of this table", "Comparar las {count} filas de esta tabla"),
    "kind.materialized_view": ("materialized view", "vista materializada"),
    "kind.outside": ("outside", "externo"),
    "kind.sink": ("sink", "sumidero"),
    "kind.streaming_table": ("streaming table", "tabla de streaming"),
    "kind.table": ("table", "tabla"),
    "kind.view": ("view", "vista"),
    "report.after": ("skipped because of {names}", "omitida a causa de {names}"),
    "report.condition": ("Condition", "Condición"),
    "report.failed": ("Failed", "Incumplen"),
    "report.flow": ("in flow {name}", "en el flujo {name}"),
    "report.made": ("Made by {command} on {time}.", "Hecho con {command} el {time}."),
    "report.none": ("The sources were not read to their end, so there is no graph.",
                    "Las fuentes no se leyeron hasta el final, así que no hay grafo."),
    "report.passed": ("Passed", "Cumplen"),
    "report.place": ("Place", "Lugar"),
    "report.rules": ("Rules", "Reglas"),
    "report.share": ("Share", "Parte"),
    "report.title": ("{pipeline}: update {update}", "{pipeline}: actualización {update}"),
    "status.CANCELED": ("canceled", "cancelada"),
    "status.COMPLETED": ("completed", "completada"),
    "status.DEFINED": ("defined", "definida"),
    "status.EXCLUDED": ("left out", "excluida"),
    "status.FAILED": ("failed", "fallida"),
    "status.IDLE": ("idle between batches", "en espera de filas"),
    "status.INITIALIZING": ("initializing", "inicializando"),
    "status.LOST": ("ended without a word", "terminó sin aviso"),
    "status.NO_OP": ("nothing new", "sin novedades"),
    "status.QUEUED": ("queued", "en cola"),
    "status.RESETTING": ("resetting", "restableciendo"),
    "status.RUNNING": ("running", "en marcha"),
    "status.SETTING_UP_TABLES": ("setting up tables", "preparando tablas"),
    "status.SKIPPED": ("skipped", "omitida"),
    "status.STARTING": ("starting", "iniciando"),
    "status.STOPPED": ("stopped", "detenida"),
    "status.STOPPING": ("stopping", "deteniendo"),
    "status.UNKNOWN": ("unknown", "desconocido"),
    "status.WAITING_FOR_RESOURCES": ("waiting", "en espera"),
}  # fmt: skip


def word(language: str, key: str) -> str:
    """A text of the pages.

    Args:
        language: One of `LANGUAGES`.

    >>> word("es", "kind.view")
    'vista'
    """
    return WORDS[key][LANGUAGES.index(language)]
