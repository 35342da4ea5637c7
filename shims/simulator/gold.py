"""The gold tables' rows, from the records that silver must keep."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from simulator import users
from simulator.arrivals import Fate, Record, records
from simulator.defects import DEFECTS, user_id
from simulator.settings import Settings

Rows = list[dict[str, Any]]


def gold(settings: Settings, arrivals: Iterable[int]) -> dict[str, Rows]:
    kept = list(_kept(settings, arrivals))
    return {
        "rescue_daily_metrics": _rescue_daily_metrics(kept),
        "adoption_funnel": _adoption_funnel(kept),
    }


def _kept(settings: Settings, arrivals: Iterable[int]) -> Iterator[tuple[str, str | None, Record]]:
    """Date, region and record; the region is the user's when the event arrived."""
    for number in arrivals:
        people = users.as_of(settings, number)
        for record in records(settings, number):
            defect = DEFECTS.get(record.defect or "")
            dropped = record.fate is not Fate.KEPT or (defect and defect.silver_drop)
            if dropped or record.defect == "unknown_event_type":
                continue
            unknown = defect and defect.enriched_warn
            region = None if unknown else people[record.event.user_id].user_location
            yield record.event.moment.date().isoformat(), region, record


def _rescue_daily_metrics(kept: list[tuple[str, str | None, Record]]) -> Rows:
    groups: dict[tuple[str, str | None], list[Record]] = defaultdict(list)
    for date, region, record in kept:
        if record.event.event_type == "rescue_completed":
            groups[date, region].append(record)
    return [
        {
            "date": date,
            "region": region,
            "total_rescues": len(group),
            "active_rescuers": len({user_id(r.event, r.defect) for r in group} - {None}),
            "avg_response_time": sum(r.event.processing_time for r in group) / len(group),
        }
        for (date, region), group in sorted(groups.items(), key=_by_date_and_region)
    ]


def _by_date_and_region(group: tuple[tuple[str, str | None], list[Record]]) -> tuple[str, str]:
    (date, region), _ = group
    return date, region or ""


def _adoption_funnel(kept: list[tuple[str, str | None, Record]]) -> Rows:
    dates: dict[str, Counter[str]] = defaultdict(Counter)
    for date, _, record in kept:
        if record.event.event_type.startswith("adoption_"):
            dates[date][record.event.event_type] += 1
    return [_funnel(date, counts) for date, counts in sorted(dates.items())]


def _funnel(date: str, counts: Counter[str]) -> dict[str, Any]:
    steps = ("request", "approved", "completed")
    requests, approvals, completions = (counts[f"adoption_{step}"] for step in steps)
    return {
        "date": date,
        "requests": requests,
        "approvals": approvals,
        "completions": completions,
        "approval_rate": _rate(approvals, requests),
        "completion_rate": _rate(completions, approvals),
        "conversion_rate": _rate(completions, requests),
    }


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
