"""What an update did, as `weir run --json` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from weir.model.definitions import Action, DatasetKind


class State(StrEnum):
    """How a dataset or an update ended."""

    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    EXCLUDED = "EXCLUDED"
    NO_OP = "NO_OP"
    STOPPED = "STOPPED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What a rule saw; no counts for `fail` rules, as Databricks records none (specification §2.4).

    Attributes:
        passed: None for a `fail` rule, and where the count is unknown.
        failed: As `passed`.
        reader: The flow that read the view, for a view's rule.
    """

    name: str
    condition: str
    action: str
    passed: int | None
    failed: int | None
    reader: str | None = None

    @property
    def uncounted(self) -> bool:
        """Is its count unknown, though it is a rule that is counted?"""
        return self.passed is None and self.action != Action.FAIL

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints for it."""
        return {
            "name": self.name,
            "condition": self.condition,
            "action": self.action,
            "passed": self.passed,
            "failed": self.failed,
            "reader": self.reader,
        }


@dataclass(frozen=True, slots=True)
class DatasetResult:
    """What happened to a dataset.

    Attributes:
        rows_in: Rows that reached the rules; None if their number is unknown.
        rows_written: None for views, and if it is unknown.
        rows_dropped: Rows that failed at least one drop rule, once each; None if it is unknown.
        expectation_failed: A `fail` rule stopped a flow.
        violations: Flow -> the `fail` rules, its own and those of views, that stopped it.
    """

    name: str
    kind: str
    state: State
    rows_in: int | None = None
    rows_written: int | None = None
    rows_dropped: int | None = None
    seconds: float = 0.0
    expectations: tuple[RuleResult, ...] = ()
    error: str | None = None
    expectation_failed: bool = False
    violations: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def moved(self) -> bool:
        """Is this the end of flows that ran: a number that is missing is unknown?"""
        return self.kind != DatasetKind.VIEW and self.state in {State.COMPLETED, State.FAILED, State.STOPPED}

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints for it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "state": str(self.state),
            "rows_in": self.rows_in,
            "rows_written": self.rows_written,
            "rows_dropped": self.rows_dropped,
            "seconds": round(self.seconds, 3),
            "expectations": [e.to_json() for e in self.expectations],
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What one update did.

    Attributes:
        signal: What canceled it, where that was not the way to end it.
    """

    update_id: str
    pipeline: str
    state: State
    seconds: float
    datasets: tuple[DatasetResult, ...]
    signal: int | None = None

    @property
    def exit_code(self) -> int:
        """0 ok, 1 a flow failed, 3 an expectation stopped a flow, which wins over 1; 128 + the signal."""
        if any(d.expectation_failed for d in self.datasets):
            return 3
        if self.state is State.CANCELED:
            return 128 + self.signal if self.signal else 0
        return 0 if self.state is State.COMPLETED else 1

    def by_name(self) -> Mapping[str, DatasetResult]:
        """The datasets by their names."""
        return {d.name: d for d in self.datasets}

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints for it."""
        return {
            "update_id": self.update_id,
            "pipeline": self.pipeline,
            "state": str(self.state),
            "seconds": round(self.seconds, 3),
            "datasets": [d.to_json() for d in self.datasets],
        }
