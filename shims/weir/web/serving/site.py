"""From an address to a page: what stands in it is only ever compared with what was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from urllib.parse import unquote

from weir.model.problems import WeirError
from weir.web.drawing.boxes import MANY
from weir.web.finding.select import Searched, selected
from weir.web.finding.ways import way_of
from weir.web.pages.compare import changes, compare
from weir.web.pages.events import events
from weir.web.pages.graph import graph
from weir.web.pages.history import grid, quality
from weir.web.pages.home import home
from weir.web.pages.jobs import job_page, jobs_page, parsed
from weir.web.pages.listing import listing
from weir.web.pages.times import critical_path, times
from weir.web.pages.update import UpdatePage, never_run, update_page
from weir.web.pages.view import View
from weir.web.reading.details import recorded_edges
from weir.web.reading.world import World
from weir.web.serving.page import MissingError, Page
from weir.web.serving.panels import panel_of
from weir.web.serving.plainly import compare_json, pipeline_json, update_json
from weir.web.serving.shelves import SHELF
from weir.web.states.state import UpdateState
from weir.web.texts.html import Child

COLUMNS = 30  # updates in the grid and in sparklines


def segments(raw_path: str) -> tuple[tuple[str, ...], bool]:
    """The parts of an address, and whether its twin for programs is meant.

    >>> segments("/p/a%2Fb/u/5f0c8a1e.json")
    (('p', 'a/b', 'u', '5f0c8a1e'), True)
    """
    plain = raw_path.removesuffix(".json")
    return tuple(unquote(part) for part in plain.split("/") if part), plain != raw_path


def page_of(world: World, view: View, parts: Sequence[str]) -> Page:
    """The page of an address.

    Raises:
        MissingError: There is none.
    """
    match tuple(parts):
        case ("jobs",):
            jobs = world.jobs.all()
            return Page(lambda: jobs_page(view, jobs), lambda: {"jobs": [asdict(j) for j in jobs]})
        case ("jobs", job) | ("p", _, "plan" | "validate" | "why", job):
            return _job(world, view, job)
        case ("lineage", name):
            return SHELF["lineage"](world, replace(view, query={**view.query, "name": name}))
        case ("tables" | "lineage" | "contracts" | "settings" as place,):
            return SHELF[place](world, view)
        case ("p", name, *rest):
            return _of_pipeline(world, view, name, tuple(rest))
        case () | ("index",):
            return _home(world, view)
    raise MissingError


def _of_pipeline(world: World, view: View, name: str, rest: tuple[str, ...]) -> Page:
    match rest:
        case ():
            return _update(world, view, name, None)
        case ("u", update):
            return _update(world, view, name, update)
        case ("d", dataset):
            return _update(world, replace(view, query={**view.query, "d": dataset}), name, None)
        case ("compare", both) if ".." in both:
            return _compare(world, view, name, *both.split("..", 1))
    raise MissingError


def _home(world: World, view: View) -> Page:
    pipelines = [p for name in world.names() if (p := world.pipeline(name))]
    storage = str(world.project.storage.root)
    return Page(
        lambda: home(view, pipelines, storage), lambda: {"pipelines": [pipeline_json(p) for p in pipelines]}
    )


def _update(world: World, view: View, name: str, wanted: str | None) -> Page:
    pipeline = world.pipeline(name)
    if pipeline is None:
        raise MissingError
    update = world.update(name, wanted) if wanted else pipeline.last
    if update is None:
        if wanted:
            raise MissingError
        return Page(lambda: never_run(view, name, pipeline.trouble), lambda: pipeline_json(pipeline))
    chosen, wrong = chosen_of(world, update, view.query.get("q", ""))
    page = UpdatePage(
        name,
        update,
        pipeline.updates,
        wanted is not None,
        None if chosen is None else len(chosen & update.datasets.keys()),
        wrong,
        pipeline.holder,
        pipeline.trouble,
    )
    return Page(
        lambda: update_page(
            view, page, content_of(world, view, update, chosen), panel_of(world, view, update)
        ),
        lambda: update_json(update, chosen),
    )


def content_of(world: World, view: View, update: UpdateState, chosen: frozenset[str] | None) -> Child:
    """The chosen view."""
    drawn = [n for n in update.datasets if chosen is None or n in chosen]
    match view.query.get("view", "graph"):
        case "list":
            return listing(view, update, drawn, critical_path(update))
        case "time":
            return times(view, update, critical_path(update))
        case "events":
            return events(view, update)
        case "grid":
            return grid(view, world.last(update.pipeline, COLUMNS), drawn)
        case "quality":
            return quality(view, world.last(update.pipeline, COLUMNS), drawn)
        case "graph":
            return _graph(world, view, update, drawn, chosen)
    raise MissingError


def _graph(
    world: World, view: View, update: UpdateState, drawn: list[str], chosen: frozenset[str] | None
) -> Child:
    """What a selector means is lit, or drawn alone; else the way of a column."""
    column, names = view.query.get("way"), list(update.datasets)
    if chosen is not None and view.query.get("only") == "1":
        return graph(view, update, drawn, None)
    if not column or chosen is not None:
        return graph(view, update, names, chosen)
    way = way_of(update, recorded_edges(world.project.storage), column)
    lit = frozenset(n for edge in way for n in edge)
    shown = [n for n in names if n in lit] if len(names) > MANY and lit else names
    return graph(view, update, shown, lit or None, way=way)


def chosen_of(world: World, update: UpdateState, text: str) -> tuple[frozenset[str] | None, str | None]:
    """The datasets that a selector means, None for all; and what is wrong with it."""
    if not text.strip():
        return None, None
    changed = _changed(world, update) if "changed:" in text else frozenset[str]()
    try:
        return selected(Searched(update, update.seen_at or datetime.now(UTC), changed), text), None
    except WeirError as error:
        return frozenset(), error.problems[0].message


def _changed(world: World, update: UpdateState) -> frozenset[str]:
    """What is defined otherwise than in the update before."""
    before = world.before(update)
    if before is None:
        return frozenset()
    return frozenset(
        n
        for n, d in update.datasets.items()
        if n not in before.datasets or before.datasets[n].definition != d.definition
    )


def _job(world: World, view: View, wanted: str) -> Page:
    job = world.jobs.job(wanted)
    if job is None:
        raise MissingError
    output, log = world.jobs.output(job, "out"), world.jobs.output(job)
    pipeline = world.pipeline(job.pipeline)
    update = pipeline.last if pipeline else None
    return Page(
        lambda: job_page(view, job, output, log, update),
        lambda: parsed(output) or {**asdict(job), "output": output, "log": log},
    )


def _compare(world: World, view: View, name: str, first: str, second: str) -> Page:
    before, after = world.update(name, first), world.update(name, second)
    if before is None or after is None:
        raise MissingError
    return Page(lambda: compare(view, name, before, after), lambda: compare_json(changes(before, after)))
