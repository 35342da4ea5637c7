"""What each column of silver and gold is, in Spanish: catalogs and BI tools show it to who reads the tables.

A name means the same in every table. What stands before a colon is the caption in BI tools.
"""

import re

_SPLIT = re.compile(r"""('(?:[^'\\]|\\.)*')|([<(])|([>)])|(,)""")

COMMENTS = {
    # Events and users
    "event_id": "Identificador del evento",
    "event_type": "Qué pasó",
    "user_id": "Quién lo informó",
    "event_timestamp": "Cuándo pasó",
    "payload": "Lo que la app cuenta del evento, en JSON",
    "ingestion_timestamp": "Cuándo llegó el registro",
    "ingestion_method": "Si llegó por streaming o por lote",
    "source_file": "El archivo del que viene; NULL si vino por una cola",
    "raw_data": "El registro tal como llegó",
    "reasons": "Las reglas que el registro incumple",
    "user_type": "El papel del usuario: auxiliar, rescatista, adoptante o veterinario",
    "user_location": "La provincia donde vive el usuario",
    "updated_at": "Cuándo cambió por última vez",
    "__START_AT": "Desde cuándo vale esta versión",
    "__END_AT": "Hasta cuándo valió; NULL si vale ahora",
    # Requests, calls, rescues
    "solicitud_id": "Identificador de la solicitud",
    "auxiliar_id": "Quién informó del animal",
    "adoptante_id": "Quién adopta",
    "rescatista_id": "Quién rescata",
    "rescate_id": "Identificador del rescate",
    "llamada_id": "Identificador de la llamada de auxilio",
    "especie": "Especie: qué animal es",
    "estado": "En qué estado está",
    "urgencia": "Qué tan urgente es: alta, media o baja",
    "latitud": "Latitud en grados",
    "longitud": "Longitud en grados",
    "provincia": "Provincia: la provincia de Costa Rica",
    "canton": "Cantón",
    "timestamp": "Cuándo se hizo la solicitud",
    "resultado": "Cómo terminó la llamada",
    "recibida": "Cuándo se recibió la llamada",
    "asignada": "Cuándo se asignó a alguien",
    "cerrada": "Cuándo se cerró",
    "version": "El evento más nuevo que se conoce",
    "refugio": "El refugio al que llegó el animal",
    "iniciado": "Cuándo empezó el rescate",
    "recogido": "Cuándo se recogió el animal",
    "rescatado": "Cuándo se pidió el rescate",
    "en_refugio": "Cuándo llegó al refugio",
    "adoptado": "Cuándo se adoptó",
    "aggregate_id": "La llamada o el rescate de cuyos eventos se trata",
    "faltantes": "Las versiones que no llegaron",
    "repetidas": "Las versiones que llegaron con varios identificadores",
    # Gold
    "fecha": "Fecha: el día en Costa Rica",
    "date": "Fecha: el día en Costa Rica",
    "date_key": "Clave del día: yyyymmdd",
    "year": "Año: el año del día",
    "quarter": "Trimestre: de 1 a 4",
    "month": "Mes: de 1 a 12",
    "month_name": "Nombre del mes: en español",
    "day_name": "Día de la semana: en español",
    "region": "Región: la provincia donde vivía entonces el rescatista",
    "region_key": "Región: la provincia donde vivía entonces el rescatista",
    "rescuer_key": "Rescatista: quién informó del rescate",
    "animal_key": "Especie: los animales no tienen identificador",
    "rescue_id": "Rescate: el evento que lo informó",
    "rescue_type": "Especie: qué animal se rescató",
    "total_rescues": "Rescates: cuántos se completaron",
    "active_rescuers": "Rescatistas activos: cuántas personas distintas; no se suma",
    "avg_response_time": "Tiempo de respuesta promedio: en minutos; no se promedia otra vez",
    "response_time_minutes": "Tiempo de respuesta: en minutos",
    "success_flag": "Éxito: tardó menos de una hora",
    "success_rate": "Tasa de éxito: qué parte tardó menos de una hora; no se promedia otra vez",
    "performance_category": "Desempeño: Excelente, Bueno o Necesita Mejora",
    "requests": "Solicitudes de adopción: cuántas hubo",
    "approvals": "Adopciones aprobadas: cuántas hubo",
    "completions": "Adopciones completadas: cuántas hubo",
    "approval_rate": "Tasa de aprobación: aprobadas entre solicitudes",
    "completion_rate": "Tasa de finalización: completadas entre aprobadas",
    "conversion_rate": "Tasa de conversión: completadas entre solicitudes",
    "solicitudes": "Solicitudes: cuántas hubo",
    "urgentes": "Solicitudes urgentes: cuántas eran de urgencia alta",
    "sin_rescate": "Sin rescate conocido: cuántas nombran un rescate que no se conoce",
    "horas_promedio": "Horas hasta la solicitud de adopción: promedio desde el rescate",
    "llamadas": "Llamadas: cuántas hubo",
    "canceladas": "Llamadas canceladas: cuántas se cancelaron",
    "minutos_hasta_asignar": "Minutos hasta asignar: promedio",
    "abiertas": "Casos abiertos: llamadas sin cerrar",
    "adoptadas": "Adopciones: llamadas cuyo animal se adoptó",
    "proporcion_adoptadas": "Proporción de adopciones: adopciones entre llamadas",
    "rescates": "Rescates: cuántos hubo",
    "minutos_promedio": "Minutos hasta el rescate: promedio desde la llamada",
    # Monitoring
    "table_name": "La tabla medida",
    "total_records": "Cuántas filas tiene la tabla",
    "completeness_percentage": "Qué parte de lo que debe tener valor lo tiene",
    "last_update": "Cuándo llegó o pasó lo más nuevo de la tabla",
    "hours_since_update": "Cuántas horas hace de eso",
    "failed_rules": "Cuántas reglas incumplen sus filas",
    "measured_at": "Cuándo se midió",
}


def described(schema: str) -> str:
    """DDL with a comment on each column that has none.

    Raises:
        KeyError: Nothing is said of a column of this name.
    """
    return ", ".join(_commented(column) for column in columns_of(schema))


def columns_of(schema: str) -> list[str]:
    """The columns of a DDL text, each with its type and clauses."""
    depth, begin, found = 0, 0, list[str]()
    for match in _SPLIT.finditer(schema):
        depth += bool(match[2]) - bool(match[3])
        if match[4] and depth == 0:
            found.append(schema[begin : match.start()].strip())
            begin = match.end()
    return [*found, schema[begin:].strip()]


def _commented(column: str) -> str:
    if re.search(r"\bCOMMENT '", column):
        return column
    return f"{column} COMMENT '{COMMENTS[column.split(maxsplit=1)[0]]}'"
