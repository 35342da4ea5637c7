"""From an address to a page: what stands in it is only ever compared with what was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from weir.web.html import Child
from weir.web.pages.compare import changes, compare
from weir.web.pages.events import events
from weir.web.pages.graph import graph
from weir.web.pages.history import grid, quality
from weir.web.pages.home import home
from weir.web.pages.listing import listing
from weir.web.pages.times import critical_path, times
from weir.web.pages.update import UpdatePage, never_run, update_page
from weir.web.pages.view import View
from weir.web.panels import panel_of
from weir.web.plainly import compare_json, pipeline_json, update_json
from weir.web.state import UpdateState
from weir.web.world import World

COLUMNS = 30  # updates in the grid and in sparklines


@dataclass(frozen=True, slots=True)
class Page:
    """What an address gives.

    Attributes:
        html: As a person sees it.
        json: As a program does; only one of both is made.
    """

    html: Callable[[], str]
    json: Callable[[], Mapping[str, Any]]
    status: HTTPStatus = HTTPStatus.OK


class MissingError(Exception):
    """Nothing has this address."""


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
        case () | ("index",):
            return _home(world, view)
        case ("p", name):
            return _update(world, view, name, None)
        case ("p", name, "u", update):
            return _update(world, view, name, update)
        case ("p", name, "d", dataset):
            query = {**view.query, "d": dataset}
            return _update(world, View(**{**_fields(view), "query": query}), name, None)
        case ("p", name, "compare", both) if ".." in both:
            return _compare(world, view, name, *both.split("..", 1))
    raise MissingError


def _fields(view: View) -> dict[str, Any]:
    return {name: getattr(view, name) for name in View.__slots__}


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
    chosen, wrong = selected(update, view.query.get("q", ""))
    page = UpdatePage(
        name, update, pipeline.updates, wanted is not None, None if chosen is None else len(chosen), wrong,
        pipeline.holder, pipeline.trouble,
    )  # fmt: skip
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
            only = view.query.get("only") == "1"
            return graph(view, update, drawn if only else list(update.datasets), None if only else chosen)
    raise MissingError


def selected(update: UpdateState, text: str) -> tuple[frozenset[str] | None, str | None]:
    """The datasets that a selector means, None for all; and what is wrong with it."""
    if not text.strip():
        return None, None
    words = text.lower().split()
    return frozenset(n for n in update.datasets if all(w in n.lower() for w in words)), None


def _compare(world: World, view: View, name: str, first: str, second: str) -> Page:
    before, after = world.update(name, first), world.update(name, second)
    if before is None or after is None:
        raise MissingError
    return Page(lambda: compare(view, name, before, after), lambda: compare_json(changes(before, after)))
