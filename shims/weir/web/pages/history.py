"""Views over many updates: the grid of states, and the rules."""

from __future__ import annotations

from collections.abc import Sequence

from weir.model.names import short
from weir.web.pages.frame import nothing, table
from weir.web.pages.rules import counted, sparkline
from weir.web.pages.view import SHORT, View, pipeline_path
from weir.web.states.state import RuleState, UpdateState
from weir.web.texts.html import Child, Markup, join, tag

ACTIONS = ("warn", "drop", "fail")


def grid(view: View, updates: Sequence[UpdateState], shown: Sequence[str]) -> Markup:
    """The view `grid`: a row a dataset, a column an update, the newest at the right."""
    heads = (
        tag("th", {"scope": "col"}, tag("a", {"href": pipeline_path(u.pipeline, u.id)}, u.id[:SHORT]))
        for u in updates
    )
    rows = [
        tag(
            "tr",
            {"data-d": name},
            tag(
                "th", {"scope": "row"}, tag("a", {"href": view.link(d=name), "data-soft": True}, short(name))
            ),
            (tag("td", None, _cell(view, u, name)) for u in updates),
        )
        for name in shown
    ]
    body = tag(
        "table",
        {"class": "rows cells"},
        tag("thead", None, tag("tr", None, tag("th", {"scope": "col"}, view.say("list.dataset")), heads)),
        tag("tbody", None, rows),
    )
    return tag(
        "div",
        {"class": "scroll", "tabindex": 0, "role": "region", "aria-label": view.say("grid.title")},
        tag("p", {"class": "dim bar"}, view.say("grid.caption")),
        body,
    )


def _cell(view: View, update: UpdateState, name: str) -> Child:
    dataset = update.datasets.get(name)
    if dataset is None:
        return None
    text = f"{update.id[:SHORT]} · {view.say(f'status.{dataset.status}')}"
    return tag(
        "a",
        {
            "href": f"{pipeline_path(update.pipeline, update.id)}?view=grid&d={name}",
            "title": text,
            "aria-label": text,
            "class": f"s-{dataset.status}",
        },
        dataset.status.mark,
    )


def quality(view: View, updates: Sequence[UpdateState], shown: Sequence[str]) -> Markup:
    """The view `quality`: each rule over the last updates, the most broken first."""
    rules: list[tuple[float, list[Child]]] = []
    for name in shown:
        last = next((u.datasets[name] for u in reversed(updates) if name in u.datasets), None)
        rules += [_rule(view, updates, name, r) for r in (last.rules if last else ()) if _wanted(view, r)]
    if not rules:
        return join(_filter(view), nothing(view.say("quality.none")))
    rules.sort(key=lambda r: -r[0])
    heads = [
        view.say(k)
        for k in ("list.dataset", "quality.rule", "quality.action", "quality.last", "quality.trend")
    ]
    content = table(view.say("quality.title"), heads, [cells for _, cells in rules])
    return join(_filter(view), content)


def _wanted(view: View, rule: RuleState) -> bool:
    """Does a rule pass the filter of the address?"""
    broken = rule.count is not None and rule.count.failed > 0
    by_action = view.query.get("action") in {None, "", rule.action}
    return by_action and (broken or not view.query.get("only_broken"))


def _filter(view: View) -> Markup:
    """The choice of rules by their action, and of those that are broken."""
    query = {k: v for k, v in view.query.items() if k not in {"action", "only_broken"}}
    chosen = view.query.get("action")
    options = [tag("option", {"value": ""}, view.say("quality.any"))]
    options += [
        tag("option", {"value": a, "selected": a == chosen}, view.say(f"action.{a}")) for a in ACTIONS
    ]
    only = bool(view.query.get("only_broken"))
    box = {"type": "checkbox", "name": "only_broken", "value": "1", "checked": only}
    return tag(
        "form",
        {"class": "bar", "method": "get", "action": view.path, "data-soft": True},
        (tag("input", {"type": "hidden", "name": k, "value": v}) for k, v in query.items()),
        tag("select", {"name": "action", "aria-label": view.say("quality.action")}, options),
        tag("label", None, tag("input", box), " ", view.say("quality.only_broken")),
        tag("button", None, view.say("events.filter")),
    )


def _rule(
    view: View, updates: Sequence[UpdateState], dataset: str, rule: RuleState
) -> tuple[float, list[Child]]:
    shares = [
        (u.id, next((r.share for r in u.datasets[dataset].rules if r.name == rule.name), None))
        for u in updates
        if dataset in u.datasets
    ]
    count = rule.count
    _, failed, share = counted(view, rule)
    link = tag("a", {"href": view.link(d=dataset, tab="rules"), "data-soft": True}, short(dataset))
    name = join(tag("strong", None, rule.name), " ", tag("code", None, rule.condition))
    bad = "s-FAILED" if count and count.failed else None
    return rule.share or 0.0, [
        link,
        name,
        view.say(f"action.{rule.action}"),
        tag("span", {"class": bad}, f"{failed} · {share}"),
        sparkline(view, shares),
    ]
