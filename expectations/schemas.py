"""The schemas that messages are read with. An object under STRING keeps its JSON text."""

EVENT_SCHEMA = "event_id STRING, event_type STRING, user_id STRING, timestamp STRING, payload STRING"
USER = "user_id STRING, user_type STRING, user_location STRING, canton STRING"
USER_CHANGE_SCHEMA = f"{USER}, operation STRING, updated_at TIMESTAMP"

# All of a record or nothing: from_json alone gives some fields of some torn records.
READ_EVENT = f"""
    CASE WHEN json_object_keys(raw_data) IS NOT NULL THEN from_json(raw_data, '{EVENT_SCHEMA}') END
"""
