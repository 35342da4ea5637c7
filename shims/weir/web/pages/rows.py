"""The tab of a dataset's rows, at any version."""

from __future__ import annotations

from weir.web.html import Child, join, tag
from weir.web.pages.frame import nothing, table
from weir.web.pages.shown import Panel
from weir.web.pages.view import SHORT, View

LONGEST = 120  # characters of a cell before it folds


def data(view: View, shown: Panel) -> Child:
    """The tab."""
    if shown.rows is None:
        return nothing(view.say("data.none"))
    versions = [
        tag("option", {"value": v, "selected": v == shown.version}, f"{v} · {u[:SHORT]}")
        for v, u in sorted(shown.details.versions.items(), reverse=True)
    ]
    kept = {k: v for k, v in view.query.items() if k != "version"}
    form = tag(
        "form",
        {"class": "bar", "method": "get", "action": view.path, "data-soft": True},
        (tag("input", {"type": "hidden", "name": k, "value": v}) for k, v in kept.items()),
        tag(
            "label",
            None,
            view.say("list.version"),
            " ",
            tag(
                "select", {"name": "version"}, tag("option", {"value": ""}, view.say("data.newest")), versions
            ),
        ),
        tag("button", None, view.say("data.show")),
    )
    masked = any(c.mask for c in shown.details.columns)
    rows = [[cell(row.get(c)) for c in shown.columns] for row in shown.rows]
    return join(
        tag("p", {"class": "trouble"}, view.say("data.masked")) if masked else None,
        form,
        table(view.say("tab.data"), shown.columns, rows, classes="data"),
        shown.changes,
    )


def cell(value: object) -> Child:
    """A value of a table: NULL is none of its texts, a long one folds."""
    if value is None:
        return tag("em", {"class": "null"}, "NULL")
    text = str(value)
    if not text:
        return tag("span", {"class": "dim"}, "''")
    if len(text) <= LONGEST:
        return text
    return tag("details", None, tag("summary", None, f"{text[:LONGEST]}…"), text)
