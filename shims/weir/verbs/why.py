"""`weir quality --why TABLE`: the rows behind the counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from weir import engine
from weir.model.names import short
from weir.pipeline import open_pipeline
from weir.run.analysis.why import BrokenRows, FlowFailedError
from weir.ui.output import only_ours, print_json, report
from weir.ui.screen import console
from weir.ui.tables import rows_table
from weir.verbs.arguments import request_from
from weir.views.graphs import rules_json


def run_why(arguments: Mapping[str, Any]) -> int:
    """Show rows of a table's flows that break its rules, each with the names of these rules."""
    as_json = arguments["as_json"]
    try:
        with only_ours(as_json), open_pipeline(request_from(arguments)) as opened:
            broken = engine.broken_of(opened, arguments["why"], arguments["limit"])
    except FlowFailedError as error:
        report(error.problems, as_json=as_json)
        return error.exit_code
    if as_json:
        print_json(_json(broken))
    else:
        show(broken)
    return 0


def _json(broken: BrokenRows) -> dict[str, Any]:
    return {
        "table": broken.dataset.name,
        "rules": rules_json(broken.dataset),
        "rows": [{"broken": list(r.broken), "row": dict(r.row)} for r in broken.rows],
        "shown": len(broken.rows),
        "failing": broken.failing,
    }


def show(broken: BrokenRows) -> None:
    """The rows, each with the rules that it breaks."""
    screen, name = console(), short(broken.dataset.name)
    if not broken.dataset.expectations:
        screen.say(f"{name} has no rules")
    elif not broken.failing:
        screen.say(f"no row breaks a rule of {name}", "green")
    else:
        columns = list(dict.fromkeys(c for r in broken.rows for c in r.row))
        screen.print(rows_table(["broken rules", *columns], _rows(broken, columns), name))
        screen.say(f"{len(broken.rows):,} of {broken.failing:,} rows that break a rule", "bold")


def _rows(broken: BrokenRows, columns: Iterable[str]) -> Iterable[dict[str, Any]]:
    """Flows into one table may differ in columns."""
    for row in broken.rows:
        yield {c: row.row.get(c) for c in columns} | {"broken rules": ", ".join(row.broken)}
