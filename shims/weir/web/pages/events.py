"""The event log of an update: all of it in a view of its own, its end below every other view."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from weir.web.pages.view import View, part, time_of
from weir.web.states.log import LogEvent
from weir.web.states.state import UpdateState
from weir.web.texts.html import Markup, tag

LEVELS = ("INFO", "METRICS", "WARN", "ERROR")
BELOW, MOST = 60, 2_000  # lines under a view, and in the view


def log_pane(view: View, update: UpdateState) -> Markup:
    """The last events, below a view."""
    lines = [line(view, e) for e in update.events[-BELOW:]]
    every = tag("a", {"href": view.link(view="events"), "data-soft": True}, view.say("events.all"))
    summary = tag("summary", None, tag("h2", None, view.say("events.title")))
    box = tag(
        "ol", {"id": "log", "tabindex": 0, "aria-label": view.say("events.title"), "data-end": True}, lines
    )
    return part("log-pane", "details", {"class": "log", "open": True}, summary, every, box)


def events(view: View, update: UpdateState) -> Markup:
    """The view `events`."""
    shown = [e for e in update.events if _fits(view, e)]
    types = sorted({e.type for e in update.events})
    query = {k: v for k, v in view.query.items() if k not in {"level", "type", "text"}}
    form = tag(
        "form",
        {"class": "bar", "method": "get", "action": view.path, "data-soft": True},
        (tag("input", {"type": "hidden", "name": k, "value": v}) for k, v in query.items()),
        _select(view, "level", LEVELS),
        _select(view, "type", types),
        tag(
            "label",
            None,
            view.say("events.text"),
            " ",
            tag("input", {"name": "text", "type": "search", "value": view.query.get("text", "")}),
        ),
        tag("button", None, view.say("events.filter")),
        tag("span", {"class": "dim"}, view.say("events.count", shown=len(shown), all=len(update.events))),
    )
    box = tag(
        "ol",
        {"class": "all", "tabindex": 0, "id": "log", "aria-label": view.say("events.title")},
        (line(view, e, whole=True) for e in shown[-MOST:]),
    )
    return tag("div", {"class": "events"}, form, box)


def line(view: View, event: LogEvent, *, whole: bool = False) -> Markup:
    """An event; whole, with its JSON to unfold."""
    text = event.message + (f" — {event.exceptions[0][1]}" if event.exceptions else "")
    form = {"class": f"l-{event.level}", "id": f"e:{event.number}"}
    begin = (
        time_of(event.at),
        " ",
        tag("b", None, event.level),
        " ",
        tag("span", {"class": "type"}, event.type),
        " ",
    )
    if not whole:
        return tag("li", form, *begin, text)
    details = tag("pre", None, json.dumps(asdict(event), default=str, ensure_ascii=False, indent=2))
    return tag(
        "li",
        form,
        tag(
            "details",
            None,
            tag("summary", None, *begin, text),
            details,
            tag("a", {"href": f"{view.link()}#e:{event.number}"}, "#"),
        ),
    )


def _fits(view: View, event: LogEvent) -> bool:
    wanted = {"level": event.level, "type": event.type, "d": event.dataset}
    text = view.query.get("text", "").lower()
    return (
        all(view.query.get(k) in {None, "", v} for k, v in wanted.items()) and text in event.message.lower()
    )


def _select(view: View, name: str, values: Sequence[str]) -> Markup:
    chosen = view.query.get(name)
    options = [tag("option", {"value": ""}, view.say(f"events.any_{name}"))]
    options += [tag("option", {"value": v, "selected": v == chosen}, v) for v in values]
    return tag("select", {"name": name, "aria-label": view.say(f"events.{name}")}, options)
