"""One attempt at a flow, as values: what goes into it, what comes out, and what an error says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from weir.graph.analysis import ResolvedDataset
from weir.model.definitions import Expectation, Flow, Sink
from weir.plan.steps import Step
from weir.run.quality import Counts, Violation, Watched, violation
from weir.run.reader import Call
from weir.run.unchanged import Refresh


@dataclass(frozen=True)
class Prepared:
    """A flow whose function was called: ready to run in any thread."""

    step: Step
    dataset: ResolvedDataset
    watched: Watched
    views: tuple[Watched, ...]
    temp_views: tuple[str, ...]
    flow: Flow
    call: Call
    refresh: Refresh | None

    @property
    def sink(self) -> Sink | None:
        """Where the rows go, if not into a table."""
        return self.dataset.dataset.sink


@dataclass(frozen=True, slots=True)
class ViewCounts:
    """What the rules of an inlined view saw."""

    view: str
    rules: tuple[Expectation, ...]
    counts: Counts


@dataclass(frozen=True, slots=True)
class FlowOutcome:
    """What a flow did.

    Attributes:
        progress: Spark's JSON of each micro-batch.
    """

    step: Step
    counts: Counts | None = None
    written: int = 0
    views: tuple[ViewCounts, ...] = ()
    error: BaseException | None = None
    violation: Violation | None = None
    batches: tuple[Counts, ...] = field(default_factory=tuple)
    changes: tuple[tuple[int, int], ...] | None = None
    progress: tuple[str, ...] = ()


def violation_of(error: BaseException | None) -> Violation | None:
    """The broken fail rules behind an error, if it comes of some."""
    return violation(error_text(error)) if error else None


def error_text(error: BaseException) -> str:
    """The messages of an error and of its Java causes: a stream's own message shows the plan first."""
    return "\n".join(message for _, message in error_chain(error))


def error_chain(error: BaseException) -> tuple[tuple[str, str], ...]:
    """Class and message of an error and its causes, outermost first."""
    found = [(type(error).__name__, str(error))]
    cause: Any = getattr(error, "_origin", None) or getattr(error, "java_exception", None)
    while cause is not None:
        found.append((cause.getClass().getName(), str(cause.getMessage())))
        cause = cause.getCause()
    return tuple(found)
