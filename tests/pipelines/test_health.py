"""`table_health` after an update of every pipeline: each table has its row, which says what lies in it."""

from expectations.health import FED, TABLES
from tests.lakes import Arrival, Lake


def test_each_table_has_one_row_which_counts_its_rows(arrival: Arrival) -> None:
    assert sorted(row["table_name"] for row in arrival.health) == sorted(w.table for w in TABLES)
    health = {row["table_name"]: row["total_records"] for row in arrival.health}
    assert health == arrival.lying
    written = arrival.manifest["cumulative"]["rows_written"]
    planted = {t: n for t, n in written.items() if t in health and "users" not in t}
    assert len(planted) > 5
    assert {t: health[t] for t in planted} == planted


def test_what_just_came_is_young_and_whole_and_breaks_the_rules_that_it_was_planted_to(
    arrival: Arrival,
) -> None:
    health = {row["table_name"]: row for row in arrival.health}
    came = [health[w.table] for w in TABLES if w.newest == "ingestion_timestamp"]
    assert [row for row in came if row["total_records"] and not 0 <= row["hours_since_update"] < 1] == []
    assert [row for row in came if not row["total_records"] and row["hours_since_update"] is not None] == []
    assert [t for t, row in health.items() if (row["completeness_percentage"] or 100) < 95] == []

    counted = {t: rules for t, rules in arrival.planted["expected"]["rules"].items() if "users" not in t}
    broken = {t: sum(r["failed"] > 0 for r in rules.values()) for t, rules in counted.items() if t in health}
    assert set(broken.values()) >= {0, 1}
    assert {t: health[t]["failed_rules"] for t in broken} == broken


def test_each_column_and_each_table_that_is_fed_is_measured(lake: Lake, arrivals: list[Arrival]) -> None:
    rows = lake.rows("monitoreo_gold.data_quality_metrics")
    columns = {(r["table_name"], r["column_name"]): r for r in rows if r["metric_type"] == "completeness"}
    assert columns.keys() == {(w.table, column) for w in TABLES for column in w.filled}
    assert {t: r["total_records"] for (t, _), r in columns.items()} == arrivals[-1].lying
    for (table, column), row in columns.items():
        filled = lake.rows(table, f'count("{column}") AS n')[0]["n"]
        share = filled * 100 / row["total_records"] if row["total_records"] else None
        assert (row["non_null_records"], row["completeness_percentage"]) == (filled, share)
    fresh = {r["table_name"]: r["hours_since_update"] for r in rows if r["metric_type"] == "freshness"}
    assert len(rows) == len(columns) + len(fresh)
    assert fresh.keys() == FED
    assert all(0 <= hours < 1 for hours in fresh.values())
