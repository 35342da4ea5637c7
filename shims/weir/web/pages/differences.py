"""The rows that an update added, took away or changed: each with a sign, changed cells before and after."""

from __future__ import annotations

from weir.web.pages.frame import table
from weir.web.pages.rows import cell
from weir.web.pages.view import View
from weir.web.reading.diff import Change, Difference, RowChange
from weir.web.texts.html import Child, Markup, join, tag

SIGNS = {Change.ADDED: "+", Change.GONE: "-", Change.CHANGED: "~"}


def differences(view: View, difference: Difference) -> Markup:
    """What is different between the version before an update and the one that it left."""
    counts = {c: getattr(difference, c) for c in Change}
    told = " · ".join(
        view.say(f"data.{change}", count=view.number_text(count))
        for change, count in counts.items()
        if count or change is not Change.CHANGED
    )
    title = view.say("data.diff")
    rows = [_row(view, row, difference.columns) for row in difference.rows]
    shown = table(title, ["", *difference.columns], rows, classes="data") if rows else None
    return join(tag("h3", None, title), tag("p", None, told), _columns(view, difference), shown)


def ask_first(view: View, rows: int | None) -> Markup:
    """A large table is compared when somebody wants it."""
    text = view.say("data.large", count=view.number_text(rows))
    return tag("p", None, tag("a", {"href": view.link(diff="1"), "data-soft": True}, text))


def _columns(view: View, difference: Difference) -> Child:
    both = ((Change.ADDED, difference.new_columns), (Change.GONE, difference.old_columns))
    return [
        tag("p", {"class": str(change)}, f"{SIGNS[change]} {view.say('column.name')}: {', '.join(names)}")
        for change, names in both
        if names
    ]


def _row(view: View, change: RowChange, columns: tuple[str, ...]) -> list[Child]:
    label = {"class": str(change.change), "title": view.say(f"compare.{change.change}")}
    sign = tag("strong", label, SIGNS[change.change])
    return [sign, *(_cell(change, column) for column in columns)]


def _cell(change: RowChange, column: str) -> Child:
    after = cell(change.row.get(column))
    if change.before is None or column not in change.cells:
        return after
    before = tag("del", {"class": "gone"}, cell(change.before.get(column)))
    return join(before, " ", tag("ins", {"class": "added"}, after))
