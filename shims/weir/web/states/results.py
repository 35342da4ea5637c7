"""What became of a dataset, from its flows and from those that counted its rules: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from weir.model.counts import total_rows
from weir.web.states.state import DatasetState, FlowState, RuleState
from weir.web.states.status import Status

_FIRST = (
    Status.FAILED,
    Status.SKIPPED,
    Status.RUNNING,
    Status.STARTING,
    Status.IDLE,
    Status.STOPPED,
    Status.UNKNOWN,
)
_OF_CHANGES = frozenset({"CHANGE", "SNAPSHOT_CHANGE"})


def settled(dataset: DatasetState, counting: Sequence[FlowState]) -> DatasetState:
    """A dataset with what its flows have come to.

    Args:
        counting: The flows that counted its rules: its own, of a view those that read it.
    """
    flows, rules = dataset.flows, tuple(_counted(r, dataset.name, counting) for r in dataset.rules)
    if dataset.kind == "view":
        read = [_reached(flow, dataset.name) for flow in counting]
        known = [rows for rows in read if rows is not None]
        rows = max(known) if known and len(known) == len(read) else None
        return replace(dataset, rules=rules, rows=rows)
    return replace(
        dataset, rules=rules, status=_status([f.status for f in flows]),
        written=total_rows(f.written for f in flows), dropped=total_rows(f.dropped for f in flows),
        rows=total_rows(_rows_in(f) for f in flows), comment=dataset.comment or _comment(flows),
    )  # fmt: skip


def _counted(rule: RuleState, dataset: str, counting: Iterable[FlowState]) -> RuleState:
    key = (dataset, rule.name)
    return replace(rule, by_flow={f.name: f.counts[key] for f in counting if key in f.counts})


def _reached(flow: FlowState, dataset: str) -> int | None:
    """The rows of a dataset that a flow counted; all rules see the same ones."""
    counts = [count for (name, _), count in flow.counts.items() if name == dataset]
    return None if None in counts else max(c.passed + c.failed for c in counts if c is not None)


def _rows_in(flow: FlowState) -> int | None:
    """The rows that reached the rules of its target; changes are not rows of the table."""
    if any(name == flow.dataset for name, _ in flow.counts):
        return _reached(flow, flow.dataset)
    return None if flow.type in _OF_CHANGES and flow.written != 0 else flow.written


def _status(flows: Sequence[Status]) -> Status:
    """Where the dataset stands whose flows stand there."""
    first = next((s for s in _FIRST if s in flows), None)
    if first is not None:
        return first
    kinds = set(flows) - {Status.NO_OP} or set(flows)
    if len(kinds) > 1:  # some have completed, others wait
        return Status.RUNNING
    return kinds.pop() if kinds else Status.DEFINED


def _comment(flows: Iterable[FlowState]) -> str | None:
    return next((f.comment for f in flows if f.comment), None)
