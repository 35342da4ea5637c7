"""Plans as data."""

from __future__ import annotations

from typing import Any

from weir.plan.steps import Plan


def plan_json(plan: Plan) -> list[dict[str, Any]]:
    """The steps as data: the very list that a run executes."""
    return [
        {
            "step": str(s.verb),
            "table": s.dataset,
            "flow": s.flow,
            "why": s.why,
            "after": sorted(s.after),
        }
        for s in plan.steps
    ]
