"""The verbs that look back: events, rules over updates, checkpoints of the past. No Spark, only delta-rs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from weir.bundle.bundle import default_storage, find_bundle, read_bundle
from weir.bundle.sources import name_of
from weir.model.counts import RuleCount
from weir.model.names import short
from weir.model.problems import Problem, WeirError, closest, unsupported
from weir.run.lake.existing import PIPELINE
from weir.run.lake.storage import Storage, open_table
from weir.run.listeners.rows import rest_json
from weir.ui.output import print_json
from weir.ui.screen import console
from weir.ui.tables import UNKNOWN, rows_table
from weir.verbs.shelf import full_name

ORDER = "sequence['control_plane_seq_no']"


def run_events(
    pipeline: str | None, limit: int, update: str | None, level: str | None, event_type: str | None,
    storage: str | None, as_json: bool,
) -> int:  # fmt: skip
    """`weir events`: the last ones, newest last."""
    place = Storage(default_storage(storage))
    name, log = log_of(pipeline, place)
    wanted = {"level": level, "event_type": event_type}
    where = [f"{column} = {_text(value)}" for column, value in wanted.items() if value]
    where += [f"starts_with(origin['update_id'], {_text(update)})"] if update else []
    rows = _select(log, "*", where, f"ORDER BY {ORDER} DESC LIMIT {int(limit)}")[::-1]
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
        found = "Without --why, quality takes the name of one pipeline and reads no sources."
        raise WeirError(Problem("INVALID_ARGUMENT", found, hint="add --why TABLE, or leave them out"))
    place = Storage(default_storage(storage))
    name, log = log_of(name or next(iter(sources), None), place)
    ids = _last_updates(log, updates)
    counts = _rule_counts(log, ids)
    rules = [_rule_json(*key, seen, ids) for key, seen in counts.items()]
    if as_json:
        print_json({"pipeline": name, "updates": ids, "rules": rules})
        return 0
    columns = ["dataset", "rule", *(i[:6] for i in ids), "passed", "failed"]
    shown = (_rule_row(*r) for r in zip(rules, counts.values(), strict=True))
    console().print(rows_table(columns, shown, "passed / failed by update"))
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
    pipeline, log = log_of(name or _owner(wanted, place), place)
    old = [f for f, table in _left_behind(place, pipeline, log) if not wanted or table in wanted]
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


def _owner(tables: Iterable[str], place: Storage) -> str | None:
    """The one pipeline whose tables these are."""
    states = (place.state(t) for t in tables)
    owners = {s.properties.get(PIPELINE) for s in states if s}
    return owners.pop() if len(owners) == 1 else None


def log_of(pipeline: str | None, place: Storage) -> tuple[str, DeltaTable]:
    """A pipeline's name and event log; the only one where none is named.

    Args:
        pipeline: Its name, its key in the bundle, or the file or folder that was run.

    Raises:
        WeirError: There is none, or there are several.
    """
    there = {name: log for name, at in place.logged().items() if (log := open_table(at)) is not None}
    name = next(iter(there), None) if pipeline is None and len(there) == 1 else pipeline
    if name is not None and name not in there:
        name = _name_in_bundle(name) or name_of((name,), Path.cwd(), place.root)
    if name not in there:
        raise _no_pipeline(pipeline, place, sorted(there))
    return name, there[name]


def _name_in_bundle(key: str) -> str | None:
    """What the bundle here calls the pipeline of a key."""
    file = find_bundle(Path.cwd())
    found = read_bundle(file, None).pipelines.get(key) if file else None
    return found.name if found else None


def _no_pipeline(pipeline: str | None, place: Storage, there: Sequence[str]) -> WeirError:
    if pipeline is None and there:
        found = f"There are several pipelines in {place.root}."
        return WeirError(Problem("PIPELINE_NOT_NAMED", found, hint=f"name one of: {', '.join(there)}"))
    found = f"No pipeline {f'`{pipeline}` ' if pipeline else ''}has run in {place.root}."
    hint = closest(pipeline or "", there) or f"there are: {', '.join(there) or 'none yet'}"
    return WeirError(Problem("PIPELINE_NOT_FOUND", found, hint=hint))


def _select(log: DeltaTable, columns: str, where: Iterable[str], rest: str) -> list[dict[str, Any]]:
    condition = " AND ".join(where) or "TRUE"
    query = QueryBuilder().register("log", log)
    found = query.execute(f"SELECT {columns} FROM log WHERE {condition} {rest}")
    return pa.table(found).to_pylist()


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _event_row(row: Mapping[str, Any]) -> dict[str, Any]:
    exceptions = row["error"]["exceptions"] if row["error"] else []
    return {
        "time": row["timestamp"].isoformat(" ", "milliseconds").removesuffix("+00:00"),
        "level": row["level"],
        "type": row["event_type"],
        "message": row["message"],
        "error": exceptions[0]["message"] if exceptions else None,
    }


def _last_updates(log: DeltaTable, count: int) -> list[str]:
    """Ids of the last updates, oldest first."""
    rows = _select(
        log, "origin['update_id'] AS id", ["event_type = 'create_update'"],
        f"ORDER BY {ORDER} DESC LIMIT {int(count)}",
    )  # fmt: skip
    return [r["id"] for r in reversed(rows)]


def _rule_counts(log: DeltaTable, ids: Sequence[str]) -> dict[tuple[str, str], dict[str, RuleCount | None]]:
    """Dataset and rule -> update -> its count; None where a batch of that update was not counted."""
    listed = ", ".join(map(_text, ids)) or "''"
    rows = _select(
        log, "origin['update_id'] AS id, details",
        ["event_type = 'flow_progress'", f"origin['update_id'] IN ({listed})"], f"ORDER BY {ORDER}",
    )  # fmt: skip
    found: dict[tuple[str, str], dict[str, RuleCount | None]] = {}
    for row in rows:
        quality = json.loads(row["details"])["flow_progress"].get("data_quality") or {}
        for rule, count in _counted(quality):
            seen = found.setdefault(rule, {})
            before = seen.get(row["id"], RuleCount())
            seen[row["id"]] = None if before is None or count is None else before + count
    return found


def _counted(quality: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], RuleCount | None]]:
    """Dataset and rule, and the count of one batch."""
    for rule in quality.get("expectations", ()):
        yield _key(rule), RuleCount(rule["passed_records"], rule["failed_records"])
    for rule in quality.get("uncounted", ()):
        yield _key(rule), None


def _key(rule: Mapping[str, str]) -> tuple[str, str]:
    return rule["dataset"], rule["name"]


def _rule_json(
    dataset: str, name: str, seen: Mapping[str, RuleCount | None], ids: Sequence[str]
) -> dict[str, Any]:
    """A rule has nulls where its flow did not run, and where its count is unknown."""
    known = [count for count in seen.values() if count is not None]
    in_all = sum(known, RuleCount()) if len(known) == len(seen) else None
    updates = [{"update_id": i, **_numbers(seen.get(i))} for i in ids]
    return {"dataset": dataset, "name": name, "updates": updates, **_numbers(in_all)}


def _numbers(count: RuleCount | None) -> dict[str, int | None]:
    return {"passed": count.passed, "failed": count.failed} if count else {"passed": None, "failed": None}


def _rule_row(rule: Mapping[str, Any], seen: Mapping[str, RuleCount | None]) -> dict[str, Any]:
    """A cell is empty where the rule's flow did not run."""
    updates = {
        u["update_id"][:6]: f"{u['passed']} / {u['failed']}" if u["passed"] is not None
        else UNKNOWN if u["update_id"] in seen else None
        for u in rule["updates"]
    }  # fmt: skip
    in_all = {key: UNKNOWN if rule[key] is None else rule[key] for key in ("passed", "failed")}
    return {"dataset": short(rule["dataset"]), "rule": rule["name"], **updates, **in_all}


def _left_behind(place: Storage, pipeline: str, log: DeltaTable) -> Iterable[tuple[Path, str]]:
    """Checkpoints and memories of changes older than the generation of their table, with the table.

    An update that runs meanwhile never goes back to them, so no lock is needed.
    """
    targets = _targets(log)
    flows = place.checkpoints(pipeline)
    for flow, folder in ((flow, folder) for flow, at in flows for folder in sorted(at.glob("*"))):
        table, sink = targets.get(flow, (None, None))
        state = place.state(table) if table else None
        newest = state.generation if state else 0
        if sink:
            newest = place.sink_generation(pipeline, [f for f, (_, s) in targets.items() if s == sink])
        if folder.name.isdigit() and int(folder.name) < newest:
            yield folder, table or sink or ""
    for table in sorted({t for t, _ in targets.values() if t}):
        state = place.state(table)
        for folder in sorted(place.changes(table, 0).parent.glob("*")):
            if state is not None and folder.name.isdigit() and int(folder.name) < state.generation:
                yield folder, table


def _targets(log: DeltaTable) -> dict[str, tuple[str | None, str | None]]:
    """Flow -> table or sink, as the last update defined them."""
    columns = "origin['flow_name'] AS flow, origin['dataset_name'] AS dataset, origin['sink_name'] AS sink"
    rows = _select(log, columns, ["event_type = 'flow_definition'"], f"ORDER BY {ORDER}")
    return {r["flow"]: (r["dataset"], r["sink"]) for r in rows}
