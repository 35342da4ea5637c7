"""Versions of snapshots (specification §3.8): what may be one, and as text that gives the very same back."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Version = int | str | float | bytes | dt.datetime | dt.date | Decimal
LONG = 2**63  # Spark keeps whole numbers in 64 bits
DECIMAL_DIGITS, DECIMAL_PLACES = 38, 18


def kind_of(value: Any) -> str | None:
    """What a version is, in words; None if it can be none: it has no order, or Spark can't hold it."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return "whole number" if -LONG <= value < LONG else None
    if isinstance(value, float):
        return None if math.isnan(value) else "number"
    if isinstance(value, Decimal):
        return "decimal" if _fits(value) else None
    if isinstance(value, dt.datetime):
        return "time" if value.tzinfo is None else "time with a zone"
    others = {str: "text", bytes: "bytes", dt.date: "date"}
    return next((kind for known, kind in others.items() if isinstance(value, known)), None)


def to_text(version: Version) -> str:
    """A version as text.

    >>> to_text(dt.date(2024, 1, 2))
    '{"date": "2024-01-02"}'
    """
    match version:
        case dt.datetime():
            zone = getattr(version.tzinfo, "key", None) or getattr(version.tzinfo, "zone", None)
            return json.dumps({"time": version.isoformat(), **({"zone": zone} if zone else {})})
        case dt.date():
            return json.dumps({"date": version.isoformat()})
        case bytes():
            return json.dumps({"bytes": version.hex()})
        case float():
            return json.dumps({"number": repr(version)})
        case Decimal() | int():
            return json.dumps({"decimal" if isinstance(version, Decimal) else "whole": str(version)})
        case str():
            return json.dumps({"text": version})


def from_text(text: str) -> Version:
    """The inverse: a version of the same type, a time in the same zone."""
    parts: Mapping[str, str] = json.loads(text)
    if "time" in parts:
        return _in_zone(dt.datetime.fromisoformat(parts["time"]), parts.get("zone"))
    (kind, value) = next(iter(parts.items()))
    return _READ[kind](value)


_READ: Mapping[str, Callable[[str], Version]] = {
    "date": dt.date.fromisoformat, "bytes": bytes.fromhex, "number": float, "decimal": Decimal, "whole": int,
    "text": str,
}  # fmt: skip


def _in_zone(time: dt.datetime, zone: str | None) -> dt.datetime:
    try:
        return time.astimezone(ZoneInfo(zone)) if zone else time
    except ZoneInfoNotFoundError:  # not on this machine: the same instant
        return time


def _fits(value: Decimal) -> bool:
    """Does a decimal fit into the column that keeps versions, with all its places?"""
    if not value.is_finite():
        return False
    exponent = value.normalize().as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    return places <= DECIMAL_PLACES and abs(value) < Decimal(10) ** (DECIMAL_DIGITS - DECIMAL_PLACES)
