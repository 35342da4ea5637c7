"""What rules saw, if it can be trusted: observed while rows were written, else asked again, else unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from weir.model.counts import Counts
from weir.run.flow.attempt import ViewCounts
from weir.run.frames.below import explained
from weir.run.frames.passes import Passes, passes
from weir.run.frames.quality import WatchedFrame, observed, recounted
from weir.run.frames.stages import grouped
from weir.run.lake.commits import BatchCommits


@dataclass(frozen=True, slots=True)
class BatchLog:
    """The log of the table that the batches of a stream are written to: it tells what each left there.

    Attributes:
        prefix: What the log has before the query's id, where streams share a table with other writers.
        row_by_row: Each row that is kept becomes a row there.
    """

    commits: BatchCommits
    prefix: str = ""
    row_by_row: bool = True

    def checked(self, query: str, number: int, counts: Counts | None) -> tuple[Counts | None, int | None]:
        """Counts of a batch and the rows that were written of it, each None if it is unknown.

        Where an earlier attempt has committed the batch, nothing of this one was run.
        """
        commit = self.commits.of(f"{self.prefix}{query}", number)
        if commit is None:
            return None, None
        if not self.row_by_row or commit.rows is None:
            return counts, counts.kept if counts is not None else None
        return counts if counts is not None and counts.kept == commit.rows else None, commit.rows


class Tally:
    """Judges what was observed of a query and of the views that it reads; made before it runs."""

    def __init__(self, df: DataFrame, views: Sequence[WatchedFrame], log: BatchLog | None = None) -> None:
        """Look at a query.

        Args:
            df: All that is written of it.
            views: What it reads under rules. An action of user code may have run a part of one already.
            log: Where a stream leaves its commits.
        """
        self.log = log
        names = [view.name for view in views if observed(view) is None]
        self.passes = passes(_explained(df), names) if names else {}

    def counts(
        self, view: WatchedFrame, observed: Counts | None, *, again: bool, moved: bool = True
    ) -> Counts | None:
        """What the rules of a view saw; None if that is unknown.

        Args:
            view: One of the views.
            seen: What its observation tells.
            again: Spark ran a part of the query more than once.
            moved: There may have been rows for the view.
        """
        how = Passes.UNKNOWN if again else self.passes.get(view.name, Passes.UNKNOWN)
        none = observed is not None and observed.rows == 0 and moved
        if observed is not None and (how is Passes.ONCE or (how is Passes.ALL_OR_NONE and not none)):
            return observed
        return recounted(view) if view.observation is not None else None

    def own(self, query: str, number: int, observed: Counts | None) -> tuple[Counts | None, int | None]:
        """Counts of a batch of a stream and the rows that were written of it, each None if it is unknown.

        Args:
            query: The id of the streaming query.
            number: The number of the batch.
            seen: What its observation tells.
        """
        if self.log is not None:
            return self.log.checked(query, number, observed)
        return observed, observed.kept if observed is not None else None


def _explained(df: DataFrame) -> str:
    try:
        return explained(df)
    except (PySparkException, Py4JError):  # if the query is wrong, its run says so
        return ""


def run_counted(
    df: DataFrame, views: Sequence[WatchedFrame], write: Callable[[], None]
) -> tuple[ViewCounts, ...]:
    """Write a batch, and count the views that it reads.

    Args:
        df: All that is written.
        views: What it reads under rules.
        write: Does it.
    """
    if not views:
        write()
        return ()
    tally = Tally(df, views)
    with grouped(df.sparkSession) as stages:
        write()
    again = stages.ran_again()
    return view_counts((v, tally.counts(v, observed(v), again=again)) for v in views)


def view_counts(reads: Iterable[tuple[WatchedFrame, Counts | None]]) -> tuple[ViewCounts, ...]:
    """Once per reading flow: of several reads of one view, the one that saw most rows."""
    best: dict[str, ViewCounts] = {}
    for watched, counts in reads:
        known = best.get(watched.dataset)
        if known is None or _rows(known.counts) < _rows(counts):
            best[watched.dataset] = ViewCounts(watched.dataset, watched.names, counts)
    return tuple(best.values())


def _rows(counts: Counts | None) -> int:
    return -1 if counts is None else counts.rows
