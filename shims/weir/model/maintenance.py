"""What a table's properties say of its upkeep: how long rows are kept, how files are laid out and removed."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

KEPT = "retention.period"
KEPT_BY = "retention.column"
ZORDER = "pipelines.autoOptimize.zOrderCols"
MANAGED = "pipelines.autoOptimize.managed"
VACUUM = "delta.deletedFileRetentionDuration"
SOFT_DELETES = "delta.enableDeletionVectors"
WEEK = 168  # hours: a younger file may still be read by a query, or be written by one that has not committed

_PERIOD = re.compile(r"(?:interval\s+)?'?(\d+)'?\s+(hour|day|week|month|year)s?", re.IGNORECASE)
_HOURS = {"hour": 1, "day": 24, "week": WEEK}
_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as SQL writes it: `2 years`, `interval 168 hours`."""

    count: int
    unit: str

    @classmethod
    def of(cls, text: str) -> Self | None:
        """The period that a text names; None if it names none."""
        match = _PERIOD.fullmatch(text.strip())
        return cls(int(match[1]), match[2].lower()) if match else None

    @property
    def hours(self) -> int | None:
        """Its length; None where the calendar decides."""
        return self.count * _HOURS[self.unit] if self.unit in _HOURS else None

    def before(self, day: dt.date) -> dt.date:
        """The day that lies so far back; the last of a shorter month.

        >>> Period(1, "month").before(dt.date(2025, 3, 31))
        datetime.date(2025, 2, 28)
        """
        if self.hours is not None:
            return day - dt.timedelta(hours=self.hours)
        years, month = divmod(day.year * 12 + day.month - 1 - self.count * _MONTHS[self.unit], 12)
        last = calendar.monthrange(years, month + 1)[1]
        return dt.date(years, month + 1, min(day.day, last))

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' * (self.count != 1)}"


@dataclass(frozen=True, slots=True)
class Policy:
    """The upkeep that a table asks for, as its properties write it.

    Attributes:
        kept: For how long rows are kept; None keeps all.
        kept_by: The column that says how old a row is.
        zorder: The columns that queries filter by.
        vacuum: For how long files are kept that the table needs no more.
        managed: Whether files are made larger.
    """

    kept: str | None
    kept_by: str | None
    zorder: tuple[str, ...]
    vacuum: str
    managed: bool

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> Self:
        """The policy of a table with these properties."""
        columns = (c.strip() for c in properties.get(ZORDER, "").split(","))
        return cls(
            properties.get(KEPT),
            properties.get(KEPT_BY),
            tuple(c for c in columns if c),
            properties.get(VACUUM, f"interval {WEEK} hours"),
            properties.get(MANAGED, "true").lower() != "false",
        )
