"""The plan of an update, kept beside its events: why each table was left, appended to, or made anew."""

from __future__ import annotations

import json

from weir.plan.outline import Outline
from weir.run.lake.storage import Storage
from weir.run.listeners.listener import Listener

KEPT = 100  # plans of a pipeline: those of older updates go


class PlanFile(Listener):
    """Writes the plan as `weir plan --json` prints it."""

    def __init__(self, storage: Storage, pipeline: str, update_id: str) -> None:
        """Nothing is written yet."""
        self._pipeline = pipeline
        self._file = storage.plan(pipeline, update_id)

    def planned(self, outline: Outline) -> None:
        """Write it, whole or not at all, and forget the oldest."""
        content = {"pipeline": self._pipeline, "steps": outline.steps, "notices": outline.notices}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(self._file)
        plans = sorted(self._file.parent.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        for file in plans[:-KEPT]:
            file.unlink(missing_ok=True)
