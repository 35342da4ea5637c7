"""Each batch of a stream is told once, and all that Spark keeps is read only where that is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from weir.run.flow.progress import ProgressLog, only_time_passed


@dataclass(frozen=True)
class Source:
    startOffset: str  # noqa: N815 - Spark's names
    endOffset: str  # noqa: N815


@dataclass(frozen=True)
class Report:
    batchId: int  # noqa: N815 - Spark's names
    timestamp: str
    ran: bool = True
    sources: tuple[Source, ...] = ()
    eventTime: Mapping[str, str] = field(default_factory=dict[str, str])  # noqa: N815

    @property
    def durationMs(self):  # noqa: N802
        return {"addBatch": 1, "triggerExecution": 2} if self.ran else {"triggerExecution": 1}


@dataclass
class Query:
    """Reports as they come; `whole` counts how often all were read."""

    kept: int = 100
    reports: list[Report] = field(default_factory=list)
    whole: int = 0

    @property
    def lastProgress(self):  # noqa: N802
        return self.reports[-1] if self.reports else None

    @property
    def recentProgress(self):  # noqa: N802
        self.whole += 1
        return self.reports[-self.kept :]


def looks(*portions, kept=100):
    """What each look gives, of reports that come in portions; the log and the query."""
    query = Query(kept)
    log, told = ProgressLog(query), []
    for portion in portions:
        query.reports += portion
        told.append([(r.batchId, r.timestamp) for r in log.new()])
    return told, log, query


def test_nothing_new_is_told_of_a_query_that_has_reported_nothing_since():
    told, _, query = looks([], [Report(0, "a")], [], [])
    assert (told, query.whole) == ([[], [(0, "a")], [], []], 1)


def test_one_batch_after_the_other_is_read_alone():
    told, _, query = looks([Report(7, "a")], [Report(8, "b")], [Report(9, "c")])
    assert (told, query.whole) == ([[(7, "a")], [(8, "b")], [(9, "c")]], 1)


def test_looks_that_found_nothing_are_passed_over():
    idle = Report(1, "b", ran=False)
    told, _, query = looks([Report(0, "a")], [idle, Report(1, "c")], [Report(2, "d", ran=False)])
    assert (told, query.whole) == ([[(0, "a")], [(1, "c")], [(2, "d")]], 1)


def test_batches_between_two_looks_are_all_told():
    told, log, query = looks([Report(0, "a")], [Report(1, "b"), Report(2, "c", ran=False)],
                             [Report(2, "d"), Report(3, "e"), Report(4, "f")])  # fmt: skip
    assert (told, query.whole, log.gap) == (
        [[(0, "a")], [(1, "b"), (2, "c")], [(2, "d"), (3, "e"), (4, "f")]], 3, False,
    )  # fmt: skip


def test_reports_that_are_gone_are_a_gap():
    told, log, _ = looks([Report(0, "a")], [Report(n, str(n)) for n in range(1, 9)], kept=3)
    assert (told[1], log.gap) == ([(6, "6"), (7, "7"), (8, "8")], True)


def test_a_batch_with_nothing_new_and_the_same_watermark_was_run_for_timers_alone():
    new, old = (Source("1", "2"),), (Source("2", "2"),)
    early, late = {"watermark": "10:00"}, {"watermark": "11:00"}
    first = Report(0, "a", sources=new, eventTime=early)
    cases = [
        Report(1, "b", sources=old, eventTime=early), Report(1, "b", sources=old, eventTime=late),
        Report(1, "b", sources=(*old, *new), eventTime=early),
        Report(1, "b", ran=False, sources=old, eventTime=early),
    ]  # fmt: skip
    assert [only_time_passed(first, last) for last in cases] == [True, False, False, False]
    assert not only_time_passed(Report(0, "a", ran=False), Report(0, "b", sources=old))
