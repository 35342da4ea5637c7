"""Pages across pipelines: tables, lineage, contracts, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from weir.history.tables import Listing
from weir.web.pages.frame import copyable, document, nothing, table
from weir.web.pages.view import View, lineage_path, part, pipeline_path
from weir.web.processes.jobs import command_of
from weir.web.texts.html import Child, Markup, join, tag

DEPTHS = (1, 2, 3)  # edges far


def page(view: View, title: str, *content: Child, poll: bool = False) -> str:
    """A page with a title of its own."""
    bar = tag("div", {"class": "bar"}, tag("h1", None, title))
    return document(
        view, title, None, part("view", "main", {"class": "page", "data-poll": poll}, bar, content)
    )


def tables(view: View, listed: Sequence[Listing]) -> str:
    """The page `/tables`."""
    heads = [view.say(k) for k in ("tables.name", "tables.owner", "list.version", "list.state")]
    rows = [
        (
            tag("a", {"href": f"{pipeline_path(t.pipeline)}?d={quote(t.name)}"}, t.name)
            if t.pipeline
            else t.name,
            t.pipeline,
            view.number_text(t.version),
            view.say("tables.inactive") if t.inactive else None,
        )
        for t in listed
    ]
    title = view.say("tables.title")
    return page(
        view,
        title,
        table(title, heads, rows) if rows else nothing(view.say("tables.none")),
        copyable(view, "weir list"),
    )


def lineage(
    view: View,
    name: str,
    sides: Mapping[str, Sequence[Mapping[str, str]]],
    depth: int | None,
    wrong: str | None,
) -> str:
    """The page `/lineage/T`, and `/lineage` before a name is given.

    Args:
        view: How it is looked at.
        name: A table, or a column as table.column; empty before one is named.
        sides: `from` and `into` -> edges, as `weir lineage --json` has them.
        depth: How many edges far they go; None for as far as there are any.
        wrong: Why there is nothing.
    """
    field = tag(
        "input",
        {
            "name": "name",
            "type": "search",
            "value": name,
            "aria-label": view.say("lineage.name"),
            "placeholder": view.say("lineage.name"),
        },
    )
    form = tag(
        "form",
        {"class": "find", "method": "get", "action": "/lineage", "data-soft": True},
        field,
        tag("button", None, view.say("data.show")),
    )
    title = view.say("lineage.title")
    found = (join(tag("h2", None, view.say(f"lineage.{s}")), _edges(view, e, s)) for s, e in sides.items())
    content = nothing(wrong) if wrong else join(_depths(view, name, depth) if sides else None, found)
    command = copyable(view, command_of(("lineage", name))) if name else None
    return page(view, title, form, content, command)


def _depths(view: View, name: str, depth: int | None) -> Markup:
    """How far to look."""
    links = [
        tag(
            "a",
            {
                "href": f"{lineage_path(name)}?depth={d or 'all'}",
                "data-soft": True,
                "aria-current": "page" if d == depth else None,
            },
            view.say("lineage.every") if d is None else d,
        )
        for d in (*DEPTHS, None)
    ]
    label = view.say("lineage.depth")
    tabs = tag("nav", {"class": "tabs", "aria-label": label}, links)
    return tag("div", {"class": "tools"}, tag("span", {"class": "dim"}, label), tabs)


def _edges(view: View, edges: Sequence[Mapping[str, str]], side: str) -> Markup:
    if not edges:
        return nothing(view.say("lineage.none"))
    rows = [
        (
            *(tag("a", {"href": lineage_path(e[k])}, e[k]) for k in ("source", "target")),
            e["transformation"],
            e["flow"],
        )
        for e in edges
    ]
    heads = [view.say(k) for k in ("lineage.source", "lineage.target", "lineage.how", "flow.name")]
    return table(view.say(f"lineage.{side}"), heads, rows)


def contracts(view: View, answer: Mapping[str, Any] | None, *, runs: bool, state: Child) -> str:
    """The page `/contracts`: what `weir contracts check` said last."""
    title = view.say("contracts.title")
    check = tag(
        "button",
        {"type": "button", "data-act": "/act/contracts", "disabled": runs},
        view.say("contracts.check"),
    )
    content: list[Child] = [
        join(check if view.acts else None, " ", state),
        copyable(view, "weir contracts check"),
    ]
    if answer is not None:
        heads = [
            view.say(k)
            for k in ("contracts.table", "contracts.version", "contracts.released", "lineage.into")
        ]
        rows = [
            (r["contract"], r["version"], r["released"], ", ".join(r["readers"]))
            for r in answer.get("contracts", ())
        ]
        content.append(table(title, heads, rows) if rows else nothing(view.say("contracts.none")))
        content += [
            tag("p", {"class": "trouble"}, f"[{p['condition']}] {p['message']}")
            for p in answer.get("problems", ())
        ]
    return page(view, title, *content, poll=runs)


def settings(
    view: View, facts: Iterable[tuple[str, str]], configurations: Mapping[str, Mapping[str, str]]
) -> str:
    """The page `/settings`.

    Args:
        view: How it is looked at.
        facts: What this page was opened with.
        configurations: Pipeline -> its configuration in its last update, secrets hidden.
    """
    title = view.say("settings.title")
    heads = [view.say("settings.key"), view.say("settings.value")]
    tables_ = [
        join(
            tag("h2", None, tag("a", {"href": pipeline_path(name)}, name)),
            table(name, heads, sorted(c.items())),
        )
        for name, c in configurations.items()
        if c
    ]
    return page(view, title, table(title, heads, facts), *tables_)
