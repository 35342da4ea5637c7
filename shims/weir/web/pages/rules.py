"""The tab of a dataset's rules: what each saw, over the last updates too, and the way to the rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from weir.web.pages.frame import copyable, nothing
from weir.web.pages.shown import Panel
from weir.web.pages.view import SHORT, View, pipeline_path
from weir.web.processes.commands import dataset_commands
from weir.web.states.panel import DatasetRun
from weir.web.states.state import RuleState
from weir.web.texts.html import Child, Markup, join, tag


def rules(view: View, shown: Panel) -> Child:
    """The tab."""
    dataset = shown.dataset
    if not dataset.rules:
        return nothing(view.say("rules.none"))
    each = [_rule(view, shown, r) for r in dataset.rules]
    path = pipeline_path(shown.update.pipeline)
    why = tag(
        "button",
        {"type": "button", "data-act": f"{path}/act/why", "data-name": dataset.name},
        view.say("rules.why"),
    )
    return join(
        each,
        why if view.acts else None,
        copyable(view, *dataset_commands(shown.source, dataset.name, "why")),
    )


def _rule(view: View, shown: Panel, rule: RuleState) -> Markup:
    count = rule.count
    if rule.action == "fail" and count is None:
        counts: Child = tag("span", {"class": "dim"}, view.say("rules.uncounted"))
    else:
        passed, failed, share = counted(view, rule)
        counts = join(
            tag("span", {"class": "s-COMPLETED"}, "✓ ", passed),
            " ",
            tag("span", {"class": "s-FAILED" if count and count.failed else "dim"}, "✕ ", failed),
            " ",
            share,
        )
    head = tag(
        "p",
        None,
        tag("strong", None, rule.name),
        " ",
        tag("span", {"class": "dim"}, view.say(f"action.{rule.action}")),
    )
    return tag(
        "section",
        {"class": "rule"},
        head,
        tag("code", None, rule.condition),
        tag("p", None, counts),
        _trend(view, shown, rule.name),
        sparkline(view, _shares(shown.details.history, rule.name)),
    )


def counted(view: View, rule: RuleState) -> tuple[str, str, str]:
    """How many rows passed and failed, and the share of those that failed."""
    count = rule.count
    passed, failed = (None, None) if count is None else (count.passed, count.failed)
    return view.number_text(passed), view.number_text(failed), view.share(rule.share)


def _trend(view: View, shown: Panel, rule: str) -> Child:
    """Since when it is broken, and whether it is so twice as often as in the update before."""
    ids = [run.update.id for run in shown.details.history]
    at = ids.index(shown.update.id) + 1 if shown.update.id in ids else 0
    shares = _shares(shown.details.history[:at], rule)
    since, before = broken_since(shares), doubled_from(shares)
    return [
        tag("p", {"class": "dim"}, view.say("rules.since", update=since[:SHORT])) if since else None,
        tag("p", {"class": "changed"}, "⚠ ", view.say("rules.doubled", share=view.share(before)))
        if before
        else None,
    ]


Shares = Sequence[tuple[str, float | None]]


def broken_since(shares: Shares) -> str | None:
    """The first of the updates, up to the last and without a gap, in which rows broke a rule.

    >>> broken_since([("a", 0.1), ("b", 0.0), ("c", 0.2), ("d", 0.1)]), broken_since([("a", 0.1), ("b", None)])
    ('c', None)
    """
    broken = [update for update, _ in takewhile(lambda s: bool(s[1]), reversed(shares))]
    return broken[-1] if broken else None


def doubled_from(shares: Shares) -> float | None:
    """The share that was counted before the last one, where that is twice as much or more.

    >>> doubled_from([("a", 0.1), ("b", None), ("c", 0.2)]), doubled_from([("a", 0.0), ("b", 0.2)])
    (0.1, None)
    """
    known = [share for _, share in shares if share is not None]
    last = shares[-1][1] if shares else None
    before = known[-2] if last is not None and len(known) > 1 else 0.0
    return before if last and before and last >= 2 * before else None


def _shares(history: Sequence[DatasetRun], rule: str) -> list[tuple[str, float | None]]:
    shares: list[tuple[str, float | None]] = []
    for run in history:
        there = next((r for r in run.state.rules if r.name == rule), None)
        if there is not None:
            shares.append((run.update.id, there.share))
    return shares


def sparkline(view: View, shares: Shares) -> Markup | None:
    """The share of rows that broke a rule, a bar an update."""
    if all(s is None for _, s in shares):
        return None
    most = max((s for _, s in shares if s), default=0.0) or 1.0
    bars = [
        tag(
            "rect",
            {
                "x": at * 8,
                "y": 24 - (tall := 2 + (s or 0.0) / most * 22),
                "width": 6,
                "height": tall,
                "class": "s-FAILED" if s else ("s-COMPLETED" if s is not None else "s-UNKNOWN"),
            },
            tag("title", None, f"{i[:SHORT]} · {view.share(s)}"),
        )
        for at, (i, s) in enumerate(shares)
    ]
    last = view.say("rules.spark", count=len(shares), share=view.share(shares[-1][1]))
    return tag(
        "svg",
        {"class": "spark", "width": len(shares) * 8, "height": 24, "role": "img", "aria-label": last},
        bars,
    )
