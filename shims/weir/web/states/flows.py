"""What an event changes of the flow that it is about: pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from weir.model.counts import RuleCount, total_rows
from weir.web.states.log import LogEvent
from weir.web.states.objects import NOTHING, Object, inner, number, objects, text, texts
from weir.web.states.schemas import columns_of, origin_of
from weir.web.states.state import FlowState, MicroBatch
from weir.web.states.status import Status, status_of

KEPT = 100  # micro-batches of a flow that pages show: a continuous update has any number
Change = Callable[[FlowState, LogEvent], FlowState]
_METRICS = ("num_output_rows", "num_upserted_rows", "num_deleted_rows")


def _defined(flow: FlowState, event: LogEvent) -> FlowState:
    details = event.details
    return replace(
        flow,
        type=text(details, "flow_type") or "",
        inputs=texts(details, "input_datasets"),
        columns=columns_of(objects(details, "schema")),
        once=bool(details.get("once")),
        comment=text(details, "comment"),
        origin=origin_of(details),
        definition=text(details, "definition_hash"),
        keys=texts(details, "keys"),
    )


def _planned(flow: FlowState, event: LogEvent) -> FlowState:
    techniques = objects(event.details, "technique_information")
    chosen = next((t for t in techniques if t.get("is_chosen")), NOTHING)
    technique = (text(chosen, "maintenance_type") or "").removeprefix("MAINTENANCE_TYPE_") or None
    return replace(flow, technique=technique, issue=_issue(objects(chosen, "incrementalization_issues")))


def _issue(issues: Sequence[Object]) -> str | None:
    """The first issue type of §9, its sub-type behind a dot."""
    issue = issues[0] if issues else NOTHING
    kind = text(issue, "issue_type") or ""
    part = text(issue, f"{kind.lower()}_sub_type")
    return f"{kind}.{part}" if part else kind or None


def _progressed(flow: FlowState, event: LogEvent) -> FlowState:
    if event.level == "METRICS":
        return _wrote(flow, event)
    status = status_of(text(event.details, "status"))
    if status is Status.FAILED and event.level == "WARN":
        return replace(flow, attempts=flow.attempts + 1, exceptions=event.exceptions)
    return _MOVES.get(status, _stands)(replace(flow, status=status), event)


def _queued(flow: FlowState, event: LogEvent) -> FlowState:
    return replace(flow, queued_at=event.at)


def _started(flow: FlowState, event: LogEvent) -> FlowState:
    return replace(flow, started_at=flow.started_at or event.at, ended_at=None)


def _completed(flow: FlowState, event: LogEvent) -> FlowState:
    """A flow that never started had nothing to do."""
    idle = flow.technique == Status.NO_OP or flow.started_at is None
    status, version = Status.NO_OP if idle else Status.COMPLETED, number(event.details, "table_version")
    return replace(flow, status=status, ended_at=event.at, exceptions=(), version=version)


def _ended(flow: FlowState, event: LogEvent) -> FlowState:
    return replace(flow, ended_at=event.at, exceptions=event.exceptions)


def _stands(flow: FlowState, _: LogEvent) -> FlowState:
    return flow


_MOVES: Mapping[Status, Change] = {
    Status.QUEUED: _queued,
    Status.STARTING: _started,
    Status.COMPLETED: _completed,
    Status.FAILED: _ended,
    Status.SKIPPED: _ended,
    Status.STOPPED: _ended,
}


def _wrote(flow: FlowState, event: LogEvent) -> FlowState:
    """A batch: it is counted now, and its times come with Spark's own report."""
    metrics, quality = inner(event.details, "metrics"), inner(event.details, "data_quality")
    rows = total_rows([number(metrics, m) for m in _METRICS if m in metrics] or [None])
    counts = dict(flow.counts)
    for rule, count in _counted(quality):
        before = counts.get(rule, RuleCount())
        counts[rule] = None if before is None or count is None else before + count
    following = flow.batches[-1].number + 1 if flow.batches else 0
    batch = MicroBatch(following, event.at, 0.0, rows)
    return replace(
        flow,
        written=total_rows((flow.written, rows)),
        dropped=total_rows((flow.dropped, number(quality, "dropped_records"))),
        counts=counts,
        batches=(*flow.batches, batch)[-KEPT:],
    )


def _counted(quality: Object) -> Iterator[tuple[tuple[str, str], RuleCount | None]]:
    for rule in objects(quality, "expectations"):
        count = RuleCount(number(rule, "passed_records") or 0, number(rule, "failed_records") or 0)
        yield _key(rule), count
    for rule in objects(quality, "uncounted"):
        yield _key(rule), None


def _key(rule: Object) -> tuple[str, str]:
    return text(rule, "dataset") or "", text(rule, "name") or ""


def _batched(flow: FlowState, event: LogEvent) -> FlowState:
    """Spark's report of the batch that was counted last."""
    try:
        progress: Object = json.loads(text(event.details, "progress_json") or "{}")
        at = datetime.fromisoformat(progress["timestamp"])
    except (ValueError, KeyError, TypeError):
        return flow
    parts = {name: ms / 1000 for name, ms in inner(progress, "durationMs").items()}
    last = flow.batches[-1] if flow.batches else MicroBatch(0, at, 0.0)
    seconds = (number(progress, "batchDuration") or 0) / 1000
    batch = MicroBatch(progress.get("batchId", last.number), at, seconds, last.rows, parts)
    return replace(flow, batches=(*flow.batches[:-1], batch))


CHANGES: Mapping[str, Change] = {
    "flow_definition": _defined,
    "flow_progress": _progressed,
    "planning_information": _planned,
    "stream_progress": _batched,
}
