"""What each rule saw, update by update."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deltalake import DeltaTable

from weir.history.logs import ORDER, select, text_of
from weir.model.counts import RuleCount


@dataclass(frozen=True, slots=True)
class RuleHistory:
    """A rule over some updates.

    Attributes:
        counts: Update -> what it saw; None where that is unknown, no entry where its flow did not run.
    """

    dataset: str
    name: str
    counts: Mapping[str, RuleCount | None]

    @property
    def in_all(self) -> RuleCount | None:
        """All updates together; None where one of them is unknown."""
        known = [count for count in self.counts.values() if count is not None]
        return sum(known, RuleCount()) if len(known) == len(self.counts) else None

    def to_json(self, updates: Sequence[str]) -> dict[str, Any]:
        """The rule has nulls where its flow did not run, and where its count is unknown."""
        each = [{"update_id": i, **_numbers(self.counts.get(i))} for i in updates]
        return {"dataset": self.dataset, "name": self.name, "updates": each, **_numbers(self.in_all)}


def _numbers(count: RuleCount | None) -> dict[str, int | None]:
    return {"passed": count.passed, "failed": count.failed} if count else {"passed": None, "failed": None}


def rule_histories(log: DeltaTable, updates: Sequence[str]) -> list[RuleHistory]:
    """The rules of a pipeline over these updates, in the order in which the log names them."""
    listed = ", ".join(map(text_of, updates)) or "''"
    rows = select(
        log, "origin['update_id'] AS id, details",
        ["event_type = 'flow_progress'", f"origin['update_id'] IN ({listed})"], f"ORDER BY {ORDER}",
    )  # fmt: skip
    counts: dict[tuple[str, str], dict[str, RuleCount | None]] = {}
    for row in rows:
        progress: Mapping[str, Any] = json.loads(row["details"])["flow_progress"]
        quality: Mapping[str, Any] = progress.get("data_quality") or {}
        for rule, count in _counted(quality):
            by_update = counts.setdefault(rule, {})
            before = by_update.get(row["id"], RuleCount())
            by_update[row["id"]] = None if before is None or count is None else before + count
    return [RuleHistory(*rule, seen) for rule, seen in counts.items()]


def _counted(quality: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], RuleCount | None]]:
    """Dataset and rule, and the count of one batch."""
    for rule in quality.get("expectations", ()):
        yield _key(rule), RuleCount(rule["passed_records"], rule["failed_records"])
    for rule in quality.get("uncounted", ()):
        yield _key(rule), None


def _key(rule: Mapping[str, str]) -> tuple[str, str]:
    return rule["dataset"], rule["name"]
