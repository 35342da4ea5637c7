"""A plan for a terminal, for a pull request and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from deploy.kinds.updates import Counts
from deploy.values import Plan, Step, Verb
from weir.ui.screen import Screen
from weir.ui.tables import rows_table

SIGNS = {
    Verb.CREATE: ("+", "green"), Verb.ADOPT: ("=", "cyan"), Verb.UPDATE: ("~", "yellow"),
    Verb.RECREATE: ("±", "red"), Verb.DELETE: ("-", "red"),
}  # fmt: skip
TABLES, RULES = ("table", "rows"), ("table", "rule", "passed", "failed")
LONGEST = 90  # letters of a value
MANY = 12  # changes of one step, of which a longer list tells only the number


def print_plan(screen: Screen, plan: Plan) -> None:
    """The plan, step by step, with the fields that change."""
    for step in plan.steps:
        screen.print(headline(step), soft_wrap=True)
        for line in field_lines(step):
            screen.print(Text(f"    {line}", "dim"), soft_wrap=True)
        if step.loses:
            screen.print(Text(f"    loses {step.loses}", "bold red"), soft_wrap=True)
    for notice in plan.notices:
        screen.print(Text(f"! {notice}", "yellow"), soft_wrap=True)
    screen.print(Text(summary(plan), "bold"), soft_wrap=True)


def print_counts(screen: Screen, pipeline: str, counts: Counts) -> None:
    """What an update of a pipeline did: rows, and what each rule saw."""
    told = counts.to_json()
    for columns, rows in (TABLES, told["tables"]), (RULES, told["rules"]):
        if rows:
            screen.print(rows_table(columns, rows, pipeline))


def headline(step: Step) -> Text:
    """What a step does, to what, and why."""
    sign, color = SIGNS[step.verb]
    name = "" if "${" in step.name else f" ({step.name})"
    return Text(f"{sign} {step.verb} {step.address}", color).append(f"{name}: {step.why}", "default")


def field_lines(step: Step) -> Iterator[str]:
    """Each field, from its old to its new value; of a new thing only the new ones."""
    if step.verb is Verb.DELETE:
        return
    for change in step.changes[:MANY]:
        new = value_text(change.new)
        arrow = new if step.verb is Verb.CREATE else f"{value_text(change.old)} -> {new}"
        why = f" ({change.why})" if change.why and step.verb is not Verb.CREATE else ""
        yield f"{change.path}: {arrow}{why}"
    if len(step.changes) > MANY:
        yield f"and {len(step.changes) - MANY} more"


def value_text(value: Any) -> str:
    """A value in one line, not too long."""
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def summary(plan: Plan) -> str:
    """The numbers, in one line that a script finds."""
    if not plan.steps:
        return f"Nothing to do: {plan.target} is as the files say."
    verbs = [step.verb for step in plan.steps]
    counts = [f"{verbs.count(verb)} to {verb}" for verb in Verb if verb in verbs]
    losses = sum(bool(step.loses) for step in plan.steps)
    return f"Plan for {plan.target}: {', '.join(counts)}; {losses} of them lose data."


def markdown(plan: Plan) -> str:
    """The plan as a comment of a pull request."""
    lines = [f"### {summary(plan)}", ""]
    lines += [
        f"- **{step.loses}** are lost by {step.verb} `{step.address}`" for step in plan.steps if step.loses
    ]
    lines += [f"- {notice}" for notice in plan.notices]
    rows = [row for step in plan.steps for row in _rows(step)]
    if rows:
        lines += ["", "| | resource | field | old | new | why |", "|---|---|---|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _rows(step: Step) -> Iterator[str]:
    sign, head = SIGNS[step.verb][0], f"`{step.address}`"
    changes = () if step.verb in {Verb.CREATE, Verb.DELETE} else step.changes[:MANY]
    if not changes:
        yield f"| {sign} | {head} | | | `{_cell(step.name)}` | {_cell(step.why)} |"
    for change in changes:
        path, old, new = map(_cell, (change.path, value_text(change.old), value_text(change.new)))
        yield f"| {sign} | {head} | `{path}` | `{old}` | `{new}` | {_cell(change.why or step.why)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("`", "'")
