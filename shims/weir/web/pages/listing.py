"""The list of an update's datasets: all that the graph shows, for eyes and ears that want words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from weir.model.names import short
from weir.web.pages.frame import badge
from weir.web.pages.view import View
from weir.web.states.state import DatasetState, PlanStep, UpdateState
from weir.web.texts.html import Child, Markup, tag

COLUMNS = (
    "dataset",
    "kind",
    "state",
    "rows",
    "written",
    "dropped",
    "broken",
    "seconds",
    "path",
    "how",
    "version",
)
NUMBERS = frozenset({"rows", "written", "dropped", "broken", "seconds", "path", "version"})


def listing(view: View, update: UpdateState, names: Sequence[str], critical: Mapping[str, float]) -> Markup:
    """The view `list`.

    Args:
        view: How it is looked at.
        update: Whose datasets.
        names: Those to show.
        critical: Dataset on the critical path -> its share of the update's time.
    """
    chosen = [update.datasets[n] for n in names if n in update.datasets]
    by = view.query.get("sort", "")
    if by in COLUMNS:
        chosen.sort(key=lambda d: _order(by, d, critical, update.seen_at or view.now), reverse=by in NUMBERS)
    steps = steps_by_dataset(update)
    heads = (
        tag(
            "th",
            {"scope": "col", "aria-sort": _sorted(c, by), "class": "number" if c in NUMBERS else None},
            tag("a", {"href": view.link(sort=None if by == c else c)}, view.say(f"list.{c}")),
        )
        for c in COLUMNS
    )
    label = view.say("list.title")
    return tag(
        "div",
        {"class": "scroll", "tabindex": 0, "role": "region", "aria-label": label},
        tag(
            "table",
            {"class": "rows"},
            tag("thead", None, tag("tr", None, heads)),
            tag(
                "tbody",
                None,
                (row(view, update, d, steps.get(d.name, ()), critical.get(d.name)) for d in chosen),
            ),
        ),
    )


def row(
    view: View,
    update: UpdateState,
    dataset: DatasetState,
    steps: Sequence[PlanStep],
    share: float | None = None,
) -> Markup:
    """The row of a dataset, which a browser takes anew when something of it is another."""
    link = tag(
        "a",
        {"href": view.link(d=dataset.name), "data-soft": True, "title": dataset.name},
        short(dataset.name),
    )
    cells: list[tuple[str, Child]] = [
        ("dataset", link),
        ("kind", view.say(f"kind.{dataset.kind}")),
        ("state", badge(view, dataset.status)),
        ("rows", view.number_text(dataset.rows)),
        ("written", view.number_text(dataset.written)),
        ("dropped", view.number_text(dataset.dropped)),
        ("broken", view.number_text(dataset.broken)),
        ("seconds", view.seconds(dataset.seconds(update.seen_at or view.now))),
        ("path", view.share(share) if share is not None else None),
        ("how", how(view, dataset, steps)),
        ("version", view.number_text(dataset.version)),
    ]
    numbers = dict.fromkeys(NUMBERS, "number")
    return tag(
        "tr",
        {
            "id": f"r:{dataset.name}",
            "data-d": dataset.name,
            "aria-current": view.query.get("d") == dataset.name,
        },
        (tag("td", {"class": numbers.get(c)}, content) for c, content in cells),
    )


def steps_by_dataset(update: UpdateState) -> dict[str, list[PlanStep]]:
    """The steps of the plan, by what they are about."""
    steps: dict[str, list[PlanStep]] = {}
    for step in update.steps:
        steps.setdefault(step.dataset, []).append(step)
    return steps


def how(view: View, dataset: DatasetState, steps: Sequence[PlanStep]) -> str:
    """How it was refreshed, and why so."""
    techniques = [f"{f.technique}{f' · {f.issue}' if f.issue else ''}" for f in dataset.flows if f.technique]
    if techniques:
        return ", ".join(dict.fromkeys(techniques))
    verbs = [s.verb for s in steps] or [f.type for f in dataset.flows if f.type]
    return ", ".join(dict.fromkeys(verbs)) or view.say("list.unknown")


def _order(
    by: str, dataset: DatasetState, critical: Mapping[str, float], now: datetime
) -> tuple[bool, float | str]:
    values: dict[str, float | str | None] = {
        "dataset": short(dataset.name),
        "kind": dataset.kind,
        "state": dataset.status,
        "rows": dataset.rows,
        "written": dataset.written,
        "dropped": dataset.dropped,
        "broken": dataset.broken,
        "seconds": dataset.seconds(now),
        "path": critical.get(dataset.name),
        "version": dataset.version,
        "how": ",".join(dataset.techniques),
    }
    value = values[by]
    return (value is not None, value if value is not None else ("" if by not in NUMBERS else 0.0))


def _sorted(column: str, by: str) -> str | None:
    if column != by:
        return None
    return "descending" if column in NUMBERS else "ascending"
