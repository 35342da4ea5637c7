"""`weir maintain`: what the properties of tables ask for, with files and bytes before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from weir import engine
from weir.model.names import listed, short
from weir.plan.maintenance import MaintenanceRequest, Task
from weir.run.upkeep.maintenance import MaintenanceResult, StepResult
from weir.ui.output import only_ours, print_json
from weir.ui.screen import console
from weir.ui.tables import rows_table
from weir.verbs.arguments import request_from


def run_maintain(arguments: Mapping[str, Any]) -> int:
    """Keep the tables of a pipeline in shape; 1 if a step failed."""
    request, dry_run = request_from(arguments), arguments["dry_run"]
    now = arguments["now"] or dt.datetime.now(dt.UTC)
    work = MaintenanceRequest(now.date(), frozenset(listed(arguments["forced"])))
    skipping = frozenset(listed(arguments["skipping"]))
    with only_ours(arguments["as_json"]):
        results = engine.maintain(request, work, skipping, dry_run=dry_run)
    if arguments["as_json"]:
        tables = [_json(result) for result in results]
        print_json({"pipeline": request.settings.name, "dry_run": dry_run, "tables": tables})
    else:
        show(results, dry_run)
    return int(any(result.error for result in results))


def _json(result: MaintenanceResult) -> dict[str, Any]:
    return {
        "table": result.upkeep.table,
        "steps": [
            {"step": str(d.step.task), "statement": d.step.statement, "count": d.count} for d in result.steps
        ],
        "held": [{"step": str(h.task), "why": h.why} for h in result.upkeep.hindrances],
        "before": asdict(result.before),
        "after": asdict(result.after),
        "error": result.error,
    }


def show(results: Sequence[MaintenanceResult], dry_run: bool) -> None:
    """What was done to each table, or would be."""
    screen = console()
    if dry_run:
        columns = ["table", "statement", "would take away"]
        screen.print(rows_table(columns, (_foretold(k, d) for k in results for d in k.steps)))
    else:
        columns = ["table", "rows deleted", "files", "bytes", "files on disk", "bytes on disk"]
        screen.print(rows_table(columns, map(_freed, results)))
    for result in results:
        name = short(result.upkeep.table)
        for hindrance in result.upkeep.hindrances:
            screen.say(f"{name}: {hindrance.task} held back: {hindrance.why}", "yellow")
        if result.error:
            screen.say(f"{name}: {result.error}", "red")


def _foretold(result: MaintenanceResult, outcome: StepResult) -> dict[str, Any]:
    what = "rows" if outcome.step.task is Task.DELETE else "files"
    count = None if outcome.count is None else f"{outcome.count:,} {what}"
    return {
        "table": short(result.upkeep.table),
        "statement": outcome.step.statement,
        "would take away": count,
    }


def _freed(result: MaintenanceResult) -> dict[str, Any]:
    rows = [d.count for d in result.steps if d.step.task is Task.DELETE]
    before, after = asdict(result.before), asdict(result.after)
    sizes = {
        k.replace("_", " "): f"{n:,} -> {after[k]:,}" if n != after[k] else f"{n:,}"
        for k, n in before.items()
    }
    return {"table": short(result.upkeep.table), "rows deleted": rows[0] if rows else None, **sizes}
