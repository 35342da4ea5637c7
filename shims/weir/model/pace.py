"""How often flows run, and how often what failed is tried again: entries of §5.3."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from weir.model.origin import Origin
from weir.model.problems import Problem

TRIGGER_INTERVAL = "pipelines.trigger.interval"
FLOW_RETRIES = "pipelines.maxFlowRetryAttempts"
UPDATE_RETRIES = "pipelines.numUpdateRetryAttempts"
STREAMING, OVER_DELTA, OTHERWISE = 5, 60, 600  # seconds

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_INTERVAL = re.compile(r"\s*(\d+)\s+(second|minute|hour|day)s?\s*", re.IGNORECASE)
_LONGEST_PAUSE = 60.0


def seconds(interval: str) -> int | None:
    """The seconds in a text such as `10 seconds`; None if it names no interval.

    >>> seconds("1 hour")
    3600
    """
    match = _INTERVAL.fullmatch(interval)
    return int(match[1]) * _UNITS[match[2].lower()] if match else None


def interval_of(*levels: Mapping[str, str], default: int) -> int:
    """The trigger interval in seconds.

    Args:
        levels: Entries that were checked; the first that has one wins.
        default: Where none has.
    """
    given = next((level[TRIGGER_INTERVAL] for level in levels if TRIGGER_INTERVAL in level), None)
    return default if given is None else seconds(given) or default


def flow_attempts(configuration: Mapping[str, str], *, development: bool) -> int:
    """How often a flow is tried in all."""
    return 1 if development else int(configuration.get(FLOW_RETRIES, 2)) + 1


def update_retries(configuration: Mapping[str, str], *, development: bool, continuous: bool) -> int | None:
    """How often a failed update is followed by another; None for as long as it fails."""
    if development:
        return 0
    given = configuration.get(UPDATE_RETRIES)
    return int(given) if given is not None else None if continuous else 5


def pause_before(retry: int) -> float:
    """Seconds before the first, second, ... retry of an update: twice as long each time, a minute at most.

    >>> [pause_before(retry) for retry in (1, 2, 3, 9)]
    [1.0, 2.0, 4.0, 60.0]
    """
    return min(2.0 ** (retry - 1), _LONGEST_PAUSE)


def problems(configuration: Mapping[str, str], origin: Origin | None = None) -> Iterator[Problem]:
    """Entries with values that mean nothing.

    Args:
        configuration: The pipeline's, a flow's, or the properties of a table.
        origin: Where they stand.
    """
    if (value := configuration.get(TRIGGER_INTERVAL)) is not None and seconds(value) is None:
        yield _wrong(
            TRIGGER_INTERVAL, value, origin, "write a number and a unit: 10 seconds, 1 minute, 2 hours"
        )
    for key in (FLOW_RETRIES, UPDATE_RETRIES):
        value = configuration.get(key)
        if value is not None and not value.strip().isdigit():
            yield _wrong(key, value, origin, "write a whole number, 0 for never")


def _wrong(key: str, value: str, origin: Origin | None, hint: str) -> Problem:
    return Problem("INVALID_PIPELINE_SETTING", f"{key} = {value!r} is not a valid value.", origin, hint)
