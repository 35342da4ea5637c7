"""What must be known of users once arrivals have told their changes, however late and often they did."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby, pairwise

from simulator.changes import as_row, new_changes
from simulator.lives import UPSERT, Change
from simulator.settings import SimulatorSettings, iso
from simulator.users import User

Row = dict[str, str | None]


@dataclass(frozen=True)
class Version:
    """What a user was from a moment on, up to another one, if that is known."""

    user: User
    start: datetime
    end: datetime | None


def user_rows(settings: SimulatorSettings, arrival: int) -> list[Row]:
    """The users that are not deleted: each as the latest change says."""
    latest = [changes[-1] for changes in _by_user(settings, arrival).values()]
    rows = (as_row(change) for change in latest if change.operation == UPSERT)
    return [{name: row[name] for name in row if name != "operation"} for row in rows]


def history_rows(settings: SimulatorSettings, arrival: int) -> list[Row]:
    """All versions of all users."""
    return [
        vars(v.user) | {"__START_AT": iso(v.start), "__END_AT": iso(v.end) if v.end else None}
        for versions in history(settings, arrival).values()
        for v in versions
    ]


def user_at(settings: SimulatorSettings, arrival: int, user_id: str, moment: datetime) -> User | None:
    """Who a user was at a moment, as known after an arrival."""
    versions = history(settings, arrival).get(user_id, ())
    return next((v.user for v in versions if v.start <= moment and (not v.end or moment < v.end)), None)


@cache
def history(settings: SimulatorSettings, arrival: int) -> dict[str, tuple[Version, ...]]:
    """The versions of each user; a change that changes nothing makes none."""
    return {user: tuple(_versions(changes)) for user, changes in _by_user(settings, arrival).items()}


def _versions(changes: list[Change]) -> list[Version]:
    steps = [next(run) for _, run in groupby(changes, key=lambda c: (c.operation, c.user))]
    ends = [(step, after.moment) for step, after in pairwise(steps)] + [(steps[-1], None)]
    return [Version(step.user, step.moment, end) for step, end in ends if step.operation == UPSERT]


@cache
def _by_user(settings: SimulatorSettings, arrival: int) -> dict[str, list[Change]]:
    known = [change for number in range(1, arrival + 1) for change in new_changes(settings, number)]
    users: dict[str, list[Change]] = defaultdict(list)
    for change in sorted(known, key=lambda change: change.moment):
        users[change.user.user_id].append(change)
    return users
