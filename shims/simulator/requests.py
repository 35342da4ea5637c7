"""What the modules rescate and adopcion are sent: requests, one of a hundred with each defect.

A request for an adoption names the request for the rescue that the animal came with. From the second
arrival on, the last request of the day before is sent once more.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from simulator.events import SPECIES, STATES
from simulator.places import CANTONS
from simulator.settings import SimulatorSettings, iso, midnight
from simulator.users import place

Module = Literal["rescate", "adopcion"]
PERSON: dict[Module, str] = {"rescate": "auxiliar_id", "adopcion": "adoptante_id"}
SHARE: dict[Module, int] = {"rescate": 20, "adopcion": 40}  # one request for so many events
URGENCIES = ("alta", "media", "baja")
UNKNOWN_SPECIES = "dragón"
JITTER = 0.004  # degrees: less than half the way to the next canton
LAST_DAYS = 20  # an animal is adopted so many days after its rescue at most
DUPLICATE, TORN = "duplicate", "torn_json"
ANIMAL = ("especie_known",)
PLACE = ("provincia_present", "canton_present")

# Module -> what it promises of each row, and what each defect breaks of that and of the warnings.
PROMISES: dict[Module, tuple[str, ...]] = {
    "rescate": (
        "solicitud_id_present", "urgencia_present", "urgencia_known", "latitud_present",
        "longitud_present", *PLACE, "timestamp_present", "ingestion_timestamp_present",
        "inside_costa_rica", "timestamp_plausible",
    ),
    "adopcion": (
        "solicitud_id_present", "rescate_id_present", *PLACE, "timestamp_present",
        "ingestion_timestamp_present", "timestamp_plausible",
    ),
}  # fmt: skip
WARNINGS: dict[Module, tuple[str, ...]] = {m: (f"{PERSON[m]}_present", "especie_known") for m in PERSON}
DEFECTS: dict[Module, dict[str, tuple[str, ...]]] = {
    "rescate": {
        DUPLICATE: (),
        TORN: tuple({*PROMISES["rescate"], *WARNINGS["rescate"]} - {"ingestion_timestamp_present"}),
        "missing_id": ("solicitud_id_present",),
        "gps_unreadable": ("latitud_present", "longitud_present", *PLACE, "inside_costa_rica"),
        "gps_abroad": ("inside_costa_rica",),
        "animal_unreadable": ("urgencia_present", "urgencia_known", "especie_known"),
        "urgency_unknown": ("urgencia_known",),
        "bad_timestamp": ("timestamp_present", "timestamp_plausible"),
        "future_timestamp": ("timestamp_plausible",),
        "unknown_species": ("especie_known",),
        "missing_person": ("auxiliar_id_present",),
    },
    "adopcion": {
        DUPLICATE: (),
        TORN: tuple({*PROMISES["adopcion"], *WARNINGS["adopcion"]} - {"ingestion_timestamp_present"}),
        "missing_id": ("solicitud_id_present",),
        "gps_unreadable": PLACE,
        "animal_unreadable": ("rescate_id_present", "especie_known"),
        "bad_timestamp": ("timestamp_present", "timestamp_plausible"),
        "future_timestamp": ("timestamp_plausible",),
        "unknown_species": ("especie_known",),
        "missing_person": ("adoptante_id_present",),
    },
}


@dataclass(frozen=True)
class PlantedRequest:
    """A request as it was meant, how it is sent, and what was planted."""

    module: Module
    request_id: str
    person: str
    species: str
    state: str
    urgency: str
    province: str
    moment: datetime
    rescue: "PlantedRequest | None"
    text: str = ""
    defect: str | None = None
    again: bool = False

    @property
    def broken(self) -> tuple[str, ...]:
        """The rules that it breaks."""
        return DEFECTS[self.module][self.defect] if self.defect else ()

    @property
    def refused(self) -> bool:
        """Does silver not accept it?"""
        return bool(set(self.broken) & set(PROMISES[self.module]))

    @property
    def told_species(self) -> str:
        """As silver has it."""
        return UNKNOWN_SPECIES if self.defect == "unknown_species" else self.species


@cache
def sent(settings: SimulatorSettings, module: Module, arrival: int) -> tuple[PlantedRequest, ...]:
    """All that an arrival brings to a module, in the order of its file."""
    days = settings.days_of(arrival)
    before = [r for r in of_day(settings, module, days[0] - 1) if not r.broken][-1:] if arrival > 1 else []
    again = [replace(r, again=True) for r in before]
    for day in days:
        requests = of_day(settings, module, day)
        again += [replace(r, again=True) for r in requests if r.defect == DUPLICATE]
    return (*(r for day in days for r in of_day(settings, module, day)), *again)


@cache
def of_day(settings: SimulatorSettings, module: Module, day: int) -> tuple[PlantedRequest, ...]:
    """The requests of a day, each once."""
    rng = settings.random(module, day)
    share, numbers = SHARE[module], settings.events_on(day)
    wanted = range(numbers.start // share, numbers.stop // share)
    planned: list[str | None] = [*DEFECTS[module], *[None] * (100 - len(DEFECTS[module]))]
    settings.random("requests", module).shuffle(planned)
    requests = []
    for number in wanted:
        rescue = _rescue(settings, day, rng) if module == "adopcion" else None
        if module == "adopcion" and rescue is None:
            continue
        province, canton = place(rng)
        latitude, longitude = (c + rng.uniform(-JITTER, JITTER) for c in CANTONS[province][canton])
        request = PlantedRequest(
            module,
            f"sol-{module[0]}-{number:06d}",
            f"usr-{rng.randrange(settings.users):06d}",
            rescue.species if rescue else rng.choice(SPECIES),
            rng.choice(STATES),
            rng.choice(URGENCIES),
            province,
            midnight(day) + timedelta(seconds=rng.randrange(86_400)),
            rescue,
            defect=planned[number % 100],
        )
        text = _text(request, f"{latitude:.5f},{longitude:.5f}", number % 2 + 1)
        requests.append(replace(request, text=text))
    return tuple(requests)


def lines(settings: SimulatorSettings, module: Module, arrival: int) -> list[str]:
    """The file of an arrival."""
    return [request.text for request in sent(settings, module, arrival)]


def kept(settings: SimulatorSettings, module: Module, arrival: int) -> Iterator[PlantedRequest]:
    """What silver must hold after an arrival, each once."""
    for number in range(1, arrival + 1):
        yield from (r for r in sent(settings, module, number) if not r.refused and not r.again)


def _rescue(settings: SimulatorSettings, day: int, rng: Any) -> PlantedRequest | None:
    """One of the days before; none on the first."""
    if day == 1:
        return None
    rescues = of_day(settings, "rescate", rng.randrange(max(1, day - LAST_DAYS), day))
    return rng.choice(rescues) if rescues else None


def _text(request: PlantedRequest, gps: str, schema_version: int) -> str:
    """The message as it arrives, in the older or the newer version of what is told of the animal."""
    fields: dict[str, Any] = {"especie": request.told_species, "estado": request.state}
    animal = {"schema_version": schema_version} | (fields if schema_version == 1 else {"animal": fields})
    animal |= {"rescate_id": request.rescue.request_id} if request.rescue else {"urgencia": request.urgency}
    message = {
        "solicitud_id": request.request_id,
        PERSON[request.module]: request.person,
        "animal_data": animal,
        "ubicacion_gps": gps,
        "timestamp": iso(request.moment),
    }
    changes: dict[str, dict[str, Any]] = {
        "missing_id": {"solicitud_id": None},
        "missing_person": {PERSON[request.module]: None},
        "gps_unreadable": {"ubicacion_gps": "sin señal"},
        "gps_abroad": {"ubicacion_gps": "40.41680,-3.70380"},
        "animal_unreadable": {"animal_data": "un animal herido"},
        "urgency_unknown": {"animal_data": animal | {"urgencia": "altísima"}},
        "bad_timestamp": {"timestamp": "ayer"},
        "future_timestamp": {"timestamp": f"2996{iso(request.moment)[4:]}"},
    }
    text = json.dumps(message | changes.get(request.defect or "", {}), ensure_ascii=False)
    return text[: len(text) // 2] if request.defect == TORN else text
