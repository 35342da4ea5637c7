"""What the microservices auxilio and rescate publish: events of calls for help, and of rescues.

Each aggregate numbers its events from 1. Of fifty calls one has each defect: an event that is sent twice,
one that is published again under another id, one that is never sent, one that is torn, one that has no time.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Literal

from simulator.events import SPECIES
from simulator.settings import START, SimulatorSettings, iso, midnight
from simulator.users import place

Service = Literal["auxilio", "rescate"]
SERVICES: tuple[Service, ...] = ("auxilio", "rescate")
SHARE = 30  # one call for so many events
SLOTS = 50
TWICE, AGAIN, LOST, TORN, TIMELESS = "sent_twice", "published_again", "lost", "torn", "timeless"
# Slot -> service, version and what happens to that event.
DEFECTS: dict[int, tuple[Service, int, str]] = {
    3: ("auxilio", 2, TWICE),
    11: ("auxilio", 2, AGAIN),
    17: ("auxilio", 2, LOST),
    23: ("auxilio", 1, TORN),
    29: ("auxilio", 2, TIMELESS),
    31: ("rescate", 2, AGAIN),
    37: ("rescate", 2, LOST),
}
RULES = (
    "event_id_present",
    "aggregate_id_present",
    "version_positive",
    "timestamp_present",
    "event_type_known",
)
BROKEN = {TORN: RULES, TIMELESS: ("timestamp_present",)}
# Event type -> the state that it leads to, which is also the column of its time.
STATES = {
    "llamada_recibida": "recibida",
    "llamada_asignada": "asignada",
    "llamada_cerrada": "cerrada",
    "rescate_iniciado": "iniciado",
    "animal_recogido": "recogido",
    "animal_en_refugio": "en_refugio",
    "animal_adoptado": "adoptado",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class PublishedEvent:
    """An event of an aggregate, and what was planted."""

    service: Service
    aggregate_id: str
    version: int
    event_type: str
    data: dict[str, Any] = field(hash=False)
    moment: datetime
    defect: str | None = None
    copy: int = 0

    @property
    def day(self) -> int:
        """The day on which it was published; the first is 1."""
        return (self.moment - START).days + 1

    @property
    def event_id(self) -> str:
        """Another one when it is published again, the same when it is only sent twice."""
        return f"{self.aggregate_id}-{self.version}" + ("-r" if self.copy and self.defect == AGAIN else "")

    @property
    def broken(self) -> tuple[str, ...]:
        """The rules that it breaks."""
        return BROKEN.get(self.defect or "", ())


@cache
def sent(settings: SimulatorSettings, service: Service, arrival: int) -> tuple[PublishedEvent, ...]:
    """All that an arrival brings of a service, in the order of its file."""
    last = settings.days_of(arrival)[-1]
    events = [e for day in range(1, last + 1) for e in _of_day(settings, day) if e.service == service]
    due = [e for e in events if settings.arrival_of(e.day) == arrival and e.defect != LOST]
    again = [replace(e, copy=1) for e in due if e.defect in {TWICE, AGAIN}]
    settings.random("published", service, arrival).shuffle(due)
    return (*due, *again)


def lines(settings: SimulatorSettings, service: Service, arrival: int) -> list[str]:
    """The file of an arrival."""
    return [_text(event) for event in sent(settings, service, arrival)]


@cache
def states(settings: SimulatorSettings, service: Service, arrival: int) -> tuple[Row, ...]:
    """The state of each aggregate after an arrival: its readable events, folded in the order of versions."""
    rows = []
    for aggregate, events in sorted(_known(settings, service, arrival).items()):
        state: Row = {"aggregate_id": aggregate}
        for event in events:
            state = _folded(state, event)
        rows.append(state)
    return tuple(rows)


def history(settings: SimulatorSettings, service: Service, arrival: int) -> tuple[Row, ...]:
    """The versions of all those states: from the version of an event up to that of the next one."""
    rows = []
    for aggregate, events in sorted(_known(settings, service, arrival).items()):
        once = list({event.version: event for event in events}.values())
        state: Row = {"aggregate_id": aggregate}
        for event, after in zip(once, [*once[1:], None], strict=True):
            state = _folded(state, event)
            rows.append(state | {"__START_AT": event.version, "__END_AT": after.version if after else None})
    return tuple(rows)


def anomalies(
    settings: SimulatorSettings, service: Service, arrival: int
) -> dict[str, tuple[list[int], list[int]]]:
    """Aggregate -> versions that are missing below its newest, versions under several ids."""
    anomalies = {}
    for aggregate, events in _known(settings, service, arrival).items():
        ids: dict[int, set[str]] = defaultdict(set)
        for event in events:
            ids[event.version].add(event.event_id)
        missing = [v for v in range(1, max(ids) + 1) if v not in ids]
        repeated = sorted(v for v, names in ids.items() if len(names) > 1)
        if missing or repeated:
            anomalies[aggregate] = (missing, repeated)
    return anomalies


def _folded(state: Row, event: PublishedEvent) -> Row:
    name = STATES[event.event_type]
    return state | event.data | {"estado": name, name: iso(event.moment), "version": event.version}


def _known(settings: SimulatorSettings, service: Service, arrival: int) -> dict[str, list[PublishedEvent]]:
    events: dict[str, list[PublishedEvent]] = defaultdict(list)
    for number in range(1, arrival + 1):
        for event in sent(settings, service, number):
            if not event.broken:
                events[event.aggregate_id].append(event)
    return {name: sorted(known, key=lambda e: e.version) for name, known in events.items()}


@cache
def _of_day(settings: SimulatorSettings, day: int) -> tuple[PublishedEvent, ...]:
    """All that will ever happen to the calls of a day."""
    numbers = settings.events_on(day)
    wanted = range(numbers.start // SHARE, numbers.stop // SHARE)
    return tuple(
        _planted(event, DEFECTS.get(n % SLOTS)) for n in wanted for event in _story(settings, day, n)
    )


def _planted(event: PublishedEvent, planned: tuple[Service, int, str] | None) -> PublishedEvent:
    service, version, defect = planned or ("auxilio", 0, "")
    return replace(event, defect=defect) if (event.service, event.version) == (service, version) else event


def _story(settings: SimulatorSettings, day: int, number: int) -> Iterator[PublishedEvent]:
    """A call for help, and what comes of it."""
    rng = settings.random("call", number)
    call, rescue = f"aux-{number:06d}", f"res-{number:06d}"
    at = midnight(day) + timedelta(seconds=rng.randrange(86_400))
    species, rescuer = rng.choice(SPECIES), f"usr-{rng.randrange(settings.users):06d}"
    yield PublishedEvent(
        "auxilio", call, 1, "llamada_recibida", {"provincia": place(rng)[0], "especie": species}, at
    )
    assigned = _later(rng, at, 5, 30)
    yield PublishedEvent("auxilio", call, 2, "llamada_asignada", {"rescatista_id": rescuer}, assigned)
    outcome = rng.random()
    if outcome < 0.1:  # noqa: PLR2004 - nobody has come yet
        return
    result = "cancelada" if outcome < 0.25 else "rescate"  # noqa: PLR2004
    yield PublishedEvent(
        "auxilio", call, 3, "llamada_cerrada", {"resultado": result}, _later(rng, assigned, 60, 180)
    )
    if result == "rescate":
        yield from _rescue(rng, call, rescue, rescuer, assigned)


def _rescue(
    rng: Random, call: str, rescue: str, rescuer: str, assigned: datetime
) -> Iterator[PublishedEvent]:
    began = _later(rng, assigned, 1, 10)
    yield PublishedEvent(
        "rescate", rescue, 1, "rescate_iniciado", {"llamada_id": call, "rescatista_id": rescuer}, began
    )
    picked = _later(rng, began, 15, 120)
    yield PublishedEvent("rescate", rescue, 2, "animal_recogido", {}, picked)
    sheltered = _later(rng, picked, 30, 240)
    shelter = f"refugio-{rng.randrange(12):02d}"
    yield PublishedEvent("rescate", rescue, 3, "animal_en_refugio", {"refugio": shelter}, sheltered)
    if rng.random() < 0.6:  # noqa: PLR2004
        adopter = f"usr-{rng.randrange(1000):06d}"
        adopted = _later(rng, sheltered, 3 * 1440, 25 * 1440)
        yield PublishedEvent("rescate", rescue, 4, "animal_adoptado", {"adoptante_id": adopter}, adopted)


def _later(rng: Random, moment: datetime, least: int, most: int) -> datetime:
    return moment + timedelta(minutes=rng.randint(least, most))


def _text(event: PublishedEvent) -> str:
    message = {
        "event_id": event.event_id,
        "aggregate_id": event.aggregate_id,
        "event_type": event.event_type,
        "event_data": _data(event),
        "version": event.version,
        "timestamp": "ayer" if event.defect == TIMELESS else iso(event.moment),
    }
    text = json.dumps(message, ensure_ascii=False)
    return text[: len(text) // 3] if event.defect == TORN else text


def _data(event: PublishedEvent) -> Row:
    """In the older version of what is told, or in the newer one, which says where below `ubicacion`."""
    schema_version = int(event.aggregate_id[-1]) % 2 + 1
    data = {"schema_version": schema_version} | event.data
    if schema_version == 1 or "provincia" not in data:
        return data
    return {k: v for k, v in data.items() if k != "provincia"} | {
        "ubicacion": {"provincia": data["provincia"]}
    }
