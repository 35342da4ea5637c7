"""A streaming query from its start to its end: told batch by batch, then what it did in all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, Row
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.streaming.readwriter import DataStreamWriter

from weir.model.counts import NOTHING, Counts, total, total_rows
from weir.run.flow.attempt import Batch, EmptyBatch, FlowOutcome, PreparedFlow, Tell, violation_of
from weir.run.flow.counting import Tally, view_counts
from weir.run.flow.progress import ProgressLog, has_run, only_time_passed
from weir.run.frames.quality import WatchedFrame
from weir.run.frames.stages import Stages
from weir.run.lake.world import World

FOLLOW_SECONDS = 0.5


def stream_writer(world: World, prepared: PreparedFlow, df: DataFrame) -> DataStreamWriter:
    """A stream at the flow's checkpoint: it ends when it has read what there is, or runs on an interval."""
    step = prepared.step
    checkpoint = world.storage.checkpoint(world.pipeline.name, step.flow_name, step.generation)
    named = df.writeStream.queryName(step.flow_name).option("checkpointLocation", str(checkpoint))
    if prepared.every is None:
        return named.trigger(availableNow=True)
    return named.trigger(processingTime=f"{prepared.every} seconds")


class BatchChanges(Protocol):
    """Knows what each batch of a flow of changes did to its target."""

    def next(self) -> tuple[int, int]:
        """Rows upserted and deleted by the next batch."""
        ...


class RunningStream:
    """A flow's streaming query that was started."""

    def __init__(
        self, prepared: PreparedFlow, query: StreamingQuery, tell: Tell, tally: Tally, *,
        complete: bool = False, changed: BatchChanges | None = None,
        at_end: Callable[[], str | None] = lambda: None,
    ) -> None:  # fmt: skip
        """Follow a query.

        Args:
            tally: Judges what was observed.
            complete: Each batch rewrites the table: the last one counts.
            changed: What batches did, for a flow of changes.
            at_end: Called if it ends well; gives a notice for people.
        """
        self.prepared = prepared
        self.query = query
        self.tell = tell
        self.tally = tally
        self.progress = ProgressLog(query)
        self.stages = Stages(prepared.watched.df.sparkSession, str(query.runId))
        self.complete = complete
        self.changed = changed
        self.at_end = at_end
        self.counts: Counts | None = prepared.watched.nothing()
        self.written: int | None = 0
        self.views: dict[str, Counts | None] = {}
        self.ran = False
        self.last: Any = None  # what was told of the batch before

    def wait(self) -> FlowOutcome:
        """Tell each batch as it is done, until the query ends; a query that fails gives its outcome."""
        try:
            return self._ended()
        except BaseException:
            self._stop()  # a flow that is told as failed does not go on
            raise

    def _stop(self) -> None:
        with suppress(PySparkException, Py4JError):
            self.query.stop()

    def _ended(self) -> FlowOutcome:
        error: PySparkException | None = None
        try:
            while not self.query.awaitTermination(FOLLOW_SECONDS):  # pyright: ignore[reportArgumentType]
                self._follow()
        except PySparkException as failure:
            error = failure  # what the batches before it counted is still told
        self._follow()
        notice = self.at_end() if error is None else None
        missing = None if self.ran else NOTHING
        views = view_counts((v, self.views.get(v.name, missing)) for v in self.prepared.views)
        return FlowOutcome(
            self.prepared.step, self.counts, self.written, views, error, violation_of(error),
            streamed=True, rewrites=self.complete, notice=notice,
        )  # fmt: skip

    def _follow(self) -> None:
        unseen = self.progress.new()
        if self.progress.gap:
            self.counts = self.written = None
            self.views = dict.fromkeys(v.name for v in self.prepared.views)
        for progress in unseen:
            self.tell(self._batch(progress) if has_run(progress) else EmptyBatch())
            if self._is_done(progress):
                self._stop()

    def _is_done(self, progress: Any) -> bool:
        """Has a stream that ends by itself nothing left but to wait for the time of its timers (§4.8)?"""
        before, self.last = self.last, progress
        return self.prepared.every is None and before is not None and only_time_passed(before, progress)

    def _batch(self, progress: Any) -> Batch:
        self.ran = True
        observed = _observed(progress, self.prepared.watched)
        counts, written = self.tally.own(str(self.query.id), progress.batchId, observed)
        changes = self.changed.next() if self.changed is not None else None
        written = written if changes is None else changes[0]
        self.counts = counts if self.complete else total([self.counts, counts])
        self.written = written if self.complete else total_rows([self.written, written])
        views = view_counts(self._views(progress, whole=counts is not None))
        return Batch(counts, written, views, changes, progress.json)

    def _views(self, progress: Any, *, whole: bool) -> Iterator[tuple[WatchedFrame, Counts | None]]:
        """What the views counted of a batch that was run as a whole."""
        again = bool(self.prepared.views) and self.stages.ran_again()
        moved = any(source.startOffset != source.endOffset for source in progress.sources)
        for view in self.prepared.views:
            before = self.views.get(view.name, NOTHING)
            if view.observation is not None and view.name in self.views:
                continue  # a static side: each batch reads all of it again
            observed = _observed(progress, view) if whole else None
            counts = self.tally.counts(view, observed, again=again, moved=moved)
            self.views[view.name] = total([before, counts])
            yield view, counts


def _observed(progress: Any, watched: WatchedFrame) -> Counts | None:
    row = (progress.observedMetrics or {}).get(watched.name)
    return None if row is None else watched.read(as_mapping(row))


def as_mapping(row: Any) -> Mapping[str, Any]:
    """An observed row by name; over Spark Connect it comes as values beside a schema."""
    if isinstance(row, Row):
        fields = row.asDict()
        if set(fields) == {"values", "schema"}:
            names = [f["name"] for f in fields["schema"]["fields"]]
            return dict(zip(names, fields["values"], strict=True))
        return fields
    return row
