"""Dialogs that ask before something is done: with what is lost, and with the command that would do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weir.web.pages.frame import copyable
from weir.web.pages.view import View
from weir.web.texts.html import Child, Markup, tag


@dataclass(frozen=True, slots=True)
class Emptied:
    """A table that a full refresh would empty.

    Attributes:
        rows: That it holds now.
        protected: Its property keeps it from that.
    """

    name: str
    rows: int
    generation: int
    protected: bool


def confirm(view: View, command: str, *, options: bool = False) -> Markup:
    """Shows a command and does it.

    Args:
        view: How it is looked at.
        command: What would be run.
        options: What reads the tables, and what they read, can be taken along.
    """
    boxes = [
        tag(
            "label",
            None,
            tag("input", {"type": "checkbox", "name": name, "value": "1"}),
            " ",
            view.say(f"ask.{name}"),
        )
        for name in ("readers", "sources")
    ]
    content = [tag("p", None, view.say("ask.command")), copyable(view, command)]
    return _form(view, [*content, *(boxes if options else ())])


def full_refresh(
    view: View, name: str, tables: Sequence[Emptied], sinks: Sequence[str], command: str
) -> Markup:
    """Asks for the name of the pipeline, after it has told what is lost."""

    def listed(these: Sequence[Emptied]) -> Markup:
        rows = (
            tag(
                "tr",
                None,
                tag("th", {"scope": "row"}, t.name),
                tag(
                    "td", None, view.say("ask.rows", count=view.number_text(t.rows), generation=t.generation)
                ),
            )
            for t in these
        )
        return tag("table", {"class": "rows"}, tag("tbody", None, rows))

    emptied, kept = [t for t in tables if not t.protected], [t for t in tables if t.protected]
    typed = tag(
        "label",
        None,
        view.say("ask.type", name=name),
        tag("br"),
        tag("input", {"type": "text", "name": "typed", "autocomplete": "off", "spellcheck": "false"}),
    )
    content: list[Child] = [tag("p", None, view.say("ask.empties")), listed(emptied)]
    content += [tag("p", None, view.say("ask.protected")), listed(kept)] if kept else []
    content += [tag("p", None, view.say("ask.sinks"), " ", ", ".join(sinks))] if sinks else []
    return _form(view, [*content, copyable(view, command), typed], danger=True)


def stopping(view: View, pid: int, seconds: int | None) -> Markup:
    """Asks whether to stop a process; whether to kill it, where it was asked long ago."""
    text = view.say("ask.stop", pid=pid) if seconds is None else view.say("ask.kill", seconds=seconds)
    return _form(view, [tag("p", None, text)], danger=seconds is not None)


def _form(view: View, content: Sequence[Child], *, danger: bool = False) -> Markup:
    buttons = tag(
        "div",
        {"class": "buttons"},
        tag("button", {"value": "cancel", "formnovalidate": True}, view.say("ask.cancel")),
        tag("button", {"value": "do", "class": "danger" if danger else "first"}, view.say("ask.do")),
    )
    return tag("form", None, content, tag("p", {"class": "wrong", "role": "alert"}), buttons)
