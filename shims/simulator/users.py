"""Who uses AltruPets: the rows of each arrival's users file, and who is who once it has arrived."""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import cache
from random import Random

from simulator.places import CANTONS
from simulator.settings import START, Settings, iso, midnight

TYPES = ("auxiliar", "rescatista", "adoptante", "veterinario")
UNKNOWN_TYPE = "desconocido"
NEW_A_DAY = 3


@dataclass(frozen=True)
class User:
    """One row of a users file; of several rows for one user the latest `updated_at` counts."""

    user_id: str
    user_type: str
    user_location: str
    canton: str
    updated_at: str


@cache
def rows(settings: Settings, arrival: int) -> tuple[User, ...]:
    """The users file: first everybody (some with an older row too), then who moved or came."""
    if arrival == 1:
        everybody = [_new(settings, n, iso(START - timedelta(days=1))) for n in range(settings.users)]
        rng = settings.random("older users")
        older = (_moved(rng, user, iso(START - timedelta(days=30))) for user in everybody[::10])
        return *older, *everybody
    known, rng = as_of(settings, arrival - 1), settings.random("moves", arrival)
    today = iso(midnight(settings.days_of(arrival)[0]))
    movers = rng.sample(list(known.values()), k=max(1, len(known) // 100))
    new = (_new(settings, len(known) + n, today) for n in range(NEW_A_DAY))
    return *(_moved(rng, user, today) for user in movers), *new


@cache
def as_of(settings: Settings, arrival: int) -> dict[str, User]:
    """Every user as the newest row so far has them."""
    before = as_of(settings, arrival - 1) if arrival > 1 else {}
    return before | {user.user_id: user for user in rows(settings, arrival)}


@cache
def of_type(settings: Settings, arrival: int, user_type: str) -> tuple[User, ...]:
    return tuple(user for user in as_of(settings, arrival).values() if user.user_type == user_type)


def as_row(user: User) -> dict[str, str]:
    return asdict(user)


def _new(settings: Settings, number: int, updated_at: str) -> User:
    rng = settings.random("user", number)
    kind = UNKNOWN_TYPE if number % 200 == len(TYPES) else TYPES[number % len(TYPES)]
    return User(f"usr-{number:06d}", kind, *_place(rng), updated_at)


def _moved(rng: Random, user: User, updated_at: str) -> User:
    province, canton = _place(rng)
    return replace(user, user_location=province, canton=canton, updated_at=updated_at)


def _place(rng: Random) -> tuple[str, str]:
    province = rng.choice(tuple(CANTONS))
    return province, rng.choice(tuple(CANTONS[province]))
