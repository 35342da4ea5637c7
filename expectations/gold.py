"""Gold's rules: what arithmetic guarantees stops the update; what data may do is only counted."""

from expectations.privacy import bare
from expectations.rule import Rule

RULES = (
    Rule("event_facts", "fail", "not_masked", bare("user_id")),
    Rule("event_facts", "fail", "event_identified", "event_id IS NOT NULL AND event_timestamp IS NOT NULL"),
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
    Rule("executive_dashboard", "warn", "performance_known", "performance_category IS NOT NULL"),
    Rule(
        "executive_dashboard",
        "fail",
        "category_where_time",
        "(performance_category IS NULL) = (avg_response_time IS NULL)",
    ),
    Rule("rescue_facts", "warn", "region_known", "region_key IS NOT NULL"),
    Rule("rescue_facts", "warn", "rescuer_known", "rescuer_key IS NOT NULL"),
    Rule("rescue_facts", "warn", "animal_known", "animal_key IS NOT NULL"),
    Rule("rescue_facts", "fail", "not_masked", bare("rescuer_key")),
    Rule("rescue_facts", "fail", "rescue_identified", "rescue_id IS NOT NULL AND date_key IS NOT NULL"),
    Rule(
        "rescue_facts",
        "fail",
        "success_where_time",
        "coalesce(response_time_minutes, 0) >= 0 "
        "AND (success_flag IS NULL) = (response_time_minutes IS NULL)",
    ),
    Rule(
        "date_dimension",
        "fail",
        "date_key_fits",
        "date_key = year * 10000 + month * 100 + day(date) AND year = year(date) "
        "AND quarter = ceil(month / 3) AND month_name IS NOT NULL AND day_name IS NOT NULL",
    ),
    Rule("tableau_rescue_data", "warn", "rescue_type_known", "rescue_type IS NOT NULL"),
    Rule(
        "tableau_rescue_data",
        "fail",
        "rescues_counted",
        "total_rescues > 0 AND coalesce(avg_response_time, 0) >= 0 "
        "AND coalesce(success_rate, 0) BETWEEN 0 AND 1",
    ),
    Rule(
        "data_quality_metrics",
        "fail",
        "measured",
        "metric_type IN ('completeness', 'freshness') AND coalesce(non_null_records <= total_records, true)",
    ),
    Rule("powerbi_fact_rescues", "fail", "not_masked", bare("rescuer_key")),
    # Nothing else sees a fact without its day: Power BI would leave it out.
    Rule("powerbi_fact_rescues", "fail", "date_found", "date IS NOT NULL AND year = date_key DIV 10000"),
)
