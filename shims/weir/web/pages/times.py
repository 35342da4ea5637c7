"""The view `time`: when each flow waited and ran, what the update waited for in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from weir.model.names import short
from weir.web.drawing.boxes import cut
from weir.web.pages.frame import nothing
from weir.web.pages.view import View
from weir.web.states.state import FlowState, MicroBatch, UpdateState
from weir.web.texts.html import Markup, tag

WIDTH, ROW, LABEL = 1000.0, 26, 260
NAME = 34  # characters that fit


def times(view: View, update: UpdateState, critical: Mapping[str, float]) -> Markup:
    """A bar a flow, on one scale; micro-batches as ticks in it."""
    flows = [f for d in update.datasets.values() for f in d.flows if f.started_at]
    flows.sort(key=lambda f: f.started_at or view.now)
    if not flows:
        return nothing(view.say("time.none"))
    begin = update.summary.started_at or flows[0].started_at or view.now
    end = update.summary.ended_at or update.seen_at or view.now
    scale = Scale(begin, end, WIDTH / max((end - begin).total_seconds(), 0.001))
    height = ROW * (len(flows) + 1)
    rows = [_row(view, f, at, scale, f.dataset in critical) for at, f in enumerate(flows)]
    form = {
        "class": "gantt",
        "viewBox": f"0 0 {LABEL + WIDTH + 20} {height}",
        "role": "group",
        "aria-label": view.say("time.title"),
    }
    caption = tag("p", {"class": "dim"}, view.say("time.caption"))
    return tag(
        "div",
        {"class": "scroll", "tabindex": 0, "role": "region", "aria-label": view.say("time.title")},
        caption,
        tag("svg", form, _scale(view, scale, height), rows),
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """From moments to places."""

    begin: datetime
    end: datetime
    unit: float

    def place(self, moment: datetime) -> float:
        """Where a moment stands."""
        return LABEL + (moment - self.begin).total_seconds() * self.unit


def _row(view: View, flow: FlowState, at: int, scale: Scale, critical: bool) -> Markup:
    top, started = at * ROW, flow.started_at or scale.begin
    left, right = scale.place(started), scale.place(flow.ended_at or scale.end)
    queued = scale.place(flow.queued_at) if flow.queued_at else left
    taken = view.seconds(flow.seconds(scale.end))
    text, mark = f"{short(flow.name)} · {taken}", " ◆" if critical else ""
    classes = f"run s-{flow.status}{' critical' if critical else ''}"
    late = right > LABEL + WIDTH - 60
    told = {
        "class": "dim",
        "x": queued - 6 if late else right + 6,
        "y": top + 17,
        "text-anchor": "end" if late else None,
    }
    return tag(
        "a",
        {
            "href": view.link(d=flow.dataset),
            "data-soft": True,
            "data-d": flow.dataset,
            "aria-label": text + mark,
        },
        tag("text", {"x": 8, "y": top + 17}, cut(short(flow.name), NAME) + mark),
        _rect("wait", queued, top + ROW / 2 - 1, left - queued, 2),
        _rect(classes, left, top + 4, max(right - left, 2), ROW - 8, text),
        (_batch(view, b, top, scale) for b in flow.batches),
        tag("text", told, taken),
    )


def _batch(view: View, batch: MicroBatch, top: int, scale: Scale) -> Markup:
    title = view.say("time.batch", number=batch.number, seconds=view.seconds(batch.seconds))
    return _rect("batch", scale.place(batch.at), top + 6, max(batch.seconds * scale.unit, 1), ROW - 12, title)


def _rect(classes: str, x: float, y: float, width: float, height: float, title: str | None = None) -> Markup:
    form = {"class": classes, "x": round(x, 1), "y": y, "width": round(max(width, 0), 1), "height": height}
    return tag("rect", form, tag("title", None, title) if title else None)


def _scale(view: View, scale: Scale, height: int) -> list[Markup]:
    seconds = (scale.end - scale.begin).total_seconds()
    marks = [seconds * part / 5 for part in range(6)]
    return [
        tag(
            "g",
            {"class": "scale"},
            tag(
                "line",
                {"x1": LABEL + s * scale.unit, "x2": LABEL + s * scale.unit, "y1": 0, "y2": height - ROW},
            ),
            tag(
                "text",
                {"x": LABEL + s * scale.unit, "y": height - 8, "text-anchor": "middle"},
                view.seconds(s),
            ),
        )
        for s in marks
    ]


def critical_path(update: UpdateState) -> dict[str, float]:
    """The datasets that the end of an update waited for, each with its share of the whole time.

    It goes back from the one that ended last, always to the input that ended last.
    """
    ends = {
        d.name: max((f.ended_at for f in d.flows if f.ended_at), default=None)
        for d in update.datasets.values()
    }
    end = update.seen_at or datetime.now(UTC)
    total = update.summary.seconds(end)
    known = {n: e for n, e in ends.items() if e is not None}
    path: dict[str, float] = {}
    name = max(known, key=lambda n: known[n], default=None)
    while name is not None and name not in path and total:
        path[name] = min(update.datasets[name].seconds(end) / total, 1.0)
        sources = [s for s in update.upstream(name) if s in known]
        name = max(sources, key=lambda n: known[n], default=None)
    return path
