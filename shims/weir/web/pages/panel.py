"""The panel of a dataset, tab by tab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from weir.model.names import short
from weir.web.pages.frame import badge, copyable, nothing, table
from weir.web.pages.listing import how
from weir.web.pages.rows import data
from weir.web.pages.rules import rules
from weir.web.pages.shown import Panel
from weir.web.pages.view import IN_ADDRESS, SHORT, View, lineage_path, pipeline_path, time_of
from weir.web.processes.commands import dataset_commands
from weir.web.states.panel import DatasetDetails
from weir.web.states.state import DatasetState, UpdateSummary
from weir.web.states.status import Status
from weir.web.texts.html import Child, Markup, join, tag

TABS = ("overview", "rules", "data", "columns", "lineage", "history", "code", "command")


def panel(view: View, shown: Panel) -> Markup:
    """The panel: name, tabs, the chosen tab."""
    dataset = shown.dataset
    tabs = [
        tag(
            "a",
            {
                "href": view.link(d=dataset.name, tab=None if t == "overview" else t),
                "data-soft": True,
                "data-tab": t,
                "aria-current": "page" if t == shown.tab else None,
            },
            view.say(f"tab.{t}"),
        )
        for t in TABS
    ]
    close = tag(
        "a",
        {
            "href": view.link(d=None, tab=None),
            "data-soft": True,
            "class": "close",
            "id": "close",
            "aria-label": view.say("panel.close"),
        },
        "×",
    )
    return join(
        tag("header", None, tag("h2", None, *_broken_at_dots(dataset.name)), close),
        tag(
            "p",
            {"class": "dim"},
            view.say(f"kind.{dataset.kind}"),
            f" · {dataset.comment}" if dataset.comment else None,
        ),
        tag("nav", {"class": "tabs", "aria-label": view.say("panel.tabs")}, tabs),
        tag("div", {"class": "tab"}, _TAB[shown.tab](view, shown)),
    )


def _broken_at_dots(name: str) -> Iterator[Child]:
    """A name that may go on in another line behind a dot."""
    for at, part in enumerate(name.split(".")):
        yield from ((".", tag("wbr")) if at else ())
        yield part


def _overview(view: View, shown: Panel) -> Child:
    dataset = shown.dataset
    median = _median([r.state.seconds(_end(r.update, view)) for r in shown.details.history[-11:-1]])
    facts: list[tuple[str, Child]] = [
        (view.say("list.rows"), view.number_text(dataset.rows)),
        (view.say("list.written"), view.number_text(dataset.written)),
        (view.say("list.dropped"), view.number_text(dataset.dropped)),
        (view.say("list.broken"), view.number_text(dataset.broken)),
        (view.say("list.how"), how(view, dataset, shown.steps)),
        (view.say("panel.why"), "; ".join(dict.fromkeys(s.why for s in shown.steps)) or "–"),
        (view.say("list.version"), _versions(view, shown)),
        (view.say("panel.generation"), view.number_text(shown.details.generation)),
        *_batches(view, dataset),
        (view.say("panel.median"), view.seconds(median)),
    ]
    return join(
        tag(
            "p",
            {"class": "big"},
            badge(view, dataset.status),
            " ",
            view.seconds(dataset.seconds(shown.update.seen_at or view.now)),
        ),
        _errors(dataset),
        _changed_since(view, shown),
        tag("dl", {"class": "facts"}, (join(tag("dt", None, k), tag("dd", None, v)) for k, v in facts)),
        _flows(view, dataset, shown.details),
        _properties(view, shown.details),
        copyable(view, *dataset_commands(shown.source, dataset.name, "refresh")),
    )


def _batches(view: View, dataset: DatasetState) -> list[tuple[str, Child]]:
    """Of a stream that goes on: when it wrote last, and how much it does."""
    if dataset.status not in {Status.RUNNING, Status.IDLE} or not dataset.batches:
        return []
    last, rate = dataset.batches[-1], dataset.rate
    rows = view.say("graph.rows", count=view.number_text(last.rows))
    return [
        (view.say("panel.batch"), join(time_of(last.at), " · ", rows)),
        (view.say("panel.rate"), view.number_text(None if rate is None else round(rate))),
    ]


def _versions(view: View, shown: Panel) -> str:
    """The version of the table before the update, and after it."""
    before, after = shown.details.before(shown.update.id), shown.dataset.version
    first = None if before is None else before.state.version
    return (
        view.number_text(after)
        if first in {None, after}
        else f"{view.number_text(first)} → {view.number_text(after)}"
    )


def _errors(dataset: DatasetState) -> Child:
    texts = dict.fromkeys(text for f in dataset.flows for _, text in f.exceptions[:1])
    return [tag("pre", {"class": "error", "tabindex": 0}, text) for text in texts]


def _flows(view: View, dataset: DatasetState, details: DatasetDetails) -> Child:
    rows = [
        (
            short(f.name),
            f.type,
            badge(view, f.status),
            view.number_text(f.written),
            f.attempts or None,
            details.checkpoints.get(f.name),
        )
        for f in dataset.flows
    ]
    keys = ("name", "type", "state", "written", "attempts", "checkpoint")
    columns = [view.say(f"flow.{c}") for c in keys]
    return (
        join(tag("h3", None, view.say("panel.flows")), table(view.say("panel.flows"), columns, rows))
        if rows
        else None
    )


def _properties(view: View, details: DatasetDetails) -> Child:
    if not details.properties:
        return None
    title = view.say("panel.properties")
    return join(
        tag("h3", None, title),
        table(title, [view.say("panel.property"), view.say("panel.value")], details.properties.items()),
    )


def _columns(view: View, shown: Panel) -> Child:
    def edges(name: str, side: str) -> Child:
        found = shown.details.made_of if side == "from" else shown.details.goes_into
        mine = [
            e
            for e in found
            if (e.target_column if side == "from" else e.source_column).lower() == name.lower()
        ]
        other = [
            (
                (e.source_table, e.source_column) if side == "from" else (e.target_table, e.target_column),
                e.how,
            )
            for e in mine
        ]
        return [
            tag(
                "div",
                None,
                tag("a", {"href": lineage_path(f"{t}.{c}")}, f"{short(t)}.{c}"),
                " ",
                tag("small", None, how_),
            )
            for (t, c), how_ in other
        ]

    rows = [
        (
            _lit(view, f"{shown.dataset.name}.{c.name}", c.name),
            tag("code", None, c.type),
            c.comment,
            f"🔒 {c.mask}" if c.mask else None,
            edges(c.name, "from"),
            edges(c.name, "into"),
        )
        for c in shown.details.columns or shown.dataset.columns
    ]
    heads = [view.say(f"column.{c}") for c in ("name", "type", "comment", "mask", "from", "into")]
    return table(view.say("tab.columns"), heads, rows) if rows else nothing(view.say("column.none"))


def _lit(view: View, column: str, name: str) -> Markup:
    """The way of a column through the graph, which a click lights; another puts it out."""
    on = view.query.get("way") == column
    link = view.link(way=None if on else column, view=None, by="none", q=None, only=None)
    return tag(
        "a",
        {
            "href": link,
            "data-soft": True,
            "aria-current": "true" if on else None,
            "title": view.say("column.way"),
        },
        name,
    )


def _lineage(view: View, shown: Panel) -> Child:
    def links(names: Sequence[str]) -> Child:
        return [
            tag(
                "li",
                None,
                tag("a", {"href": view.link(d=n), "data-soft": True, "data-d": n}, n)
                if n in shown.update.datasets
                else tag("span", {"class": "dim"}, n),
            )
            for n in names
        ]

    name = shown.dataset.name
    return join(
        tag("h3", None, view.say("lineage.from")),
        tag("ul", None, links(shown.dataset.inputs)),
        tag("h3", None, view.say("lineage.into")),
        tag("ul", None, links(shown.update.readers.get(name, ()))),
        tag("p", None, tag("a", {"href": lineage_path(name)}, view.say("lineage.all"))),
    )


def _history(view: View, shown: Panel) -> Child:
    rows = [
        (
            tag(
                "a",
                {"href": f"{pipeline_path(shown.update.pipeline, r.update.id)}?d={shown.dataset.name}"},
                r.update.id[:SHORT],
            ),
            time_of(r.update.started_at, date=True),
            badge(view, r.state.status),
            view.number_text(r.state.written),
            view.number_text(r.state.broken),
            view.seconds(r.state.seconds(_end(r.update, view))),
            how(view, r.state, ()),
            view.number_text(r.state.version),
        )
        for r in reversed(shown.details.history)
    ]
    heads = [
        view.say(k)
        for k in (
            "history.update",
            "history.at",
            "list.state",
            "list.written",
            "list.broken",
            "list.seconds",
            "list.how",
            "list.version",
        )
    ]
    return table(view.say("tab.history"), heads, rows)


def _code(view: View, shown: Panel) -> Child:
    origin = shown.dataset.origin
    if origin is None:
        return join(_changed_since(view, shown), nothing(view.say("code.unknown")))
    place = f"{origin.file}:{origin.line}"
    editor = tag("a", {"href": f"vscode://file/{place.lstrip('/')}"}, view.say("code.editor"))
    return join(
        tag("p", None, tag("code", None, place), " ", editor),
        _changed_since(view, shown),
        tag("p", {"class": "changed"}, view.say("code.edited")) if shown.edited else None,
        shown.code or nothing(view.say("code.gone")),
    )


def _changed_since(view: View, shown: Panel) -> Child:
    """That a later update defined it otherwise, with the way to what is different."""
    here, later = shown.update, shown.details.changed_since(shown.update.id)
    if later is None:
        return None
    compare = f"{pipeline_path(here.pipeline)}/compare/{here.id[:IN_ADDRESS]}..{later.id[:IN_ADDRESS]}"
    text = view.say("code.changed", update=later.id[:SHORT])
    return tag("p", {"class": "changed"}, "Δ ", tag("a", {"href": compare}, text))


def _command(view: View, shown: Panel) -> Child:
    return copyable(view, *dataset_commands(shown.source, shown.dataset.name))


def _median(values: Sequence[float]) -> float | None:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else None


def _end(update: UpdateSummary, view: View) -> datetime:
    return update.ended_at or view.now


_TAB = {
    "overview": _overview,
    "rules": rules,
    "data": data,
    "columns": _columns,
    "lineage": _lineage,
    "history": _history,
    "code": _code,
    "command": _command,
}
