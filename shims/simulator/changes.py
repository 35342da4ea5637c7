"""What an arrival's file of users tells: changes of then and of before, in no order, some of them twice."""

import json
from functools import cache

from simulator.lives import Change, lives
from simulator.settings import SimulatorSettings, iso

AGAIN = 20  # one of so many is told twice
FROM_BEFORE = 5  # changes that the file before told already


@cache
def new_changes(settings: SimulatorSettings, arrival: int) -> tuple[Change, ...]:
    """The changes that an arrival is the first to tell."""
    changes = lives(settings, settings.days_of(arrival)[-1])
    return tuple(change for change in changes if settings.arrival_of(change.told) == arrival)


@cache
def sent(settings: SimulatorSettings, arrival: int) -> tuple[Change, ...]:
    """All the changes of the file, in its order."""
    before = new_changes(settings, arrival - 1)[-FROM_BEFORE:] if arrival > 1 else ()
    changes = [*new_changes(settings, arrival), *new_changes(settings, arrival)[::AGAIN], *before]
    settings.random("shuffled", arrival).shuffle(changes)
    return tuple(changes)


def lines(settings: SimulatorSettings, arrival: int) -> list[str]:
    """The file: the changes, and one that broke off before it said when."""
    texts = [json.dumps(as_row(change), ensure_ascii=False) for change in sent(settings, arrival)]
    return [*texts, texts[0].partition(', "user_type"')[0]]


def as_row(change: Change) -> dict[str, str]:
    """A change as it is sent; a deletion says what the user was."""
    return vars(change.user) | {"operation": change.operation, "updated_at": iso(change.moment)}
