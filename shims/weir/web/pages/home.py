"""The first page: all pipelines of the bundle and the storage."""

from __future__ import annotations

from collections.abc import Sequence

from weir.web.pages.frame import badge, copyable, document, nothing
from weir.web.pages.view import View, part, pipeline_path, time_of
from weir.web.states.panel import PipelineState
from weir.web.states.state import UpdateSummary
from weir.web.texts.html import Markup, join, tag

BARS = 20
HEIGHT, WIDTH, STEP = 32, 7, 10


def home(view: View, pipelines: Sequence[PipelineState], storage: str) -> str:
    """The page `/`.

    Args:
        view: How it is looked at.
        pipelines: Those of the bundle first.
        storage: Its folder.
    """
    if not pipelines:
        commands = copyable(view, "weir init .", "weir run")
        content = nothing(view.say("home.empty", storage=storage), commands)
    else:
        content = tag("div", {"class": "cards"}, (_card(view, p) for p in pipelines))
    everything = tag(
        "button", {"type": "button", "class": "first", "data-act": "/act/all"}, view.say("act.all")
    )
    title = tag(
        "div",
        {"class": "bar"},
        tag("h1", None, view.say("home.title")),
        everything if view.acts and pipelines else None,
    )
    body = part("view", "main", {"class": "page"}, title, content)
    return document(view, view.say("home.title"), None, body, pipeline="*")


def _card(view: View, pipeline: PipelineState) -> Markup:
    path, last = pipeline_path(pipeline.name), pipeline.last
    head = tag("h2", None, tag("a", {"href": path}, pipeline.name))
    if pipeline.trouble:
        return tag("article", {"class": "card"}, head, tag("p", {"class": "trouble"}, pipeline.trouble))
    if last is None:
        check = tag(
            "button", {"type": "button", "data-act": f"{path}/act/validate"}, view.say("act.validate")
        )
        commands = copyable(view, f"weir run {pipeline.name}")
        return tag(
            "article",
            {"class": "card"},
            head,
            tag("p", None, view.say("home.never")),
            check if view.acts else None,
            commands,
        )
    broken = sum(d.broken for d in last.datasets.values())
    rows = sum(d.written or 0 for d in last.datasets.values())
    facts = [
        (view.say("list.written"), view.number_text(rows)),
        (view.say("list.broken"), view.number_text(broken)),
        (view.say("home.fresh"), time_of(last.seen_at, date=True)),
    ]
    who = pipeline.holder
    return tag(
        "article",
        {"class": "card"},
        head,
        tag("p", None, badge(view, last.status), " ", view.seconds(last.summary.seconds(view.now))),
        _bars(view, pipeline.name, pipeline.updates[-BARS:]),
        tag("dl", {"class": "facts"}, (join(tag("dt", None, k), tag("dd", None, v)) for k, v in facts)),
        tag("p", {"class": "dim"}, view.say("home.runs", pid=who.pid, host=who.host)) if who else None,
    )


def _bars(view: View, name: str, updates: Sequence[UpdateSummary]) -> Markup:
    """A bar an update: its height tells how long it took, its colour and title how it ended."""
    seconds = [u.seconds(view.now) or 0.0 for u in updates]
    most = max(seconds, default=0.0) or 1.0
    bars = [
        tag(
            "a",
            {"href": pipeline_path(name, u.id), "aria-label": _title(view, u, taken)},
            tag(
                "rect",
                {
                    "x": at * STEP,
                    "y": HEIGHT - (tall := 4 + taken / most * (HEIGHT - 4)),
                    "height": tall,
                    "width": WIDTH,
                    "rx": 1,
                    "class": f"s-{u.status}",
                },
                tag("title", None, _title(view, u, taken)),
            ),
        )
        for at, (u, taken) in enumerate(zip(updates, seconds, strict=True))
    ]
    form = {
        "class": "bars",
        "width": BARS * STEP,
        "height": HEIGHT,
        "role": "group",
        "aria-label": view.say("home.updates"),
    }
    return tag("svg", form, bars)


def _title(view: View, update: UpdateSummary, seconds: float) -> str:
    status = view.say(f"status.{update.status}")
    return f"{update.id[:6]} · {status} · {view.seconds(seconds)}"
