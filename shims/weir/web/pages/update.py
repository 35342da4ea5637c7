"""The page of an update: its head, its views, its panel and its log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weir.model.names import short
from weir.run.lake.lock import Holder
from weir.web.pages.events import log_pane
from weir.web.pages.frame import badge, copyable, document, nothing
from weir.web.pages.view import IN_ADDRESS, SHORT, View, part, pipeline_path, time_of
from weir.web.states.state import Failure, UpdateState, UpdateSummary
from weir.web.states.status import Status
from weir.web.texts.html import Child, Markup, join, tag

VIEWS = ("graph", "list", "grid", "time", "quality", "events")
VIEW_KEYS = dict(zip(VIEWS, "glrtqe", strict=True))


@dataclass(frozen=True, slots=True)
class UpdatePage:
    """What the page of an update shows.

    Attributes:
        updates: All that can be chosen, the newest last.
        fixed: The address names this update, so that a newer one does not take its place.
        hits: How many datasets the selector means; None without one.
        wrong: What is wrong with the selector.
        holder: Who runs it now.
    """

    pipeline: str
    update: UpdateState
    updates: Sequence[UpdateSummary]
    fixed: bool = False
    hits: int | None = None
    wrong: str | None = None
    holder: Holder | None = None
    trouble: str | None = None

    @property
    def path(self) -> str:
        """Of the pipeline, whatever update is shown."""
        return pipeline_path(self.pipeline)


def update_page(view: View, page: UpdatePage, content: Child, panel: Child) -> str:
    """The whole page.

    Args:
        view: How it is looked at.
        page: What it shows.
        content: The chosen view.
        panel: The chosen dataset's; None for none.
    """
    shown = view.query.get("view", "graph")
    main = part("view", "main", {"class": f"view v-{shown}", "tabindex": -1}, _failures(view, page), content)
    aside = part(
        "panel",
        "aside",
        {"class": "panel", "hidden": panel is None, "aria-label": view.say("panel.title")},
        panel,
    )
    below = None if shown == "events" else log_pane(view, page.update)
    body = join(
        _bar(view, page, shown),
        tag("div", {"class": "middle"}, main, aside),
        part("log-part", "div", {"class": "below"}, below),
    )
    return document(view, page.pipeline, _crumbs(view, page), body, pipeline=page.pipeline)


def never_run(view: View, pipeline: str, trouble: str | None) -> str:
    """The page of a pipeline without an update."""
    text = trouble or view.say("home.never")
    content = nothing(text, copyable(view, f"weir run {pipeline}", f"weir validate {pipeline}"))
    body = join(
        tag("div", {"class": "bar"}, _actions(view, pipeline_path(pipeline), None)),
        part("view", "main", {"class": "view"}, content),
    )
    crumbs = tag("h1", {"class": "crumb"}, pipeline)
    return document(view, pipeline, crumbs, body, pipeline=pipeline)


def _crumbs(view: View, page: UpdatePage) -> Markup:
    update = page.update
    choices = tag(
        "nav",
        {"aria-label": view.say("update.choose")},
        tag("a", {"href": page.path}, view.say("update.newest")),
        (_choice(view, page, u) for u in reversed(page.updates)),
    )
    chosen = tag(
        "details",
        {"class": "menu", "id": "updates"},
        tag(
            "summary",
            {"aria-label": view.say("update.choose")},
            update.id[:SHORT],
            " · ",
            time_of(update.summary.started_at, date=True),
            " ▾",
        ),
        choices,
    )
    return join(
        tag("span", {"class": "slash", "aria-hidden": "true"}, "/"),
        tag("h1", {"class": "crumb"}, tag("a", {"href": page.path}, page.pipeline)),
        chosen,
        status_of(view, update),
        None if not page.fixed else tag("a", {"class": "dim", "href": page.path}, view.say("update.back")),
    )


def status_of(view: View, update: UpdateState) -> Markup:
    """How an update stands, for how long, who began it and why."""
    summary = update.summary
    taken = tag(
        "span",
        {"data-since": None if summary.status.over else _since(update)},
        view.seconds(summary.seconds(view.now)),
    )
    who = (
        view.say(f"mode.{summary.mode}"),
        summary.user,
        None if summary.cause == "USER_ACTION" else summary.cause,
    )
    return tag(
        "span",
        {"id": "status", "data-status": summary.status, "data-update": update.id[:IN_ADDRESS]},
        badge(view, summary.status),
        " ",
        taken,
        tag("span", {"class": "dim wide"}, " · ", " · ".join(filter(None, who))),
    )


def _since(update: UpdateState) -> str | None:
    started = update.summary.started_at
    return started.isoformat() if started else None


def _choice(view: View, page: UpdatePage, update: UpdateSummary) -> Markup:
    path = pipeline_path(page.pipeline, update.id)
    compare = f"{page.path}/compare/{update.id[:IN_ADDRESS]}..{page.update.id[:IN_ADDRESS]}"
    return tag(
        "span",
        {"class": "choice"},
        tag(
            "a",
            {
                "href": path,
                "data-update-link": True,
                "aria-current": "true" if update.id == page.update.id else None,
            },
            badge(view, update.status),
            " ",
            update.id[:SHORT],
            " · ",
            time_of(update.started_at, date=True),
            " · ",
            view.seconds(update.seconds(view.now)),
        ),
        tag("a", {"href": compare}, view.say("update.compare")) if update.id != page.update.id else None,
    )


def _bar(view: View, page: UpdatePage, shown: str) -> Markup:
    tabs = [
        tag(
            "a",
            {
                "href": view.link(view=None if v == "graph" else v),
                "data-soft": True,
                "data-view": v,
                "aria-current": "page" if v == shown else None,
                "aria-keyshortcuts": VIEW_KEYS[v],
            },
            view.say(f"view.{v}"),
        )
        for v in VIEWS
    ]
    return part(
        "bar",
        "div",
        {"class": "bar"},
        tag("nav", {"class": "tabs", "aria-label": view.say("view.title")}, tabs),
        _find(view, page),
        tally(view, page.update),
        _actions(view, page.path, page),
    )


def _find(view: View, page: UpdatePage) -> Markup:
    """The field for a selector."""
    kept = {k: v for k, v in view.query.items() if k in {"view", "by", "d", "tab"}}
    return tag(
        "form",
        {"class": "find", "method": "get", "action": view.path, "role": "search", "data-soft": True},
        (tag("input", {"type": "hidden", "name": k, "value": v}) for k, v in kept.items()),
        tag(
            "input",
            {
                "id": "find",
                "name": "q",
                "type": "search",
                "value": view.query.get("q", ""),
                "placeholder": view.say("find.example"),
                "aria-label": view.say("find.label"),
                "aria-keyshortcuts": "/",
                "autocomplete": "off",
                "spellcheck": "false",
                "aria-describedby": "hits",
                "aria-invalid": "true" if page.wrong else None,
            },
        ),
        tag("span", {"id": "hits", "role": "status"}, page.wrong or _hits(view, page)),
    )


def _hits(view: View, page: UpdatePage) -> str:
    return "" if page.hits is None else view.say("find.hits", count=page.hits, all=len(page.update.datasets))


def tally(view: View, update: UpdateState) -> Markup:
    """How many datasets stand where."""
    counts = (
        tag("span", {"class": f"s-{s}"}, f"{n} {view.say(f'status.{s}')}") for s, n in update.tally.items()
    )
    return tag("span", {"id": "tally", "class": "tally"}, counts)


def _actions(view: View, path: str, page: UpdatePage | None) -> Markup | None:
    if not view.acts:
        return None
    runs = page is not None and page.holder is not None
    why = view.say("act.runs", pid=page.holder.pid) if page and page.holder else None
    failed = page is not None and any(
        d.status in {Status.FAILED, Status.SKIPPED} for d in page.update.datasets.values()
    )

    def button(name: str, *, writes: bool = False, off: bool = False, first: bool = False) -> Markup:
        stopped = (writes and runs) or off
        form = {
            "type": "button",
            "data-act": f"{path}/act/{name}",
            "disabled": stopped,
            "title": why if writes and runs else None,
            "class": "first" if first else None,
        }
        return tag("button", form, view.say(f"act.{name}"))

    menu = tag(
        "details",
        {"class": "menu end", "id": "more"},
        tag("summary", {"aria-label": view.say("act.more")}, "⋯"),
        tag(
            "div",
            None,
            button("selection", writes=True),
            button("failed", writes=True, off=not failed),
            button("full", writes=True),
            button("continuous", writes=True),
            button("validate"),
            button("maintain", writes=True),
            button("reset", writes=True),
        ),
    )
    main = button("stop") if runs else button("run", writes=True, first=True)
    return tag("span", {"class": "actions"}, main, button("plan"), menu)


def _failures(view: View, page: UpdatePage) -> Markup | None:
    """Causes with their hints, what they had as consequence apart."""
    causes = [f for f in page.update.failures if not f.causes]
    consequences = [f for f in page.update.failures if f.causes]
    if not causes and page.update.status is not Status.LOST and not page.trouble:
        return None
    lost = tag("p", None, view.say("update.lost")) if page.update.status is Status.LOST else None
    text = tag("p", {"class": "dim"}, view.say("update.consequences"), " ", _links(view, consequences))
    return tag(
        "section",
        {"class": "failures", "aria-label": view.say("update.failures")},
        tag("p", None, page.trouble) if page.trouble else None,
        lost,
        (_failure(view, f) for f in causes),
        text if consequences else None,
    )


def _failure(view: View, failure: Failure) -> Markup:
    name = failure.dataset
    link = (
        tag("a", {"href": view.link(d=name), "data-soft": True, "data-d": name}, short(name))
        if name
        else None
    )
    return tag(
        "div",
        {"class": "failure"},
        tag("strong", None, "✕ ", link),
        " ",
        tag("span", {"class": "reason"}, failure.message),
    )


def _links(view: View, failures: Sequence[Failure]) -> list[Child]:
    links = [
        tag("a", {"href": view.link(d=f.dataset), "data-soft": True, "data-d": f.dataset}, short(f.dataset))
        for f in failures
        if f.dataset
    ]
    return [c for link in links for c in (link, " ")]
