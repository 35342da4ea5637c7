"""A graph as SVG that needs nothing else: every state has a sign and a word besides its colour."""

from __future__ import annotations

from collections.abc import Mapping

from weir.model.names import last_part
from weir.model.texts import one_line
from weir.web.drawing.boxes import ICONS, MANY, at, box, icon_of, path
from weir.web.drawing.layout import WIDTH, layout
from weir.web.finding.grouping import Group, grouped
from weir.web.pages.view import View
from weir.web.states.state import DatasetState, UpdateState
from weir.web.states.status import Status
from weir.web.texts.html import Markup, tag

STYLE = """
.graph { max-width: 100%; min-width: 60rem; height: auto; }
.graph .box { fill: var(--back); stroke: var(--line); }
.graph .view .box, .graph .outside .box { stroke-dasharray: 5 4; }
.graph .line { fill: none; stroke: var(--dim); }
.graph text { fill: var(--text); font-size: 12px; }
.graph .name { font-weight: 600; font-size: 13px; }
.graph .broken { fill: var(--warn); font-weight: 600; }
"""


def graph_svg(view: View, update: UpdateState) -> Markup:
    """The graph of an update; one of many datasets by their schemas."""
    if len(update.datasets) > MANY:
        grouping = grouped(update, "schema")
        return _svg(view, {g.name: _group(view, g) for g in grouping.groups}, tuple(grouping.edges))
    nodes = {
        name: _node(ICONS["outside"], name, "outside", view.say("kind.outside")) for name in update.outside
    }
    return _svg(view, nodes | {name: _dataset(view, d) for name, d in update.datasets.items()}, update.edges)


def _svg(view: View, nodes: Mapping[str, Markup], edges: tuple[tuple[str, str], ...]) -> Markup:
    placed = layout(tuple(nodes), edges)
    width, height = placed.width, placed.height
    size = {"viewBox": f"0 0 {width:g} {height:g}", "width": width, "height": height}
    return tag(
        "svg",
        {"class": "graph", "role": "img", "aria-label": view.say("graph.label"), **size},
        [tag("path", {"class": "line", "d": path(curve)}) for curve in placed.curves],
        [tag("g", {"transform": at(placed.boxes[name])}, node) for name, node in nodes.items()],
    )


def _dataset(view: View, dataset: DatasetState) -> Markup:
    state = f"{dataset.status.mark} {view.say(f'status.{dataset.status}')}"
    below = view.say("kind.view") if dataset.kind == "view" else state
    if dataset.status.over and dataset.written is not None:
        below = f"{state} · {view.say('graph.rows', count=view.number_text(dataset.written))}"
    warning = f"⚠ {view.number_text(dataset.broken)}" if dataset.broken else None
    return _node(icon_of(dataset.kind), dataset.name, f"{dataset.kind} s-{dataset.status}", below, warning)


def _group(view: View, group: Group) -> Markup:
    done = sum(count for status, count in group.tally.items() if status.over or status is Status.DEFINED)
    text = view.say("graph.done", done=done, all=sum(group.tally.values()))
    return _node("▤", group.name, f"group s-{group.status}", f"{group.status.mark} {text}")


def _node(icon: str, name: str, kinds: str, below: str, warning: str | None = None) -> Markup:
    right = {"class": "broken", "x": WIDTH - 8, "y": 18, "text-anchor": "end"}
    return tag(
        "g",
        {"class": kinds},
        box(f"{icon} {one_line(last_part(name))}", below, one_line(name)),
        tag("text", right, warning) if warning else None,
    )
