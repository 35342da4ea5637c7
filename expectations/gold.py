"""Gold's rules: what arithmetic guarantees stops the update; what data may do is only counted."""

from expectations.rule import Rule

RULES = (
    Rule("rescue_daily_metrics", "warn", "region_known", "region IS NOT NULL"),
    Rule(
        "rescue_daily_metrics",
        "fail",
        "rescuers_within_rescues",
        "active_rescuers BETWEEN 0 AND total_rescues AND coalesce(avg_response_time, 0) >= 0",
    ),
    # A day may approve what earlier days requested, so a rate above 1 is rare, and no error.
    Rule(
        "adoption_funnel",
        "warn",
        "rates_within_one",
        "coalesce(greatest(approval_rate, completion_rate, conversion_rate), 0) <= 1",
    ),
    Rule(
        "adoption_funnel",
        "fail",
        "rates_guarded",
        "(requests = 0) = (approval_rate IS NULL) AND (approvals = 0) = (completion_rate IS NULL) "
        "AND (requests = 0) = (conversion_rate IS NULL)",
    ),
)
