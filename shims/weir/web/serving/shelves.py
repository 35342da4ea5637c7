"""Addresses of pages across pipelines: tables, lineage, contracts, settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from weir.history.lineage import Direction, Side, edges, table_and_column
from weir.history.tables import tables_of
from weir.model.problems import WeirError
from weir.model.secrets import redacted
from weir.web.pages import shelf
from weir.web.pages.jobs import parsed
from weir.web.pages.jobs import state as job_state
from weir.web.pages.view import View, whole
from weir.web.reading.world import World
from weir.web.serving.page import Page

WAYS: tuple[Direction, ...] = ("from", "into")


def _tables(world: World, view: View) -> Page:
    """The page, and as its twin the answer of `weir list --json`."""
    listed, pipelines = list(tables_of(world.project.storage)), list(world.project.keys.values())
    told = {"pipelines": pipelines, "tables": [asdict(table) for table in listed]}
    return Page(lambda: shelf.tables(view, listed), lambda: told)


def _lineage(world: World, view: View) -> Page:
    """The page shows neighbours first; its twin is whole, as the verb's answer, where no depth is given."""
    asked, steps, wrong = view.query.get("name", ""), whole(view.query.get("depth", "")), None
    name, sides = asked, dict[Direction, Side]()
    try:
        name, sides = _sides(world, asked) if asked else (asked, sides)
    except WeirError as error:
        wrong = error.problems[0].message
    shown = None if view.query.get("depth") == "all" else max(steps or 1, 1)

    def reached(steps: int | None) -> dict[str, list[dict[str, Any]]]:
        return {way: side.reached(name, steps) for way, side in sides.items()}

    return Page(
        lambda: shelf.lineage(view, name, reached(shown), shown, wrong),
        lambda: {"name": name, **reached(steps and max(steps, 1))},
    )


def _sides(world: World, asked: str) -> tuple[str, dict[Direction, Side]]:
    """The full name of a table or column, and the edges on both sides of each name."""
    table, column = table_and_column(asked, world.project.storage)
    recorded = edges(world.project.storage, columns=column is not None)
    return (f"{table}.{column}" if column else table), {way: Side(recorded, way) for way in WAYS}


def _contracts(world: World, view: View) -> Page:
    job = next((j for j in world.jobs.all() if j.verb == "contracts"), None)
    answer = parsed(world.jobs.output(job, "out")) if job else None
    state = job_state(view, job) if job else None
    runs = job is not None and job.runs
    return Page(
        lambda: shelf.contracts(view, answer, runs=runs, state=state), lambda: answer or {"contracts": []}
    )


def _settings(world: World, view: View) -> Page:
    project = world.project
    facts = [
        ("storage", str(project.storage.root)),
        ("folder", str(project.folder)),
        ("target", project.target or "-"),
        *((f"pipeline {key}", name) for name, key in project.keys.items()),
    ]
    last = {n: p.last for n in world.names() if (p := world.pipeline(n)) and p.last}
    hidden = {n: redacted(u.configuration) for n, u in last.items()}
    return Page(
        lambda: shelf.settings(view, facts, hidden), lambda: {"settings": dict(facts), "pipelines": hidden}
    )


SHELF: Mapping[str, Callable[[World, View], Page]] = {
    "tables": _tables,
    "lineage": _lineage,
    "contracts": _contracts,
    "settings": _settings,
}
