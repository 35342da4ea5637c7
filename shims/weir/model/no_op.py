"""An update that would move nothing: what the world is like as long as that holds, and what it would tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from weir.model.events import Event
from weir.model.results import DatasetResult


@dataclass(frozen=True, slots=True)
class Looks:
    """What everything looks like that decides what an update does: a short text for each thing.

    Attributes:
        request: The settings, the environment, the program itself.
        sources: Source file -> what is in it.
        folders: Folder that modules are imported from -> what can be imported there.
        places: Folder or file of data, also of tables -> its files, or its last commit.
        checkpoints: Checkpoint -> how far it has come.
        kinds: Path that code asks for while it defines -> whether a file, a folder or nothing is there.
    """

    request: Mapping[str, str]
    sources: Mapping[str, str]
    folders: Mapping[str, str]
    places: Mapping[str, str]
    checkpoints: Mapping[str, str]
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class NothingNew:
    """What an update with nothing new tells, in this order.

    Attributes:
        runtime: Spark's version.
        sentences: For people, while the sources are read.
        definitions: Events of what the sources define.
        flows: Events of the flows.
        datasets: How its datasets end.
        reads: Full names of the tables of others that it reads.
    """

    runtime: str
    sentences: tuple[str, ...]
    definitions: tuple[Event, ...]
    flows: tuple[Event, ...]
    datasets: tuple[DatasetResult, ...]
    reads: tuple[str, ...]


def difference(before: Looks, now: Looks) -> str | None:
    """The first thing that looks otherwise than before; None if all is as it was.

    >>> one = Looks({"settings": "a"}, {"p.py": "x"}, {}, {}, {})
    >>> difference(one, Looks({"settings": "a"}, {"p.py": "y"}, {}, {}, {}))
    'p.py'
    """
    for part in Looks.__slots__:
        then, there = getattr(before, part), getattr(now, part)
        for name in then.keys() | there.keys():
            if then.get(name) != there.get(name):
                return name
    return None
