"""The schemas that messages are read with. An object under STRING keeps its JSON text."""

EVENT_SCHEMA = "event_id STRING, event_type STRING, user_id STRING, timestamp STRING, payload STRING"
USER = "user_id STRING, user_type STRING, user_location STRING, canton STRING"
USER_CHANGE_SCHEMA = f"{USER}, operation STRING, updated_at TIMESTAMP"

RESCUE = """
    rescate_id STRING, llamada_id STRING, estado STRING, rescatista_id STRING, refugio STRING,
    adoptante_id STRING, iniciado TIMESTAMP, recogido TIMESTAMP, en_refugio TIMESTAMP, adoptado TIMESTAMP,
    version BIGINT
"""


def whole(schema: str) -> str:
    """`raw_data` read with a schema, as SQL: all of a record or nothing.

    `from_json` alone gives some fields of some torn records.
    """
    return f"CASE WHEN json_object_keys(raw_data) IS NOT NULL THEN from_json(raw_data, '{schema}') END"
