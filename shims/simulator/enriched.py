"""The events that silver must keep, each with who its user was at its time, as far as that is known."""

from functools import cache

from simulator.arrivals import Fate, Record, records
from simulator.settings import SimulatorSettings
from simulator.users import User
from simulator.versions import user_at


@cache
def enriched(settings: SimulatorSettings, arrival: int) -> tuple[tuple[Record, User | None], ...]:
    """After an arrival: a change that it tells may change what is known of events from before."""
    brought = (record for number in range(1, arrival + 1) for record in records(settings, number))
    return tuple((record, _user(settings, arrival, record)) for record in brought if _is_kept(record))


def _is_kept(record: Record) -> bool:
    return record.fate is Fate.KEPT and not record.flaw.silver_drop


def _user(settings: SimulatorSettings, arrival: int, record: Record) -> User | None:
    if record.flaw.enriched_warn:
        return None
    return user_at(settings, arrival, record.event.user_id, record.event.moment)
