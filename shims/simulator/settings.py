"""What a simulation is made of, and the calendar that follows from it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

COSTA_RICA = ZoneInfo("America/Costa_Rica")
START = datetime(2025, 1, 1, tzinfo=COSTA_RICA).astimezone(UTC)
LEAST_DAYS = 10
LEAST_USERS = 10


@dataclass(frozen=True)
class SimulatorSettings:
    """Seed and size: `events` and `users` of the first arrival, before the planted extras."""

    seed: int = 7
    days: int = 90
    events: int = 50_000
    users: int = 5_000

    def __post_init__(self) -> None:
        if self.days < LEAST_DAYS or self.events < self.days or self.users < LEAST_USERS:
            raise ValueError(f"needs {LEAST_DAYS} days, an event a day and {LEAST_USERS} users: {self}")

    @property
    def history_days(self) -> int:
        """The first third comes as an export of the old system, for the batch flow."""
        return self.days // 3

    def random(self, *purpose: object) -> Random:
        """A generator for each purpose, so that a day can be made without the days before it."""
        return Random("/".join(map(str, (self.seed, *purpose))))

    def days_of(self, arrival: int) -> range:
        """The days that an arrival brings: the first all of the settings, each later one a day."""
        last = self.days + arrival - 1
        return range(1 if arrival == 1 else last, last + 1)

    def arrival_of(self, day: int) -> int:
        """The arrival that brings a day; the inverse of `days_of`."""
        return max(1, day - self.days + 1)

    def events_on(self, day: int) -> range:
        """The running numbers of a day's events."""
        each, extra = divmod(self.events, self.days)
        first = (day - 1) * each + min(day - 1, extra)
        return range(first, first + each + (day <= extra))


def midnight(day: int) -> datetime:
    """The beginning of a day in Costa Rica; the first is 1."""
    return START + timedelta(days=day - 1)


def day_of(moment: datetime) -> date:
    """The day in Costa Rica on which something happened."""
    return moment.astimezone(COSTA_RICA).date()


def iso(moment: datetime) -> str:
    """A time as the apps write it, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
