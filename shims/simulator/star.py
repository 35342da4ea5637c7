"""Gold's star, its facts and its calendar, and what BI tools get of them."""

from calendar import isleap
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from simulator.arrivals import Record
from simulator.defects import user_id

Rows = list[dict[str, Any]]
Kept = tuple[str, str | None, Record]
SUCCESS_MINUTES = 60
OF_ITS_DAY = ("date", "year", "month", "quarter")  # what a fact of Power BI has of its day
MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
    "noviembre", "diciembre",
)  # fmt: skip
DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


def star(rescues: list[Kept], years: set[int]) -> dict[str, Rows]:
    """The tables of the star.

    Args:
        rescues: The completed ones: date, region and record.
        years: The years that have events.
    """
    facts, calendar = [_fact(*rescue) for rescue in rescues], _calendar(years)
    days = {day["date_key"]: {name: day[name] for name in OF_ITS_DAY} for day in calendar}
    return {
        "rescue_facts": facts,
        "date_dimension": calendar,
        "powerbi_fact_rescues": [fact | days[fact["date_key"]] for fact in facts],
        "tableau_rescue_data": _tableau(facts),
    }


def _fact(day: str, region: str | None, record: Record) -> dict[str, Any]:
    event = record.event
    return {
        "rescue_id": event.event_id,
        "date_key": _key(day),
        "region_key": region,
        "rescuer_key": user_id(event, record.defect),
        "animal_key": event.payload["animal"]["especie"],
        "response_time_minutes": float(event.processing_time),
        "success_flag": event.processing_time < SUCCESS_MINUTES,
    }


def _calendar(years: set[int]) -> Rows:
    """All years from the first to the last."""
    firsts = [date(year, 1, 1) for year in range(min(years, default=1), max(years, default=0) + 1)]
    return [_day(first + timedelta(days=n)) for first in firsts for n in range(365 + isleap(first.year))]


def _day(day: date) -> dict[str, Any]:
    return {
        "date_key": _key(day.isoformat()),
        "date": day.isoformat(),
        "year": day.year,
        "quarter": (day.month + 2) // 3,
        "month": day.month,
        "month_name": MONTHS[day.month - 1],
        "day_name": DAYS[day.weekday()],
    }


def _key(day: str) -> int:
    return int(day.replace("-", ""))


def _tableau(facts: Rows) -> Rows:
    groups: dict[tuple[Any, ...], Rows] = defaultdict(list)
    for fact in facts:
        groups[fact["date_key"], fact["region_key"], fact["animal_key"]].append(fact)
    return [
        {
            "date": date.fromisoformat(str(key)).isoformat(),
            "region": region,
            "rescue_type": animal,
            "total_rescues": len(group),
            "avg_response_time": sum(fact["response_time_minutes"] for fact in group) / len(group),
            "success_rate": sum(fact["success_flag"] for fact in group) / len(group),
        }
        for (key, region, animal), group in groups.items()
    ]
