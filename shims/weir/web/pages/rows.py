"""The tab of a dataset's rows, at any version."""

from __future__ import annotations

from weir.views.rows import plain
from weir.web.pages.frame import nothing, table
from weir.web.pages.shown import Panel
from weir.web.pages.view import SHORT, View, pipeline_path, whole
from weir.web.reading.profile import ColumnProfile
from weir.web.texts.html import Child, Markup, join, tag

LONGEST = 120  # characters of a cell before it folds


def data(view: View, shown: Panel) -> Child:
    """The tab."""
    if shown.rows is None:
        return nothing(view.say("data.none"))
    against = whole(view.query.get("against", ""))
    kept = {k: v for k, v in view.query.items() if k not in {"version", "against"}}
    form = tag(
        "form",
        {"class": "bar", "method": "get", "action": view.path, "data-soft": True},
        (tag("input", {"type": "hidden", "name": k, "value": v}) for k, v in kept.items()),
        _versions(view.say("list.version"), "version", view.say("data.newest"), shown, shown.version),
        _versions(view.say("data.against"), "against", view.say("data.before"), shown, against),
        tag("button", None, view.say("data.show")),
    )
    masked = any(c.mask for c in shown.details.columns)
    rows = [[cell(row.get(c)) for c in shown.columns] for row in shown.rows]
    return join(
        tag("p", {"class": "trouble"}, view.say("data.masked")) if masked else None,
        form,
        _as_group(view, shown) if view.acts else None,
        table(view.say("tab.data"), shown.columns, rows, classes="data"),
        _profile(view, shown),
        shown.changes,
    )


def _versions(label: str, name: str, none: str, shown: Panel, chosen: int | None) -> Markup:
    """The choice of a version, by the update that left it."""
    options = [
        tag("option", {"value": v, "selected": v == chosen}, f"{v} · {u[:SHORT]}")
        for v, u in sorted(shown.details.versions.items(), reverse=True)
    ]
    choice = tag("select", {"name": name}, tag("option", {"value": ""}, none), options)
    return tag("label", None, label, " ", choice)


def _as_group(view: View, shown: Panel) -> Markup:
    """Asks what a group sees, which Spark tells."""
    return tag(
        "form",
        {"class": "bar"},
        tag("label", None, view.say("data.group"), " ", tag("input", {"name": "group", "type": "text"})),
        tag("input", {"type": "hidden", "name": "version", "value": shown.version}),
        tag(
            "button",
            {
                "data-act": f"{pipeline_path(shown.update.pipeline)}/act/as",
                "data-name": shown.dataset.name,
            },
            view.say("data.show"),
        ),
    )


def _profile(view: View, shown: Panel) -> Child:
    """The columns in numbers, as soon as somebody wants them."""
    title = view.say("data.profile")
    if shown.profile is None:
        return tag("p", None, tag("a", {"href": view.link(profile="1"), "data-soft": True}, title))
    heads = [view.say(f"data.{k}") for k in ("nulls", "least", "most", "distinct")]
    rows = [(c.name, view.share(c.nulls), *_values(c), view.number_text(c.distinct)) for c in shown.profile]
    return join(tag("h3", None, title), table(title, [view.say("column.name"), *heads], rows, classes="data"))


def _values(column: ColumnProfile) -> tuple[Child, Child]:
    if column.distinct is None:
        return None, None
    both = plain({"least": column.least, "most": column.most})
    return cell(both["least"]), cell(both["most"])


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
