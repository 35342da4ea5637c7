"""Plans as data."""

from __future__ import annotations

from typing import Any

from weir.model.refresh import RefreshDecision, RefreshInput
from weir.plan.steps import Plan, Step


def plan_json(plan: Plan) -> list[dict[str, Any]]:
    """The steps as data: the very list that a run executes."""
    return [
        {
            "step": str(s.verb),
            "table": s.dataset,
            "flow": s.flow,
            "why": s.why,
            "after": sorted(s.after),
            "refresh": _refresh_json(s.refresh) if isinstance(s, Step) and s.refresh else None,
        }
        for s in plan.steps
    ]


def _refresh_json(refresh: RefreshDecision) -> dict[str, Any]:
    inputs = [_input_json(i) for i in refresh.inputs]
    return {"technique": refresh.technique, "issue": refresh.issue, "inputs": inputs}


def _input_json(read: RefreshInput) -> dict[str, Any]:
    """A table, the version that the last refresh read, and the one that is there now."""
    now = read.now.version if read.now else None
    return {"table": read.before.table, "before": read.before.version, "now": now, "written": read.written}
