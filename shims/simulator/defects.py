"""What goes wrong on the way: how often, how the message then looks, which rules must catch it.

The rules are named here a second time on purpose: the manifest must not be computed from the rules
that it checks.
"""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from simulator.events import AppEvent
from simulator.settings import SimulatorSettings

BAD_TIMESTAMPS = ("ayer", "2025-02-31T10:00:00Z", "31/01/2025 08:15", "")
FAR_LEAP_YEAR = "2996"


@dataclass(frozen=True)
class Defect:
    """How many of a thousand events have it, and the rules that such a record breaks."""

    per_mille: int
    bronze: tuple[str, ...] = ()
    app_drop: tuple[str, ...] = ()
    app_warn: tuple[str, ...] = ()
    silver_drop: tuple[str, ...] = ()
    silver_warn: tuple[str, ...] = ()
    enriched_warn: tuple[str, ...] = ()
    whole_line: bool = False  # can't stand inside a JSON array


CLEAN = Defect(0)
_UNREADABLE = {
    "app_drop": ("event_readable",),
    "app_warn": ("timestamp_readable",),
    "silver_drop": (
        "json_readable",
        "event_id_present",
        "timestamp_readable",
        "timestamp_plausible",
    ),
    "silver_warn": ("user_id_present", "event_type_known"),
    "whole_line": True,
}
TORN = "torn_json"
DUPLICATE = "duplicate"
DEFECTS: dict[str, Defect] = {
    DUPLICATE: Defect(10),
    TORN: Defect(4, **_UNREADABLE),
    "blank_line": Defect(1, bronze=("raw_data_present",), **_UNREADABLE),
    "missing_event_id": Defect(4, silver_drop=("event_id_present",)),
    "bad_timestamp": Defect(
        4,
        app_warn=("timestamp_readable",),
        silver_drop=("timestamp_readable", "timestamp_plausible"),
    ),
    "future_timestamp": Defect(2, silver_drop=("timestamp_plausible",)),
    "negative_processing_time": Defect(3, silver_drop=("processing_time_not_negative",)),
    "missing_user_id": Defect(4, silver_warn=("user_id_present",), enriched_warn=("user_known",)),
    "unknown_user": Defect(4, enriched_warn=("user_known",)),
    "unknown_event_type": Defect(3, silver_warn=("event_type_known",)),
}


def plan(settings: SimulatorSettings) -> tuple[str | None, ...]:
    """The defect of each of a thousand events: exact rates, and a small run sees them all."""
    planned = [name for name, defect in DEFECTS.items() for _ in range(defect.per_mille)]
    slots: list[str | None] = [*planned, *[None] * (1000 - len(planned))]
    settings.random("defects").shuffle(slots)
    return tuple(slots)


def text(event: AppEvent, defect: str | None, rng: Random) -> str:
    """The message as it arrives."""
    message = json.dumps(_spoiled(event.as_message(), defect, rng), ensure_ascii=False)
    if defect == TORN:
        return message[: rng.randrange(10, len(message) - 2)]
    return "" if defect == "blank_line" else message


def unknown_user(event_id: str) -> str:
    """Somebody who deleted their account, and is in no users file."""
    return f"usr-borrado-{event_id[-3:]}"


def user_id(event: AppEvent, defect: str | None) -> str | None:
    """As it can be read from the message."""
    changed = {"missing_user_id": None, "unknown_user": unknown_user(event.event_id)}
    return changed.get(defect or "", event.user_id)


def _spoiled(message: dict[str, Any], defect: str | None, rng: Random) -> dict[str, Any]:
    if defect in {"missing_event_id", "missing_user_id"}:
        return {key: value for key, value in message.items() if key != defect.removeprefix("missing_")}
    changes: dict[str, dict[str, Any]] = {
        "bad_timestamp": {"timestamp": rng.choice(BAD_TIMESTAMPS)},
        "future_timestamp": {"timestamp": FAR_LEAP_YEAR + message["timestamp"][4:]},
        "unknown_user": {"user_id": unknown_user(message["event_id"])},
        "unknown_event_type": {"event_type": "animal_abducted_by_ovni"},
        "negative_processing_time": {
            "payload": message["payload"] | {"processing_time": -rng.randint(1, 60)}
        },
    }
    return message | changes.get(defect or "", {})
