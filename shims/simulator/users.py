"""Who uses AltruPets: each user as they sign up, and on which day they do."""

from dataclasses import dataclass
from functools import cache
from random import Random

from simulator.places import CANTONS
from simulator.settings import SimulatorSettings

RESCUER = "rescatista"
TYPES = ("auxiliar", RESCUER, "adoptante", "veterinario")
UNKNOWN_TYPE = "desconocido"
NEW_A_DAY = 3
LATE_ONES = 50  # one of so many sends events before their account is there


@dataclass(frozen=True)
class User:
    """What is known of a user at a time."""

    user_id: str
    user_type: str
    user_location: str
    canton: str


def signing_up(settings: SimulatorSettings, day: int) -> list[User]:
    """Day 0 stands for all that was before."""
    if day > settings.days:
        first = settings.users + NEW_A_DAY * (day - settings.days - 1)
        return [new(settings, number) for number in range(first, first + NEW_A_DAY)]
    numbers = range(settings.users)
    return [new(settings, number) for number in numbers if _day_of(settings, number) == day]


@cache
def of_type(settings: SimulatorSettings, arrival: int, user_type: str) -> tuple[User, ...]:
    """Who may send events that arrive then: also who is not known yet, or not any more."""
    numbers = range(settings.users + NEW_A_DAY * (arrival - 1))
    return tuple(user for n in numbers if (user := new(settings, n)).user_type == user_type)


@cache
def new(settings: SimulatorSettings, number: int) -> User:
    """The user of a number as they sign up."""
    kind = UNKNOWN_TYPE if number % 200 == len(TYPES) else TYPES[number % len(TYPES)]
    return User(f"usr-{number:06d}", kind, *place(settings.random("user", number)))


def place(rng: Random) -> tuple[str, str]:
    """A province and one of its cantons."""
    province = rng.choice(tuple(CANTONS))
    return province, rng.choice(tuple(CANTONS[province]))


def _day_of(settings: SimulatorSettings, number: int) -> int:
    late = number % LATE_ONES == LATE_ONES // 2
    return 1 + number // LATE_ONES % (settings.days // 2) if late else 0
