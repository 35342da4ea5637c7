"""Clean events, as an app would send them on a good day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from simulator.places import CANTONS
from simulator.settings import SimulatorSettings, iso, midnight
from simulator.users import User, of_type

# event type -> (weight, who sends it)
TYPES: dict[str, tuple[int, str]] = {
    "rescue_requested": (24, "auxiliar"),
    "rescue_completed": (20, "rescatista"),
    "adoption_request": (24, "adoptante"),
    "adoption_approved": (12, "adoptante"),
    "adoption_completed": (8, "adoptante"),
    "vet_visit": (12, "veterinario"),
}
SPECIES = ("perro", "gato", "ave", "conejo", "tortuga", "caballo")
STATES = ("herido", "abandonado", "desnutrido", "sano", "en riesgo")


@dataclass(frozen=True)
class AppEvent:
    """What happened, before anything goes wrong on the way."""

    event_id: str
    event_type: str
    user_id: str
    moment: datetime
    processing_time: int
    payload: dict[str, Any]

    def as_message(self) -> dict[str, Any]:
        """The fields as the app sends them."""
        return {
            "event_id": self.event_id,
            "event_type": self.event_type,
            "user_id": self.user_id,
            "timestamp": iso(self.moment),
            "payload": self.payload | {"processing_time": self.processing_time},
        }


def of_day(settings: SimulatorSettings, day: int) -> tuple[AppEvent, ...]:
    """A day's events, in the order in which they happened."""
    return some(settings, day, "on time", len(settings.events_on(day)), arrival=settings.arrival_of(day))


def some(
    settings: SimulatorSettings, day: int, purpose: str, count: int, *, arrival: int
) -> tuple[AppEvent, ...]:
    """`count` events that happened on a day and come with an arrival; each purpose has its ids."""
    rng = settings.random(purpose, day, arrival)
    mark = purpose[0].upper()
    moments = sorted(midnight(day) + timedelta(seconds=rng.randrange(86_400)) for _ in range(count))
    return tuple(
        _event(rng, settings, arrival, f"evt-{arrival:05d}-{day:05d}-{mark}{n:06d}", moment)
        for n, moment in enumerate(moments)
    )


def _event(
    rng: Random, settings: SimulatorSettings, arrival: int, event_id: str, moment: datetime
) -> AppEvent:
    weights = [weight for weight, _ in TYPES.values()]
    event_type = rng.choices(tuple(TYPES), weights)[0]
    user = rng.choice(of_type(settings, arrival, TYPES[event_type][1]))
    minutes = min(240, 5 + int(rng.expovariate(1 / 40)))
    newer_app = moment >= midnight(settings.days // 2)
    return AppEvent(
        event_id,
        event_type,
        user.user_id,
        moment,
        minutes,
        _payload(rng, user, newer_app=newer_app),
    )


def _payload(rng: Random, user: User, *, newer_app: bool) -> dict[str, Any]:
    animal = {
        "especie": rng.choice(SPECIES),
        "edad_meses": rng.randint(1, 180),
        "estado": rng.choice(STATES),
    }
    latitude, longitude = CANTONS[user.user_location][user.canton]
    place = {
        "lat": round(latitude + rng.uniform(-0.02, 0.02), 5),
        "lon": round(longitude + rng.uniform(-0.02, 0.02), 5),
    }
    old = {"schema_version": 1, "animal": animal}
    return old | {"schema_version": 2, "ubicacion_gps": place} if newer_app else old
