"""The view `graph`: boxes at their places, edges between them, groups of a schema or folder as one box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from weir.model.names import last_part
from weir.web.drawing.boxes import ICONS, MANY, at, box, icon_of, path
from weir.web.drawing.layout import HEIGHT, WIDTH, Curve, Layout, layout
from weir.web.finding.grouping import By, Group, grouped
from weir.web.pages.frame import nothing
from weir.web.pages.view import View, lineage_path
from weir.web.states.state import DatasetState, UpdateState
from weir.web.texts.html import Child, Markup, join, tag

EFFECTS = {
    "reset": {"reset", "drop"},
    "recompute": {"refresh", "complete"},
    "append": {"stream", "once", "change"},
}
GROUPINGS = ("none", "schema", "folder")


def grouping(view: View, update: UpdateState) -> Literal["none"] | By:
    """By what the datasets are put together: what the address says, else by schema where there are many."""
    match view.query.get("by"):
        case "schema":
            return "schema"
        case "folder":
            return "folder"
        case None if len(update.datasets) > MANY and not view.query.get("only"):
            return "schema"
    return "none"


def graph(
    view: View,
    update: UpdateState,
    names: Sequence[str],
    hits: frozenset[str] | None,
    plan: Mapping[str, Sequence[str]] | None = None,
    way: Mapping[tuple[str, str], str] | None = None,
) -> Markup:
    """The view.

    Args:
        view: How it is looked at.
        update: Whose datasets.
        names: Those to draw.
        hits: What the selector means, the others are dimmed; None without one.
        plan: Dataset -> the verbs of its steps, where a plan lies over the graph.
        way: Edge -> what becomes there of the column whose way is lit; empty where nothing is recorded of it.
    """
    if not update.datasets:
        return nothing(view.say("graph.waits"))
    if not names:
        return nothing(view.say("graph.empty"))
    by = grouping(view, update)
    if by != "none":
        return _by_groups(view, update, by, hits)
    shown = [update.datasets[n] for n in names]
    edges = tuple((a, d.name) for d in shown for a in d.inputs)
    outside = [n for n in dict.fromkeys(a for a, _ in edges) if n not in update.datasets]
    picture = layout((*outside, *names), edges)
    boxes = [_outside(view, n, picture) for n in outside]
    boxes += [_node(view, update, d, picture, hits, plan) for d in shown]
    return _whole(view, picture, boxes, {d.name: str(d.status) for d in shown}, by, way)


def _by_groups(view: View, update: UpdateState, by: By, hits: frozenset[str] | None) -> Markup:
    whole = grouped(update, by)
    groups = {g.name: g for g in whole.groups}
    picture = layout(tuple(groups), tuple(whole.edges))
    boxes = [_group(view, update, g, picture, by, hits) for g in whole.groups]
    return _whole(view, picture, boxes, {n: str(g.status) for n, g in groups.items()}, by)


def node_of(view: View, update: UpdateState, dataset: DatasetState) -> Markup:
    """A box without its place, which a browser gives it."""
    return _node(view, update, dataset, None, None, None)


def _whole(
    view: View,
    picture: Layout,
    boxes: Child,
    colours: Mapping[str, str],
    by: str,
    way: Mapping[tuple[str, str], str] | None = None,
) -> Markup:
    size = f"0 0 {picture.width} {picture.height}"
    lines = [_line(c, (way or {}).get((c.source, c.target))) for c in picture.curves]
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
        None if way is None else _lit_column(view, known=bool(way)),
        tag("div", canvas, svg),
        _minimap(picture, size, colours),
    )


def _line(curve: Curve, how: str | None) -> Markup:
    """An edge; on the lit way with what becomes of the column there."""
    form = {"d": path(curve), "data-from": curve.source, "data-to": curve.target}
    if how is None:
        return tag("path", form)
    x, y = curve.points[len(curve.points) // 2]
    return join(
        tag("path", {**form, "class": "lit"}),
        tag("text", {"class": "how", "x": x, "y": y - 5, "text-anchor": "middle"}, how),
    )


def _lit_column(view: View, *, known: bool) -> Markup:
    """Whose way is lit, and how to put it out."""
    name = view.query.get("way", "")
    out = {
        "href": view.link(way=None),
        "data-soft": True,
        "class": "close",
        "aria-label": view.say("graph.unlit"),
    }
    said = None if known else f" · {view.say('lineage.none')}"
    link = tag("a", {"href": lineage_path(name)}, name)
    return tag("p", {"class": "tools way"}, tag("span", None, link, said), tag("a", out, "×"))


def _minimap(picture: Layout, size: str, colours: Mapping[str, str]) -> Markup:
    """The whole in small, with what is seen of it."""
    boxes = (
        tag(
            "rect",
            {
                "x": place.x,
                "y": place.y,
                "width": WIDTH,
                "height": HEIGHT,
                "class": f"s-{colours.get(n, 'DEFINED')}",
            },
        )
        for n, place in picture.boxes.items()
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
    picture: Layout | None,
    hits: frozenset[str] | None,
    plan: Mapping[str, Sequence[str]] | None,
) -> Markup:
    name, status, broken = dataset.name, dataset.status, dataset.broken
    verbs = None if plan is None else plan.get(name, ())
    below = _below(view, update, dataset) if verbs is None else ", ".join(verbs) or "–"
    words = [name, view.say(f"kind.{dataset.kind}"), view.say(f"status.{status}")]
    words += [view.say("graph.broken", count=broken)] if broken else []
    look = f"s-{status}" if verbs is None else f"p-{planned(verbs)}"
    classes = ["node", look, f"k-{dataset.kind}", "bad" if status.bad else None, _lit(name, hits)]
    form = {
        "id": f"n:{name}", "class": " ".join(filter(None, classes)), "href": view.link(d=name),
        "data-soft": True, "data-d": name, "transform": _at(picture, name),
        "aria-label": ", ".join(words if verbs is None else [name, *verbs]),
        "aria-current": "true" if view.query.get("d") == name else None,
    }  # fmt: skip
    first = f"{icon_of(dataset.kind)} {last_part(name)}"
    return tag("a", form, box(first, below, name), _broken(view, broken if verbs is None else 0))


def _below(view: View, update: UpdateState, dataset: DatasetState) -> str:
    """The second line of a box."""
    status = dataset.status
    if dataset.kind == "view":
        return view.say("kind.view")
    mark = status.mark
    if dataset.written is None or not status.over or status.bad:
        return f"{mark} {view.say(f'status.{status}')}"
    rows = view.say("graph.rows", count=view.number_text(dataset.written))
    return f"{mark} {rows} · {view.seconds(dataset.seconds(update.seen_at or view.now))}"


def planned(verbs: Sequence[str]) -> str:
    """What steps would do to the rows of a table: `reset`, `recompute`, `append`, or `skip`."""
    for effect, of in EFFECTS.items():
        if of & set(verbs):
            return effect
    return "skip"


def _group(
    view: View, update: UpdateState, group: Group, picture: Layout, by: By, hits: frozenset[str] | None
) -> Markup:
    datasets = [update.datasets[n] for n in group.members if n in update.datasets]
    done, broken = sum(d.status.over or d.kind == "view" for d in datasets), sum(d.broken for d in datasets)
    text = view.say("graph.done", done=done, all=len(datasets))
    selector = f"schema:{last_part(group.name)}" if by == "schema" else f"file:{group.name}"
    lit = None if hits is None else ("hit" if hits & set(group.members) else "dim")
    classes = ["node", "group", f"s-{group.status}", "bad" if group.status.bad else None, lit]
    form = {
        "class": " ".join(filter(None, classes)),
        "data-soft": True,
        "transform": _at(picture, group.name),
        "href": view.link(q=selector, only="1", by="none"),
        "data-group": group.name,
        "aria-label": f"{group.name}, {text}, {view.say(f'status.{group.status}')}",
    }
    mark = group.status.mark
    return tag(
        "a", form, box(f"▤ {last_part(group.name)}", f"{mark} {text}", group.name), _broken(view, broken)
    )


def _broken(view: View, count: int) -> Markup | None:
    form = {"class": "broken", "x": WIDTH - 8, "y": 36, "text-anchor": "end"}
    return tag("text", form, f"⚠ {view.number_text(count)}") if count else None


def _outside(view: View, name: str, picture: Layout) -> Markup:
    return tag(
        "g",
        {"class": "node outside", "transform": _at(picture, name)},
        box(f"{ICONS['outside']} {last_part(name)}", view.say("kind.outside"), name),
    )


def _lit(name: str, hits: frozenset[str] | None) -> str | None:
    return None if hits is None else ("hit" if name in hits else "dim")


def _at(picture: Layout | None, name: str) -> str | None:
    if picture is None:
        return None
    return at(picture.boxes[name])
