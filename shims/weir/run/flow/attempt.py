"""One attempt at a flow, as values: what goes into it, what comes out, and what an error says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from weir.graph.analysis import ResolvedSink, ResolvedTable
from weir.model.blame import user_problem
from weir.model.counts import NOTHING, Counts, total, total_rows
from weir.model.definitions import Flow, Sink
from weir.model.origin import Origin
from weir.model.problems import WeirError
from weir.model.tracebacks import Cause, causes_in, has_traceback, without_state
from weir.plan.steps import Step, Verb
from weir.run.code.call import FlowCall
from weir.run.flow.unchanged import Refresh
from weir.run.frames.quality import Violation, WatchedFrame, violation

_OF_SPARK = re.compile(r"\[([A-Z][A-Z0-9_.]*)\] (.*)")


@dataclass(frozen=True)
class PreparedFlow:
    """A flow whose function was called: ready to run in any thread.

    Attributes:
        every: Seconds between the micro-batches of a stream that does not end by itself.
        side_by_side: Other flows into the same table may run meanwhile.
    """

    step: Step
    dataset: ResolvedTable | ResolvedSink
    watched: WatchedFrame
    views: tuple[WatchedFrame, ...]
    flow: Flow
    call: FlowCall
    refresh: Refresh | None
    every: int | None = None
    side_by_side: bool = False

    @property
    def streams(self) -> bool:
        """Is it a stream?"""
        return self.watched.df.isStreaming

    @property
    def sink(self) -> Sink | None:
        """Where the rows go, if not into a table."""
        return self.dataset.dataset if isinstance(self.dataset, ResolvedSink) else None


@dataclass(frozen=True, slots=True)
class ViewCounts:
    """What the rules of an inlined view saw.

    Attributes:
        rules: The names of the rules that are counted.
        counts: None if they are unknown.
    """

    view: str
    rules: tuple[str, ...]
    counts: Counts | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one micro-batch, or one batch write, moved.

    Attributes:
        counts: What the rules of the table saw; None if that is unknown.
        written: Rows that were written; None if their number is unknown.
        changes: Rows upserted and deleted, for a flow of changes.
        progress: Spark's JSON of a micro-batch.
    """

    counts: Counts | None
    written: int | None
    views: tuple[ViewCounts, ...] = ()
    changes: tuple[int, int] | None = None
    progress: str | None = None


@dataclass(frozen=True, slots=True)
class EmptyBatch:
    """A look of a stream at its sources that found nothing."""


Tell = Callable[[Batch | EmptyBatch], None]


@dataclass(frozen=True, slots=True)
class FlowOutcome:
    """What a flow did, from its start to its end.

    Attributes:
        counts: What the rules of the table saw; None if that is unknown.
        written: Rows that were written; None if their number is unknown.
        streamed: It would have gone on where there was more to read.
        rewrites: It writes its table anew.
        notice: A sentence for people about what went wrong after its rows were written.
    """

    step: Step
    counts: Counts | None = NOTHING
    written: int | None = 0
    views: tuple[ViewCounts, ...] = ()
    error: BaseException | None = None
    violation: Violation | None = None
    streamed: bool = False
    rewrites: bool = False
    notice: str | None = None

    def then(self, later: FlowOutcome) -> FlowOutcome:
        """Two runs of a flow as one: rows that are appended add up, a write that failed left none."""
        if later.step.verb is Verb.SKIP:
            return replace(self, error=None, violation=None)
        if later.rewrites or (self.error is not None and not self.streamed):
            return later
        counts, written = total([self.counts, later.counts]), total_rows([self.written, later.written])
        return replace(later, counts=counts, written=written, views=both(self.views, later.views))


def both(one: Iterable[ViewCounts], other: Iterable[ViewCounts]) -> tuple[ViewCounts, ...]:
    """What two runs of a flow counted of its views."""
    counts: dict[str, ViewCounts] = {}
    for view in (*one, *other):
        known = counts.get(view.view)
        counts[view.view] = replace(view, counts=total([known.counts, view.counts])) if known else view
    return tuple(counts.values())


def call_failed(error: BaseException, origin: Origin) -> WeirError:
    """What a query function raised that was called on the real tables, as a problem with Spark's condition.

    Args:
        origin: The place that is told where no line of the user's raised it.
    """
    problem, causes = user_problem("QUERY_FUNCTION_FAILED", error, origin), causes_of(error)
    matches = (_OF_SPARK.match(cause.message) for cause in reversed(causes))
    if (match := next(filter(None, matches), None)) and not any(cause.python for cause in causes):
        problem = replace(problem, condition=match[1], message=without_state(match[2]), detail=None)
    failed = WeirError(problem)
    failed.__cause__ = error
    return failed


def violation_of(error: BaseException | None) -> Violation | None:
    """The broken fail rules behind an error, if it comes of some."""
    return violation(error_text(error)) if error else None


def error_text(error: BaseException) -> str:
    """The messages of an error and of its Java causes: a stream's own message shows the plan first."""
    return "\n".join(message for _, message in error_chain(error))


def error_chain(error: BaseException) -> tuple[tuple[str, str], ...]:
    """Class and message of an error and its causes, outermost first."""
    return tuple((cause.name, cause.message) for cause in causes_of(error))


def causes_of(error: BaseException) -> tuple[Cause, ...]:
    """An error and its causes, outermost first: Java's, and those that stand in a message as tracebacks."""
    causes = [Cause(type(error).__name__, str(error))]
    java: Any = getattr(error, "_origin", None) or getattr(error, "java_exception", None)
    while java is not None:
        causes.append(Cause(java.getClass().getName(), java.getMessage() or ""))
        java = java.getCause()
    printed = [n for n, cause in enumerate(causes) if has_traceback(cause.message)]
    if printed:  # those further out repeat it
        causes[printed[-1] + 1 : printed[-1] + 1] = causes_in(causes[printed[-1]].message)
    return tuple(causes)
