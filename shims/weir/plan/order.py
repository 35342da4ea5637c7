"""In which order the pipelines of a bundle run: each after those whose tables it reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from weir.model.problems import Problem


@dataclass(frozen=True, slots=True)
class PipelineTables:
    """What is known of a pipeline before it runs.

    Attributes:
        tables: Full names of its own datasets.
        reads: Full names of the tables of others that it reads, as far as they are known.
        sound: They are all known: nothing is wrong with the definitions, nor missing.
    """

    tables: frozenset[str]
    reads: frozenset[str]
    sound: bool


def upstream(name: str, pipelines: Mapping[str, PipelineTables]) -> frozenset[str]:
    """The other pipelines whose tables a pipeline reads."""
    return frozenset(
        o for o, other in pipelines.items() if o != name and other.tables & pipelines[name].reads
    )


def next_to_run(pending: tuple[str, ...], pipelines: Mapping[str, PipelineTables]) -> str | None:
    """The first pipeline that waits for no other; None if each waits for one of them."""
    return next((name for name in pending if not upstream(name, pipelines) & set(pending)), None)


def can_run(name: str, ran: Collection[str], pipelines: Mapping[str, PipelineTables]) -> bool:
    """Is all that a pipeline reads written by pipelines that ran, whatever the others are?"""
    known = pipelines[name]
    return known.sound and known.reads <= frozenset[str]().union(*(pipelines[other].tables for other in ran))


def circle(pending: tuple[str, ...], pipelines: Mapping[str, PipelineTables]) -> Problem:
    """The pipelines that wait for each other, as a problem."""
    path = [pending[0]]
    while path[-1] not in path[:-1]:
        path.append(min(upstream(path[-1], pipelines) & set(pending)))
    members = path[path.index(path[-1]) :]
    shown = " -> ".join(f"`{m}`" for m in members)
    read = frozenset[str]().union(*(pipelines[m].reads for m in members))
    tables = sorted(t for m in members[1:] for t in pipelines[m].tables & read)
    return Problem(
        "PIPELINES_READ_EACH_OTHER",
        f"Pipelines wait for each other: {shown}.",
        hint=f"move one of these tables to another pipeline: {', '.join(tables)}",
    )
