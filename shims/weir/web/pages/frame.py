"""What all pages share: the document around them, marks and badges, tables, commands to copy."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from weir.web.pages.view import View, part
from weir.web.states.status import Status
from weir.web.texts.html import Child, Markup, join, tag

PLACES = (
    ("/", "home"),
    ("/lineage", "lineage"),
    ("/tables", "tables"),
    ("/contracts", "contracts"),
    ("/jobs", "jobs"),
    ("/settings", "settings"),
)


def document(view: View, title: str, crumbs: Child, body: Child, *, pipeline: str = "") -> str:
    """A whole page.

    Args:
        view: How it is looked at.
        title: Of the window.
        crumbs: What stands at the left of its head, behind the name of Weir.
        body: All below the head.
        pipeline: Whose changes it follows.
    """
    head = tag(
        "head",
        None,
        tag("meta", {"charset": "utf-8"}),
        tag("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        tag("title", None, f"{title} · weir"),
        tag("link", {"rel": "icon", "href": "/static/weir.svg"}),
        tag("link", {"rel": "stylesheet", "href": "/static/weir.css"}),
        tag("script", {"src": "/static/theme.js"}),
        tag("script", {"src": "/static/weir.js", "type": "module"}),
    )
    data = {
        "data-boot": view.boot,
        "data-number": view.number,
        "data-pipeline": pipeline,
        "data-language": view.language,
        "data-now": view.now.isoformat(),
        "data-lost": view.say("frame.lost"),
        "data-copied": view.say("frame.copied"),
    }
    content = tag(
        "body",
        data,
        tag("a", {"class": "skip", "href": "#view"}, view.say("frame.skip")),
        _head(view, crumbs),
        body,
        _keys(view),
        tag("p", {"id": "said", "role": "status"}),
        tag("p", {"id": "told", "role": "status", "class": "unseen"}),
        tag("dialog", {"id": "asks", "aria-label": view.say("frame.asks")}),
    )
    return f"<!doctype html>\n{tag('html', {'lang': view.language}, head, content)}"


def _head(view: View, crumbs: Child) -> Markup:
    other = "es" if view.language == "en" else "en"
    places = [
        tag(
            "a",
            {"href": path, "aria-current": "page" if view.path == path else None},
            view.say(f"place.{key}"),
        )
        for path, key in PLACES
    ]
    return part(
        "head",
        "header",
        {"class": "head"},
        tag("a", {"class": "brand", "href": "/"}, "weir"),
        crumbs,
        tag(
            "details",
            {"class": "menu end"},
            tag("summary", {"aria-label": view.say("frame.menu")}, "☰"),
            tag(
                "nav",
                {"aria-label": view.say("frame.menu")},
                places,
                tag(
                    "a",
                    {"href": view.link(lang=other), "hreflang": other, "lang": other},
                    "Español" if other == "es" else "English",
                ),
            ),
        ),
        tag("button", {"id": "theme", "type": "button", "aria-label": view.say("frame.theme")}, "◐"),
    )


def _keys(view: View) -> Markup:
    keys = ["/", "← ↑ → ↓", "Enter", "Esc", "n N", "[ ]", "g l r t q e", "f", "+ −", "s", "u", "p", "c", "?"]
    rows = [
        tag("tr", None, tag("th", None, tag("kbd", None, k)), tag("td", None, view.say(f"key.{i}")))
        for i, k in enumerate(keys)
    ]
    switch = tag("label", None, tag("input", {"type": "checkbox", "id": "keys-off"}), view.say("key.off"))
    close = tag("form", {"method": "dialog"}, tag("button", None, view.say("frame.close")))
    return tag(
        "dialog",
        {"id": "keys", "aria-label": view.say("key.title")},
        tag("h2", None, view.say("key.title")),
        tag("table", None, rows),
        switch,
        close,
    )


def badge(view: View, status: Status) -> Markup:
    """A state: mark, word and colour."""
    mark = tag("span", {"aria-hidden": "true"}, status.mark)
    return tag("span", {"class": f"badge s-{status}"}, mark, " ", view.say(f"status.{status}"))


def copyable(view: View, *commands: str) -> Markup:
    """Commands for a terminal, each with a button that copies it."""
    return join(
        tag(
            "div",
            {"class": "command"},
            tag("code", None, c),
            tag(
                "button",
                {"type": "button", "data-copy": c, "aria-label": f"{view.say('frame.copy')}: {c}"},
                view.say("frame.copy"),
            ),
        )
        for c in commands
    )


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Child]],
    *,
    classes: str = "",
    numbers: Container[int] = (),
) -> Markup:
    """A table; cells are texts or elements, None is an empty one.

    Args:
        caption: What it has, for who listens.
        columns: Their heads.
        rows: A cell for each column.
        classes: Looks of its own.
        numbers: The places of columns that hold numbers, from 0 on.
    """
    looks = [{"class": "number" if at in numbers else None} for at in range(len(columns))]
    heads = (tag("th", {"scope": "col", **look}, c) for c, look in zip(columns, looks, strict=True))
    lines = (tag("tr", None, (tag("td", k, c) for c, k in zip(row, looks, strict=True))) for row in rows)
    return tag(
        "div",
        {"class": "scroll", "tabindex": 0, "role": "region", "aria-label": caption},
        tag(
            "table",
            {"class": f"rows {classes}".strip()},
            tag("thead", None, tag("tr", None, heads)),
            tag("tbody", None, lines),
        ),
    )


def nothing(sentence: str, *children: Child) -> Markup:
    """What a page says where there is nothing to show."""
    return tag("div", {"class": "nothing"}, tag("p", None, sentence), children)
