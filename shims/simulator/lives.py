"""What happens to users, day by day, whenever it is told: sign-ups, moves, new roles, leaving, returning.

Rescuers in the field have no network: their moves are told `FIELD_DAYS` later. Every other one of them
tells another move the day after it, in time, so that the late one is of the past when it comes. On every
other day deletions are told late.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from random import Random

from simulator.settings import SimulatorSettings, midnight
from simulator.users import RESCUER, TYPES, User, place, signing_up

UPSERT, DELETE = "UPSERT", "DELETE"
FIELD_DAYS = 7
OFFICE_DAYS = 4
RETURN_DAYS = 3


@dataclass(frozen=True)
class Change:
    """Something happened to a user at a moment, and is told on a day."""

    user: User
    operation: str
    moment: datetime
    told: int


@dataclass
class _State:
    living: dict[str, User] = field(default_factory=dict)
    gone: dict[str, User] = field(default_factory=dict)
    out: list[str] = field(default_factory=list)  # moved yesterday, in the field


@cache
def lives(settings: SimulatorSettings, last_day: int) -> tuple[Change, ...]:
    """All that happens up to a day, in its order."""
    state, happened = _State(), list(_older(settings))
    for day in range(last_day + 1):
        changes = list(_of_day(settings, state, day))
        for change in changes:
            _remember(state, change)
        happened += changes
    return tuple(sorted(happened, key=lambda change: (change.moment, change.user.user_id)))


def _older(settings: SimulatorSettings) -> Iterator[Change]:
    """Some lived elsewhere before."""
    rng = settings.random("older users")
    for user in signing_up(settings, 0)[::10]:
        yield Change(_moved(rng, user), UPSERT, midnight(-29), 0)


def _of_day(settings: SimulatorSettings, state: _State, day: int) -> Iterator[Change]:
    """At most one change a user. Day 0 has sign-ups alone, all at its midnight."""
    rng = settings.random("lives", day)

    def change(user: User, operation: str = UPSERT, late: int = 0) -> Change:
        moment = midnight(day) + timedelta(seconds=rng.randrange(86_400) if day else 0)
        return Change(user, operation, moment, day + late)

    yield from (change(user) for user in signing_up(settings, day))
    if not day:
        return
    known, few = [u for name, u in state.living.items() if name not in state.out], settings.users
    yield from (change(_moved(rng, state.living[name])) for name in state.out[::2])
    rescuers = [user for user in known if user.user_type == RESCUER]
    state.out = [user.user_id for user in _some(rng, rescuers, max(6, few // 250))]
    yield from (change(_moved(rng, state.living[name]), late=FIELD_DAYS) for name in state.out)
    others = [user for user in known if user.user_id not in state.out]
    movers, roles = max(1, few // 200), max(1, few // 1000)
    chosen = _some(rng, others, movers + roles + max(1, few // 2000))
    yield from (change(_moved(rng, user)) for user in chosen[:movers])
    yield from (change(_promoted(rng, user)) for user in chosen[movers : movers + roles])
    yield from (change(u, DELETE, OFFICE_DAYS * (day % 2)) for u in chosen[movers + roles :])
    if day % RETURN_DAYS == 0:
        yield from (change(user) for user in _some(rng, list(state.gone.values()), 1))


def _remember(state: _State, change: Change) -> None:
    to, other = (state.living, state.gone) if change.operation == UPSERT else (state.gone, state.living)
    other.pop(change.user.user_id, None)
    to[change.user.user_id] = change.user


def _some(rng: Random, users: list[User], count: int) -> list[User]:
    """At least one, as far as there are any."""
    return rng.sample(users, k=min(len(users), max(1, count)))


def _moved(rng: Random, user: User) -> User:
    province, canton = place(rng)
    return replace(user, user_location=province, canton=canton)


def _promoted(rng: Random, user: User) -> User:
    return replace(user, user_type=rng.choice([kind for kind in TYPES if kind != user.user_type]))
