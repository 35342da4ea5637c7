"""The monolith's pipeline, two arrivals: every count is the manifest's.

The manifest says what was planted; the runtime says what it counted; the tables say what is there.
"""

from collections import Counter

from tests.lakes import CATALOG, Arrival, as_told, in_order


def test_the_update_completes(arrival: Arrival) -> None:
    errors = {name: d["error"] for name, d in arrival.datasets.items() if d["error"]}

    assert (arrival.report["state"], errors) == ("COMPLETED", {})


def test_an_update_writes_what_arrived_and_no_more(arrival: Arrival) -> None:
    expected = arrival.planted["expected"]["rows_written"]

    assert {name: arrival.datasets[name]["rows_written"] for name in expected} == expected


def test_each_rule_passed_and_failed_as_planted(arrival: Arrival) -> None:
    counted = {
        name: {
            rule["name"]: {"passed": rule["passed"], "failed": rule["failed"]}
            for rule in dataset["expectations"]
            if rule["action"] != "fail"
        }
        for name, dataset in arrival.datasets.items()
        if any(rule["action"] != "fail" for rule in dataset["expectations"])
    }
    assert counted == arrival.planted["expected"]["rules"]


def test_a_row_that_breaks_several_rules_is_dropped_once(arrival: Arrival) -> None:
    """What the view drops is no table's loss: each such row is one row of the quarantine."""
    dropped = {
        "altrupets_bronze.app_events": arrival.datasets["altrupets_bronze.app_events"]["rows_dropped"],
        "events_parsed": arrival.datasets["altrupets_silver.events_quarantine"]["rows_written"],
    } | {
        f"altrupets_silver.{table}": arrival.datasets[f"altrupets_silver.{table}"]["rows_dropped"]
        for table in ("users", "users_history")
    }
    assert dropped == arrival.planted["expected"]["rows_dropped"]


def test_the_views_rules_are_reported_for_the_flow_that_read_it(arrival: Arrival) -> None:
    readers = {rule["reader"] for rule in arrival.datasets["events_parsed"]["expectations"]}

    assert readers == {f"{CATALOG}.altrupets_silver.events"}


def test_fail_rules_stand_without_counts(arrival: Arrival) -> None:
    fails = {
        (name, rule["name"]): (rule["passed"], rule["failed"])
        for name, dataset in arrival.datasets.items()
        for rule in dataset["expectations"]
        if rule["action"] == "fail"
    }
    assert fails == {
        ("altrupets_silver.events", "event_identified"): (None, None),
        ("altrupets_silver.events_quarantine", "reason_given"): (None, None),
        ("altrupets_silver.events_enriched", "not_masked"): (None, None),
        ("altrupets_gold.event_facts", "not_masked"): (None, None),
        ("altrupets_gold.event_facts", "event_identified"): (None, None),
        ("altrupets_gold.rescue_facts", "not_masked"): (None, None),
        ("altrupets_gold.powerbi_fact_rescues", "not_masked"): (None, None),
        ("altrupets_gold.rescue_daily_metrics", "rescuers_within_rescues"): (None, None),
        ("altrupets_gold.adoption_funnel", "rates_guarded"): (None, None),
        ("altrupets_gold.executive_dashboard", "category_where_time"): (None, None),
        ("altrupets_gold.rescue_facts", "rescue_identified"): (None, None),
        ("altrupets_gold.rescue_facts", "success_where_time"): (None, None),
        ("altrupets_gold.date_dimension", "date_key_fits"): (None, None),
        ("altrupets_gold.tableau_rescue_data", "rescues_counted"): (None, None),
        ("altrupets_gold.powerbi_fact_rescues", "date_found"): (None, None),
        ("altrupets_bronze.events_enriched_unique_event_id", "unique_key"): (None, None),
    }


def test_the_tables_hold_every_row_so_far(arrival: Arrival) -> None:
    assert arrival.tables == arrival.manifest["cumulative"]["rows_written"]


def test_the_quarantine_says_why(arrival: Arrival) -> None:
    assert arrival.quarantined == arrival.manifest["cumulative"]["quarantined"]


def test_gold_is_what_the_simulator_says_happened(arrival: Arrival) -> None:
    happened = arrival.manifest["cumulative"]["gold"]

    assert arrival.gold == {table: as_told(rows) for table, rows in happened.items()}


def test_users_and_their_history_are_what_the_simulator_says_they_lived(arrival: Arrival) -> None:
    lived = arrival.manifest["cumulative"]["silver"]

    assert arrival.silver == {table: in_order(rows) for table, rows in lived.items()}


def test_what_is_told_late_of_a_rescuer_reaches_the_gold_of_days_before(arrivals: list[Arrival]) -> None:
    """All of a late event is dropped, and no other event is of those days: only regions can have changed."""
    last_day_but_one = f"2025-01-{arrivals[0].planted['days'][1] - 1}"
    before, after = (
        [row for row in arrival.gold["rescue_daily_metrics"] if row["date"] < last_day_but_one]
        for arrival in arrivals
    )
    assert arrivals[1].planted["changes"]["late"] > 0
    assert sum(row["total_rescues"] for row in before) == sum(row["total_rescues"] for row in after)
    assert before != after


def test_each_event_is_in_silver_once(arrival: Arrival) -> None:
    assert max(Counter(arrival.event_ids).values()) == 1


def test_late_events_are_in_bronze_and_not_in_silver(arrivals: list[Arrival]) -> None:
    late = arrivals[1].planted["late_event_ids"]

    assert len(late) == arrivals[1].planted["expected"]["late_dropped"] > 0
    assert all(event_id in arrivals[1].raw for event_id in late)
    assert set(late).isdisjoint(arrivals[1].event_ids)
