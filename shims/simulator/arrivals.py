"""The records that an arrival brings, each with what must become of it. The watermark stands here.

Silver's deduplication drops what is older than a watermark, `WATERMARK_DAYS` behind the newest good
event of *earlier* updates (the first has none: it must read its data in one batch, and does).
- The first arrival holds nothing late, and its duplicates may lie anywhere.
- Later ones bring the new day; events of the day before, new ones and some sent again, all ahead of
  the watermark, even once the new day has moved it; and never-seen events of `LATE_DAYS` before,
  far behind it, which silver must drop. However Spark cuts such an update, the counts are the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from simulator.defects import CLEAN, DEFECTS, DUPLICATE, TORN, Defect, plan, text
from simulator.events import AppEvent, of_day, some
from simulator.settings import SimulatorSettings

WATERMARK_DAYS = 2
LATE_DAYS = range(6, 10)


class Fate(StrEnum):
    """What silver makes of a record that breaks no rule."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    LATE = "late"


@dataclass(frozen=True)
class Record:
    """One raw record: the event behind it, its text, and what was planted."""

    day: int
    event: AppEvent
    text: str
    defect: str | None = None
    fate: Fate = Fate.KEPT
    lane: str = "streaming"

    @property
    def flaw(self) -> Defect:
        """The rules that the record breaks."""
        return DEFECTS[self.defect] if self.defect else CLEAN


@cache
def records(settings: SimulatorSettings, arrival: int) -> tuple[Record, ...]:
    """All that an arrival brings, in the order of its files."""
    days = [record for day in settings.days_of(arrival) for record in _of_day(settings, day)]
    extras = _broken_export(settings) if arrival == 1 else _stragglers(settings, arrival)
    return (*days, *extras)


@cache
def _of_day(settings: SimulatorSettings, day: int) -> tuple[Record, ...]:
    lane = "batch" if day <= settings.history_days else "streaming"
    slots, rng = plan(settings), settings.random("spoil", day)
    firsts, again = [], []
    for number, event in zip(settings.events_on(day), of_day(settings, day), strict=True):
        slot = _possible(slots[number % len(slots)], lane)
        defect = None if slot == DUPLICATE else slot
        firsts.append(Record(day, event, text(event, defect, rng), defect, lane=lane))
        if slot == DUPLICATE:
            again.append(replace(firsts[-1], fate=Fate.DUPLICATE))
    return *firsts, *again


def _possible(defect: str | None, lane: str) -> str | None:
    return None if defect and lane == "batch" and DEFECTS[defect].whole_line else defect


def _broken_export(settings: SimulatorSettings) -> Iterator[Record]:
    """One export file that broke off: a single raw record, whatever it held."""
    event = some(settings, 1, "broken", 1, arrival=1)[0]
    yield Record(1, event, '[\n  {\n    "event_id": "' + event.event_id, TORN, lane="broken")


def _stragglers(settings: SimulatorSettings, arrival: int) -> Iterator[Record]:
    today = settings.days_of(arrival)[0]
    few = max(1, len(settings.events_on(today)) // 100)
    for record in _clean(_of_day(settings, today - 1))[-few:]:
        yield replace(record, day=today, fate=Fate.DUPLICATE)
    rng = settings.random("stragglers", arrival)
    for event in some(settings, today - 1, "delayed", few, arrival=arrival):
        yield Record(today, event, text(event, None, rng))
    for back in LATE_DAYS:
        for event in some(settings, today - back, "late", few, arrival=arrival):
            yield Record(today, event, text(event, None, rng), fate=Fate.LATE)


def _clean(of_a_day: tuple[Record, ...]) -> list[Record]:
    return [record for record in of_a_day if record.defect is None and record.fate is Fate.KEPT]
