"""The verbs that look back: events, rules over updates, checkpoints of the past. No Spark, only delta-rs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from weir.bundle.bundle import default_storage
from weir.history.checkpoints import left_behind, owner_of
from weir.history.logs import events, last_updates, log_of
from weir.history.quality import RuleHistory, rule_histories
from weir.history.tables import full_name
from weir.model.counts import RuleCount
from weir.model.names import short
from weir.model.problems import Problem, WeirError, unsupported
from weir.run.lake.storage import Storage
from weir.run.listeners.rows import rest_json
from weir.ui.output import print_json
from weir.ui.screen import console
from weir.ui.tables import UNKNOWN, rows_table


def run_events(
    pipeline: str | None, limit: int, update: str | None, level: str | None, event_type: str | None,
    storage: str | None, as_json: bool,
) -> int:  # fmt: skip
    """`weir events`: the last ones, newest last."""
    place = Storage(default_storage(storage))
    name, log = log_of(pipeline, place)
    rows = events(log, limit, update=update, level=level, event_type=event_type)
    if as_json:
        print_json({"pipeline": name, "events": [rest_json(r) for r in rows]})
        return 0
    columns = ["time", "level", "type", "message", "error"]
    console().print(rows_table(columns, (_event_row(r) for r in rows)))
    return 0


def run_quality(
    sources: Sequence[str], name: str | None, updates: int, storage: str | None, as_json: bool,
    **only_with_why: Any,
) -> int:  # fmt: skip
    """`weir quality`: what each rule saw, update by update."""
    if len(sources) > 1 or any(only_with_why.values()):
        sentence = "Without --why, quality takes the name of one pipeline and reads no sources."
        raise WeirError(Problem("INVALID_ARGUMENT", sentence, hint="add --why TABLE, or leave them out"))
    place = Storage(default_storage(storage))
    name, log = log_of(name or next(iter(sources), None), place)
    ids = last_updates(log, updates)
    rules = rule_histories(log, ids)
    if as_json:
        print_json({"pipeline": name, "updates": ids, "rules": [r.to_json(ids) for r in rules]})
        return 0
    columns = ["dataset", "rule", *(i[:6] for i in ids), "passed", "failed"]
    console().print(rows_table(columns, (_rule_row(r, ids) for r in rules), "passed / failed by update"))
    return 0


def run_reset(
    tables: Sequence[str], storage: str | None, name: str | None, drop: bool, dry_run: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """`weir reset`: remove checkpoints of generations that a full refresh has left behind."""
    if drop:
        raise unsupported("weir reset --drop", "remove the table's folder in the storage by hand")
    place = Storage(default_storage(storage))
    wanted = {full_name(t, place) for t in tables}
    pipeline, log = log_of(name or owner_of(wanted, place), place)
    old = [f for f, table in left_behind(place, pipeline, log) if not wanted or table in wanted]
    removed = [str(f.relative_to(place.root)) for f in old]
    for folder in old if not dry_run else ():
        shutil.rmtree(folder)
    if as_json:
        print_json({"removed": removed, "dry_run": dry_run})
        return 0
    screen = console()
    for folder in removed:
        screen.say(f"{'would remove' if dry_run else 'removed'} {folder}")
    if not removed:
        screen.say("no checkpoints of earlier generations")
    return 0


def _event_row(row: Mapping[str, Any]) -> dict[str, Any]:
    exceptions = row["error"]["exceptions"] if row["error"] else []
    return {
        "time": row["timestamp"].isoformat(" ", "milliseconds").removesuffix("+00:00"),
        "level": row["level"],
        "type": row["event_type"],
        "message": row["message"],
        "error": exceptions[0]["message"] if exceptions else None,
    }


def _rule_row(rule: RuleHistory, updates: Sequence[str]) -> dict[str, Any]:
    """A cell is empty where the rule's flow did not run."""
    each = {i[:6]: _cell(rule.counts[i]) if i in rule.counts else None for i in updates}
    total = rule.in_all
    passed, failed = (total.passed, total.failed) if total else (UNKNOWN, UNKNOWN)
    return {"dataset": short(rule.dataset), "rule": rule.name, **each, "passed": passed, "failed": failed}


def _cell(count: RuleCount | None) -> str:
    return f"{count.passed} / {count.failed}" if count else UNKNOWN
