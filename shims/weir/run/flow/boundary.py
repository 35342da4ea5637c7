"""The boundary around a flow: whatever is raised within is the outcome of that flow alone."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from deltalake.exceptions import DeltaError
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError
from weir.plan.steps import Step
from weir.run.flow.attempt import FlowOutcome, call_failed, violation_of
from weir.run.flow.counting import view_counts
from weir.run.frames.quality import WatchedFrame

Result = TypeVar("Result")
IN_WORDS = (PySparkException, Py4JError, OSError, DeltaError, WeirError)


@dataclass(frozen=True, slots=True)
class Failure:
    """What was raised within the boundary."""

    error: BaseException

    def before_rows(self, step: Step) -> FlowOutcome:
        """The outcome of a flow that it ended before a row was read."""
        return FlowOutcome(step, error=self.error, violation=violation_of(self.error))

    def among_rows(self, step: Step, views: tuple[WatchedFrame, ...], *, all_or_nothing: bool) -> FlowOutcome:
        """The outcome of a flow that it ended after rows were read, which nobody counted.

        Args:
            views: The views that the flow read.
            all_or_nothing: A write that fails leaves no row behind.
        """
        counts = view_counts((view, None) for view in views)
        written = 0 if all_or_nothing else None
        return FlowOutcome(step, None, written, counts, self.error, violation_of(self.error))


def within(name: str, work: Callable[[], Result], users: Origin | None = None) -> Result | Failure:
    """Do a part of the work on a flow or table; a failure is a value.

    Args:
        users: Where the function is defined that the work calls; None if it calls no code of the user's.

    Raises:
        KeyboardInterrupt: Somebody asked a second time for the end of everything.
    """
    try:
        return work()
    except WeirError as error:
        return Failure(error)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise
        if users is not None:
            return Failure(call_failed(error, users))
        return Failure(in_words(name, error))


def in_words(name: str, error: BaseException) -> BaseException:
    """An error that says what went wrong; one that only we would understand says so."""
    if isinstance(error, IN_WORDS):
        return error
    what = f"`{name}` ended with an unexpected error: {type(error).__name__}: {error}"
    lines = "".join(traceback.format_exception(error))
    return WeirError(
        Problem("INTERNAL_ERROR", what, None, "report it to the authors of Weir, with Spark's log", lines)
    )
