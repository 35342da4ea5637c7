"""The gold tables' rows, from the records that silver must keep."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from simulator.arrivals import Record
from simulator.defects import user_id
from simulator.enriched import enriched
from simulator.settings import SimulatorSettings, day_of
from simulator.star import Kept, Rows, star

CATEGORIES = {"Excelente": 30, "Bueno": 60, "Necesita Mejora": float("inf")}  # below so many minutes


@cache
def gold(settings: SimulatorSettings, arrival: int) -> dict[str, Rows]:
    """After an arrival."""
    kept = list(_kept(settings, arrival))
    rescues = [rescue for rescue in kept if rescue[2].event.event_type == "rescue_completed"]
    daily = _rescue_daily_metrics(rescues)
    return {
        "rescue_daily_metrics": daily,
        "adoption_funnel": _adoption_funnel(kept),
        "executive_dashboard": [row | _category(row["avg_response_time"]) for row in daily],
        **star(rescues, {day_of(record.event.moment).year for record, _ in enriched(settings, arrival)}),
    }


def _kept(settings: SimulatorSettings, arrival: int) -> Iterator[Kept]:
    """Date, region and record; the region is the user's when the event happened."""
    for record, user in enriched(settings, arrival):
        if record.defect != "unknown_event_type":
            yield day_of(record.event.moment).isoformat(), user and user.user_location, record


def _rescue_daily_metrics(rescues: list[Kept]) -> Rows:
    groups: dict[tuple[str, str | None], list[Record]] = defaultdict(list)
    for date, region, record in rescues:
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


def _category(minutes: float) -> dict[str, str]:
    word = next(word for word, below in CATEGORIES.items() if minutes < below)
    return {"performance_category": word}


def _adoption_funnel(kept: list[Kept]) -> Rows:
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
