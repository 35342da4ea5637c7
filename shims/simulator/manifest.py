"""What must come out, counted from what was planted: rows, rules, drops, duplicates, late events.

Per arrival, each taken in by an update of its own, and in all. Streaming tables grow by each
arrival; the materialized views (users and gold) are computed anew, and counted as they then are.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from simulator import users
from simulator.arrivals import WATERMARK_DAYS, Fate, Record, records
from simulator.defects import DEFECTS, Defect
from simulator.gold import Rows, gold
from simulator.settings import Settings

APP_RULES = ("event_readable", "timestamp_readable")
SILVER_RULES = (
    "json_readable",
    "event_id_present",
    "timestamp_readable",
    "timestamp_plausible",
    "processing_time_not_negative",
    "user_id_present",
    "event_type_known",
)
CLEAN = Defect(0)
Counts = dict[str, Any]


def manifest(settings: Settings, arrivals: int) -> Counts:
    """The whole file: the settings, then each arrival, then all together."""
    numbers = range(1, arrivals + 1)
    return {
        "settings": asdict(settings),
        "watermark_days": WATERMARK_DAYS,
        "arrivals": [_arrival(settings, number) for number in numbers],
        "cumulative": _expected(settings, numbers) | {"gold": gold(settings, numbers)},
    }


def _arrival(settings: Settings, number: int) -> Counts:
    brought, days = records(settings, number), settings.days_of(number)
    planted = Counter(record.defect or record.fate for record in brought)
    late = sorted(record.event.event_id for record in brought if record.fate is Fate.LATE)
    return {
        "number": number,
        "days": [days[0], days[-1]],
        "planted": dict(sorted(planted.items())),
        "late_event_ids": late,
        "expected": _expected(settings, [number]),
    }


def _expected(settings: Settings, numbers: Iterable[int]) -> Counts:
    """Counts over some arrivals; for views computed anew, of the state after the last of them."""
    numbers = list(numbers)
    brought = [record for number in numbers for record in records(settings, number)]
    good = [record for record in brought if not _defect(record).silver_drop]
    fates = Counter(record.fate for record in good)
    dropped = Counter(reason for record in brought for reason in _defect(record).silver_drop)
    read = [record for record in brought if not _defect(record).app_drop]
    tables, people = gold(settings, range(1, numbers[-1] + 1)), users.as_of(settings, numbers[-1])
    return {
        "rows_written": {
            "altrupets_bronze.raw_events": len(brought),
            "altrupets_bronze.app_events": len(read),
            "altrupets_silver.events": fates[Fate.KEPT],
            "altrupets_silver.events_quarantine": len(brought) - len(good),
            "altrupets_silver.users": len(people),
        }
        | {f"altrupets_gold.{table}": len(rows) for table, rows in tables.items()},
        "rows_dropped": {
            "altrupets_bronze.app_events": len(brought) - len(read),
            "events_parsed": len(brought) - len(good),
        },
        "rules": _rules(brought) | _rules_of_views(tables, people.values()),
        "quarantined": dict(sorted(dropped.items())),
        "duplicates_removed": fates[Fate.DUPLICATE],
        "late_dropped": fates[Fate.LATE],
    }


def _rules(brought: list[Record]) -> Counts:
    defects = [_defect(record) for record in brought]
    kept = [_defect(r) for r in brought if not _defect(r).silver_drop and r.fate is Fate.KEPT]
    return {
        "altrupets_bronze.raw_events": _counts(("raw_data_present",), [d.bronze for d in defects]),
        "altrupets_bronze.app_events": _counts(APP_RULES, [d.app_drop + d.app_warn for d in defects]),
        "events_parsed": _counts(SILVER_RULES, [d.silver_drop + d.silver_warn for d in defects]),
        "altrupets_silver.events": _counts(("user_known",), [d.enriched_warn for d in kept]),
    }


def _rules_of_views(tables: dict[str, Rows], people: Iterable[users.User]) -> Counts:
    types = [() if user.user_type in users.TYPES else ("user_type_known",) for user in people]
    regions = [() if row["region"] else ("region_known",) for row in tables["rescue_daily_metrics"]]
    rates = [("rates_within_one",) if _above_one(row) else () for row in tables["adoption_funnel"]]
    return {
        "altrupets_silver.users": _counts(("user_type_known",), types),
        "altrupets_gold.rescue_daily_metrics": _counts(("region_known",), regions),
        "altrupets_gold.adoption_funnel": _counts(("rates_within_one",), rates),
    }


def _above_one(row: Counts) -> bool:
    return any((value or 0) > 1 for name, value in row.items() if name.endswith("_rate"))


def _counts(names: Iterable[str], broken: list[tuple[str, ...]]) -> dict[str, dict[str, int]]:
    failed = Counter(name for names_of_row in broken for name in names_of_row)
    return {name: {"passed": len(broken) - failed[name], "failed": failed[name]} for name in names}


def _defect(record: Record) -> Defect:
    return DEFECTS[record.defect] if record.defect else CLEAN
