"""Silver's rules. Those of `events_parsed` stand before the deduplication: what was sent counts.

What breaks one of its drop rules goes to `events_quarantine`, with the names of all that it broke.
"""

from expectations.privacy import bare
from expectations.rule import Rule


def _of_changes(table: str) -> tuple[Rule, ...]:
    """On the changes that come, since a change without a key or a time would stop the update."""
    return (
        Rule(table, "drop", "change_whole", "user_id IS NOT NULL AND updated_at IS NOT NULL"),
        Rule(
            table,
            "warn",
            "user_type_known",
            "user_type IN ('auxiliar', 'rescatista', 'adoptante', 'veterinario')",
        ),
    )


RULES = (
    Rule("events_parsed", "drop", "json_readable", "json_object_keys(raw_data) IS NOT NULL"),
    Rule("events_parsed", "drop", "event_id_present", "event_id IS NOT NULL"),
    Rule("events_parsed", "drop", "timestamp_readable", "event_timestamp IS NOT NULL"),
    # A clock that runs ahead would drag the watermark along and make every honest event late.
    Rule(
        "events_parsed",
        "drop",
        "timestamp_plausible",
        "event_timestamp BETWEEN TIMESTAMP '2015-01-01' AND ingestion_timestamp + INTERVAL 1 DAY",
    ),
    Rule(
        "events_parsed",
        "drop",
        "processing_time_not_negative",
        "coalesce(try_cast(get_json_object(payload, '$.processing_time') AS DOUBLE), 0) >= 0",
    ),
    # What a mask gave once is no user: an export of somebody who may not see them, sent again.
    Rule("events_parsed", "drop", "not_masked", bare("user_id", "payload")),
    Rule("events_parsed", "warn", "user_id_present", "user_id IS NOT NULL"),
    Rule(
        "events_parsed",
        "warn",
        "event_type_known",
        "event_type IN ('rescue_requested', 'rescue_completed', 'adoption_request', "
        "'adoption_approved', 'adoption_completed', 'vet_visit')",
    ),
    Rule("events", "fail", "event_identified", "event_id IS NOT NULL AND event_timestamp IS NOT NULL"),
    Rule("events_enriched", "fail", "not_masked", bare("user_id", "payload")),
    Rule("events_enriched", "warn", "user_known", "user_type IS NOT NULL"),
    *(rule for table in ("users", "users_history") for rule in _of_changes(table)),
)
