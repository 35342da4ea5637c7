"""What a change of definitions does to the rows of tables: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deploy.values import Change, Json, Step, Verb

RESET = {"partition_by": "its partition columns", "keys": "its keys", "scd_type": "its SCD type"}
VIEW = "materialized_view"


def foretold(new: Mapping[str, Json], old: Mapping[str, Json]) -> Iterator[Step]:
    """A step without a call for each table of which an update will do more than before.

    Args:
        new: The tables as the sources define them.
        old: As they defined them at the last deployment; empty where there was none.
    """
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield _inactive(name, old[name])
        elif name in old and (step := _changed(name, new[name], old[name])):
            yield step


def _inactive(name: str, old: Json) -> Step:
    why = "no source defines it any more: it stays as it is and is refreshed no more"
    loses = "all its rows: pipelines.dropInactiveTables is true" if old["dropped_with_definition"] else ""
    return Step(Verb.DELETE, "tables", name, name, why, None, (), loses)


def _changed(name: str, new: Json, old: Json) -> Step | None:
    """What the change needs, and which rows it costs; a view is computed anew in any case."""
    changes = tuple(Change(f, old[f], new[f], "the sources changed") for f in new if new[f] != old.get(f))
    fields = {change.path for change in changes}
    known = {new["kind"], old["kind"]} - {"table"}
    if len(known) > 1:
        loses = "all its rows: a table gets another kind only by being dropped"
    elif what := [text for field, text in RESET.items() if field in fields and VIEW not in known]:
        changed = " and ".join(what)
        loses = f"the rows that its sources no longer hold: {changed} changed, which needs a full refresh"
    elif VIEW not in known and (gone := _renamed(new, old)):
        loses = f"that each row is there once: {gone} is gone, and a new flow reads again what it had read"
    else:
        return None
    return Step(Verb.UPDATE, "tables", name, name, "its definition changed", None, changes, loses)


def _renamed(new: Json, old: Json) -> str:
    """The flows that are gone where others are new."""
    gone = sorted(set(old["flows"]) - set(new["flows"]))
    return ", ".join(f"the flow {flow}" for flow in gone) if set(new["flows"]) - set(old["flows"]) else ""
