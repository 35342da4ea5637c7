"""Bronze keeps everything: what holds no event at all is only in `raw_events`."""

from expectations.rule import Rule

RULES = (
    Rule("raw_events", "warn", "raw_data_present", "length(trim(raw_data)) > 0"),
    Rule(
        "app_events",
        "drop",
        "event_readable",
        "coalesce(event_id, event_type, user_id, payload) IS NOT NULL",
    ),
    Rule("app_events", "warn", "timestamp_readable", "timestamp IS NOT NULL"),
)
