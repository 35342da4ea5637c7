"""The view `graph`: boxes at their places, edges between them, groups of a schema or folder as one box."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from weir.model.names import BadNameError, last_part, split
from weir.model.names import join as join_name
from weir.web.html import Child, Markup, tag
from weir.web.pages.frame import MARKS, nothing
from weir.web.pages.view import View
from weir.web.places import HEIGHT, WIDTH, Drawing, drawing
from weir.web.state import DatasetState, UpdateState
from weir.web.status import Status

ICONS = {
    "streaming_table": "≋",
    "materialized_view": "▦",
    "view": "◌",
    "sink": "⇥",
    "table": "▢",
    "outside": "○",
}
MANY = 150  # datasets that are drawn one by one
GROUPINGS = ("none", "schema", "folder")
WORST = (
    Status.FAILED,
    Status.LOST,
    Status.RUNNING,
    Status.STARTING,
    Status.SKIPPED,
    Status.QUEUED,
    Status.IDLE,
    Status.STOPPED,
    Status.COMPLETED,
    Status.NO_OP,
    Status.EXCLUDED,
    Status.DEFINED,
)
NAME, SMALL = 24, 32  # characters that fit


def grouping(view: View, update: UpdateState) -> str:
    """By what the datasets are put together: what the address says, else by schema where there are many."""
    chosen = view.query.get("by", "")
    if chosen in GROUPINGS:
        return chosen
    return "schema" if len(update.datasets) > MANY and not view.query.get("only") else "none"


def graph(view: View, update: UpdateState, names: Sequence[str], hits: frozenset[str] | None) -> Markup:
    """The view.

    Args:
        view: How it is looked at.
        update: Whose datasets.
        names: Those to draw.
        hits: What the selector means, the others are dimmed; None without one.
    """
    if not update.datasets:
        return nothing(view.say("graph.waits"))
    if not names:
        return nothing(view.say("graph.empty"))
    by = grouping(view, update)
    shown = [update.datasets[n] for n in names]
    if by == "none":
        edges = tuple((a, d.name) for d in shown for a in d.inputs)
        outside = dict.fromkeys(a for a, _ in edges if a not in update.datasets)
        known = {*names, *outside}
        picture = drawing((*outside, *names), tuple(e for e in edges if e[0] in known))
        boxes = [_outside(view, n, picture) for n in outside]
        boxes += [_node(view, update, d, picture, hits) for d in shown]
        colours = {d.name: str(d.status) for d in shown}
    else:
        groups = _groups(shown, by)
        of = {d.name: g for g, all_of in groups.items() for d in all_of}
        edges = tuple(
            dict.fromkeys(
                (of[a], of[d.name]) for d in shown for a in d.inputs if a in of and of[a] != of[d.name]
            )
        )
        picture = drawing(tuple(groups), edges)
        boxes = [_group(view, g, all_of, picture, by, hits) for g, all_of in groups.items()]
        colours = {g: str(_worst(all_of)) for g, all_of in groups.items()}
    return _whole(view, picture, boxes, colours, by)


def node_of(view: View, update: UpdateState, dataset: DatasetState) -> Markup:
    """A box without its place, which a browser gives it."""
    return _node(view, update, dataset, None, None)


def _whole(view: View, picture: Drawing, boxes: Child, colours: Mapping[str, str], by: str) -> Markup:
    size = f"0 0 {picture.width} {picture.height}"
    lines = (tag("path", {"d": e.path, "data-from": e.source, "data-to": e.target}) for e in picture.edges)
    svg = tag(
        "svg",
        {"viewBox": size, "role": "group", "aria-label": view.say("graph.label")},
        tag("g", {"class": "edges", "aria-hidden": "true"}, lines),
        boxes,
    )
    canvas = {"class": "canvas", "tabindex": 0, "role": "region", "aria-label": view.say("view.graph")}
    return tag(
        "div",
        {"class": "drawing"},
        _tools(view, by),
        tag("div", canvas, svg),
        _minimap(picture, size, colours),
    )


def _minimap(picture: Drawing, size: str, colours: Mapping[str, str]) -> Markup:
    """The whole in small, with what is seen of it."""
    boxes = (
        tag(
            "rect",
            {"x": x, "y": y, "width": WIDTH, "height": HEIGHT, "class": f"s-{colours.get(n, 'DEFINED')}"},
        )
        for n, (x, y) in picture.nodes.items()
    )
    form = {"class": "minimap", "viewBox": size, "aria-hidden": "true"}
    return tag("svg", form, boxes, tag("rect", {"class": "seen"}))


def _tools(view: View, by: str) -> Markup:
    """What the marks mean, and the choice of groups."""
    links = [
        tag(
            "a",
            {"href": view.link(by=g), "data-soft": True, "aria-current": "page" if g == by else None},
            view.say(f"graph.by_{g}"),
        )
        for g in GROUPINGS
    ]
    kinds = ("streaming_table", "materialized_view", "view", "sink")
    marks = (tag("span", None, f"{ICONS[k]} {view.say(f'kind.{k}')}") for k in kinds)
    label = tag("span", {"class": "dim by"}, view.say("graph.by"))
    tabs = tag("nav", {"class": "tabs", "aria-label": view.say("graph.by")}, links)
    return tag("div", {"class": "tools"}, tag("p", {"class": "legend"}, marks), label, tabs)


def _node(
    view: View,
    update: UpdateState,
    dataset: DatasetState,
    picture: Drawing | None,
    hits: frozenset[str] | None,
) -> Markup:
    name, status = dataset.name, dataset.status
    mark, taken = MARKS.get(status, "•"), dataset.seconds(update.seen_at or view.now)
    if dataset.kind == "view":
        below = view.say("kind.view")
    elif dataset.written is not None and status.over and status is not Status.SKIPPED:
        below = f"{mark} {view.say('graph.rows', count=view.number_text(dataset.written))} · {view.seconds(taken)}"
    else:
        below = f"{mark} {view.say(f'status.{status}')}"
    broken = dataset.broken
    words = [
        name,
        view.say(f"kind.{dataset.kind}"),
        view.say(f"status.{status}"),
        view.say("graph.broken", count=broken) if broken else None,
    ]
    classes = ["node", f"s-{status}", f"k-{dataset.kind}", "bad" if status.bad else None, _lit(name, hits)]
    return tag(
        "a",
        {
            "id": f"n:{name}",
            "class": " ".join(filter(None, classes)),
            "href": view.link(d=name),
            "data-soft": True,
            "data-d": name,
            "transform": _at(picture, name),
            "aria-label": ", ".join(filter(None, words)),
            "aria-current": "true" if view.query.get("d") == name else None,
        },
        _box(f"{ICONS.get(dataset.kind, '▢')} {last_part(name)}", below, name),
        tag(
            "text",
            {"class": "broken", "x": WIDTH - 8, "y": 36, "text-anchor": "end"},
            f"⚠ {view.number_text(broken)}",
        )
        if broken
        else None,
    )


def _group(
    view: View,
    name: str,
    datasets: Sequence[DatasetState],
    picture: Drawing,
    by: str,
    hits: frozenset[str] | None,
) -> Markup:
    worst, done = _worst(datasets), sum(d.status.over or d.kind == "view" for d in datasets)
    broken, inside = sum(d.broken for d in datasets), frozenset(d.name for d in datasets)
    text = view.say("graph.done", done=done, all=len(datasets))
    selector = f"schema:{name.rsplit('.', 1)[-1]}" if by == "schema" else f"file:{name}"
    lit = None if hits is None else ("hit" if hits & inside else "dim")
    classes = ["node", "group", f"s-{worst}", "bad" if worst.bad else None, lit]
    return tag(
        "a",
        {
            "class": " ".join(filter(None, classes)),
            "data-soft": True,
            "transform": _at(picture, name),
            "href": view.link(q=selector, only="1", by="none"),
            "aria-label": f"{name}, {text}, {view.say(f'status.{worst}')}",
        },
        _box(f"▤ {last_part(name)}", f"{MARKS.get(worst, '•')} {text}", name),
        tag(
            "text",
            {"class": "broken", "x": WIDTH - 8, "y": 36, "text-anchor": "end"},
            f"⚠ {view.number_text(broken)}",
        )
        if broken
        else None,
    )


def _outside(view: View, name: str, picture: Drawing) -> Markup:
    return tag(
        "g",
        {"class": "node outside", "transform": _at(picture, name)},
        _box(f"{ICONS['outside']} {last_part(name)}", view.say("kind.outside"), name),
    )


def _box(first: str, second: str, title: str) -> list[Markup]:
    return [
        tag("title", None, title),
        tag("rect", {"class": "box", "width": WIDTH, "height": HEIGHT, "rx": 5}),
        tag("rect", {"class": "mark", "width": 5, "height": HEIGHT, "rx": 2}),
        tag("text", {"class": "name", "x": 14, "y": 18}, _cut(first, NAME)),
        tag("text", {"class": "small", "x": 14, "y": 36}, _cut(second, SMALL)),
    ]


def _groups(datasets: Iterable[DatasetState], by: str) -> dict[str, list[DatasetState]]:
    groups: dict[str, list[DatasetState]] = {}
    for dataset in datasets:
        folder = str(PurePath(dataset.origin.file).parent) if dataset.origin else "?"
        groups.setdefault(_schema(dataset) if by == "schema" else folder, []).append(dataset)
    return groups


def _schema(dataset: DatasetState) -> str:
    """A temporary view has none, and stands with what it reads."""
    for name in (dataset.name, *dataset.inputs):
        try:
            parts = split(name)
        except BadNameError:
            continue
        if len(parts) > 1:
            return join_name(parts[:-1])
    return "–"


def _worst(datasets: Iterable[DatasetState]) -> Status:
    there = {d.status for d in datasets}
    return next((s for s in WORST if s in there), Status.DEFINED)


def _lit(name: str, hits: frozenset[str] | None) -> str | None:
    return None if hits is None else ("hit" if name in hits else "dim")


def _at(picture: Drawing | None, name: str) -> str | None:
    if picture is None:
        return None
    x, y = picture.nodes[name]
    return f"translate({x} {y})"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
