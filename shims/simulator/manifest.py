"""What must come out, counted from what was planted: rows, rules, drops, duplicates, late events.

Per arrival, each taken in by an update of its own, and in all. Streaming tables grow by each
arrival, or have as many rows changed by it; the materialized views (the enriched events and gold) are
computed anew, and counted as they then are.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from simulator.arrivals import WATERMARK_DAYS, Fate, Record, records
from simulator.changes import new_changes, sent
from simulator.counting import rule_counts
from simulator.enriched import enriched
from simulator.gold import gold
from simulator.lives import DELETE, Change
from simulator.modules import pipelines
from simulator.settings import SimulatorSettings, midnight
from simulator.star import Rows
from simulator.users import TYPES
from simulator.versions import Row, history_rows, user_rows

APP_RULES = ("event_readable", "timestamp_readable")
SILVER_RULES = (
    "json_readable",
    "event_id_present",
    "timestamp_readable",
    "timestamp_plausible",
    "processing_time_not_negative",
    "not_masked",
    "user_id_present",
    "event_type_known",
)
USER_RULES = ("change_whole", "user_type_known")
# Gold's rules that a column is known: table -> rule -> column.
KNOWN = {
    "rescue_daily_metrics": {"region_known": "region"},
    "executive_dashboard": {"performance_known": "performance_category"},
    "rescue_facts": {
        "region_known": "region_key",
        "rescuer_known": "rescuer_key",
        "animal_known": "animal_key",
    },
    "tableau_rescue_data": {"rescue_type_known": "rescue_type"},
}
Counts = dict[str, Any]


def manifest(settings: SimulatorSettings, arrivals: int) -> Counts:
    """The whole file: the settings, then each arrival, then all together."""
    numbers = range(1, arrivals + 1)
    return {
        "settings": asdict(settings),
        "watermark_days": WATERMARK_DAYS,
        "arrivals": [_arrival(settings, number) for number in numbers],
        "cumulative": _expected(settings, numbers)
        | {"gold": gold(settings, arrivals), "silver": _users(settings, arrivals)},
    }


def _arrival(settings: SimulatorSettings, number: int) -> Counts:
    brought, days = records(settings, number), settings.days_of(number)
    planted = Counter(record.defect or record.fate for record in brought)
    late = sorted(record.event.event_id for record in brought if record.fate is Fate.LATE)
    return {
        "number": number,
        "days": [days[0], days[-1]],
        "planted": dict(sorted(planted.items())),
        "changes": _changes(settings, number),
        "late_event_ids": late,
        "expected": _expected(settings, [number]),
        "pipelines": pipelines(settings, number),
    }


def _expected(settings: SimulatorSettings, numbers: Iterable[int]) -> Counts:
    """Counts over some arrivals; for views computed anew, of the state after the last of them."""
    numbers = list(numbers)
    before, last = numbers[0] - 1, numbers[-1]
    brought = [record for number in numbers for record in records(settings, number)]
    good = [record for record in brought if not record.flaw.silver_drop]
    fates = Counter(record.fate for record in good)
    dropped = Counter(reason for record in brought for reason in record.flaw.silver_drop)
    read = [record for record in brought if not record.flaw.app_drop]
    tables = gold(settings, last)
    changes = [change for number in numbers for change in sent(settings, number)]
    return {
        "rows_written": {
            "altrupets_bronze.raw_events": len(brought),
            "altrupets_bronze.app_events": len(read),
            "altrupets_silver.events": fates[Fate.KEPT],
            "altrupets_gold.event_facts": fates[Fate.KEPT],
            "altrupets_silver.events_enriched": len(enriched(settings, last)),
            "altrupets_silver.events_quarantine": len(brought) - len(good),
        }
        | _changed(_users(settings, before), _users(settings, last))
        | {f"altrupets_gold.{table}": len(rows) for table, rows in tables.items()},
        "rows_dropped": {
            "altrupets_bronze.app_events": len(brought) - len(read),
            "events_parsed": len(brought) - len(good),
            "altrupets_silver.users": len(numbers),
            "altrupets_silver.users_history": len(numbers),
        },
        "rules": _rules(brought)
        | _rules_of_changes(changes, torn=len(numbers))
        | _rules_of_views(settings, last, tables),
        "quarantined": dict(sorted(dropped.items())),
        "duplicates_removed": fates[Fate.DUPLICATE],
        "late_dropped": fates[Fate.LATE],
    }


def _users(settings: SimulatorSettings, arrival: int) -> dict[str, list[Row]]:
    return {"users": user_rows(settings, arrival), "users_history": history_rows(settings, arrival)}


def _changed(before: dict[str, list[Row]], after: dict[str, list[Row]]) -> dict[str, int]:
    """How many rows are new or other than they were."""
    rows = {table: (_frozen(before[table]), _frozen(after[table])) for table in after}
    return {f"altrupets_silver.{table}": len(new - old) for table, (old, new) in rows.items()}


def _frozen(rows: list[Row]) -> set[tuple[str | None, ...]]:
    return {tuple(row.values()) for row in rows}


def _changes(settings: SimulatorSettings, number: int) -> dict[str, int]:
    """What the file of users tells: late is what happened before the days that arrive."""
    new, first = new_changes(settings, number), settings.days_of(number)[0]
    return {
        "told": len(new),
        "deleted": sum(change.operation == DELETE for change in new),
        "late": sum(change.moment < midnight(first) for change in new) if number > 1 else 0,
        "again": len(sent(settings, number)) - len(new),
        "torn": 1,
    }


def _rules(brought: list[Record]) -> Counts:
    defects = [record.flaw for record in brought]
    return {
        "altrupets_bronze.raw_events": rule_counts(("raw_data_present",), [d.bronze for d in defects]),
        "altrupets_bronze.app_events": rule_counts(APP_RULES, [d.app_drop + d.app_warn for d in defects]),
        "events_parsed": rule_counts(SILVER_RULES, [d.silver_drop + d.silver_warn for d in defects]),
    }


def _rules_of_changes(changes: list[Change], torn: int) -> Counts:
    types = [() if change.user.user_type in TYPES else ("user_type_known",) for change in changes]
    counts = rule_counts(USER_RULES, [*types, *[USER_RULES] * torn])
    return {"altrupets_silver.users": counts, "altrupets_silver.users_history": counts}


def _rules_of_views(settings: SimulatorSettings, arrival: int, tables: dict[str, Rows]) -> Counts:
    users = [() if user else ("user_known",) for _, user in enriched(settings, arrival)]
    rates = [("rates_within_one",) if _above_one(row) else () for row in tables["adoption_funnel"]]
    return {
        "altrupets_silver.events_enriched": rule_counts(("user_known",), users),
        "altrupets_gold.adoption_funnel": rule_counts(("rates_within_one",), rates),
    } | {f"altrupets_gold.{table}": _known(tables[table], columns) for table, columns in KNOWN.items()}


def _known(rows: Rows, columns: dict[str, str]) -> Counts:
    broken = [tuple(rule for rule, column in columns.items() if row[column] is None) for row in rows]
    return rule_counts(columns, broken)


def _above_one(row: Counts) -> bool:
    return any((value or 0) > 1 for name, value in row.items() if name.endswith("_rate"))
