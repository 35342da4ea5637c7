"""What a streaming query reports of its batches, from one look to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Reports(Protocol):
    """What is asked of a query: Spark makes each report anew from JSON, the last one or all that it keeps."""

    @property
    def lastProgress(self) -> Any:  # noqa: N802 - Spark's name
        """The last one; None before the first."""
        ...

    @property
    def recentProgress(self) -> Sequence[Any]:  # noqa: N802 - Spark's name
        """All that are kept, oldest first."""
        ...


class ProgressLog:
    """The reports of a query that were not seen yet."""

    def __init__(self, query: Reports) -> None:
        self._query = query
        self._last: Any = None
        self.gap = False  # before the last look: Spark keeps a number of them, and some are gone

    def new(self) -> Sequence[Any]:
        """Those since the last look; a look of the query that found nothing may be left out."""
        self.gap = False
        latest = self._query.lastProgress
        if latest is None or (self._last is not None and _number(latest) == _number(self._last)):
            return ()
        unseen = [latest] if self._is_next(latest) else self._unseen()
        self._last = unseen[-1]
        return unseen

    def _is_next(self, latest: Any) -> bool:
        """Was no other batch run since the last report?"""
        return self._last is not None and _batches(latest) - _batches(self._last) <= has_run(latest)

    def _unseen(self) -> Sequence[Any]:
        recent = list(self._query.recentProgress)
        numbers = [_number(report) for report in recent]
        if self._last is None:
            return recent
        if _number(self._last) not in numbers:
            self.gap = True
            return recent
        return recent[numbers.index(_number(self._last)) + 1 :]


def has_run(report: Any) -> bool:
    """Did a batch run, or was it a look that found nothing?"""
    return "addBatch" in report.durationMs


def only_time_passed(before: Any, last: Any) -> bool:
    """Did a batch run for timers alone, with nothing new and no later watermark? More would follow."""
    moved = any(source.startOffset != source.endOffset for source in last.sources)
    same_watermark = before.eventTime.get("watermark") == last.eventTime.get("watermark")
    return has_run(before) and has_run(last) and not moved and same_watermark


def _batches(report: Any) -> int:
    """How many batches have run: a look that found nothing has the number of the batch that comes next."""
    return report.batchId + has_run(report)


def _number(report: Any) -> tuple[int, str]:
    """Tells a report from all others of its query."""
    return report.batchId, report.timestamp
