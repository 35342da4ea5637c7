"""A streaming query from its start to its end, and what its micro-batches counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, Row
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.streaming.readwriter import DataStreamWriter

from weir.plan.steps import Step
from weir.run.attempt import FlowOutcome, Prepared, ViewCounts, violation_of
from weir.run.quality import Counts, Watched
from weir.run.reader import World


def stream_writer(world: World, step: Step, df: DataFrame) -> DataStreamWriter:
    """A stream at the flow's checkpoint that ends when it has read what there is."""
    checkpoint = world.storage.checkpoint(world.pipeline.name, step.flow_name, step.generation)
    named = df.writeStream.queryName(step.flow_name).option("checkpointLocation", str(checkpoint))
    return named.trigger(availableNow=True)


def streamed(prepared: Prepared, query: StreamingQuery, *, complete: bool = False) -> FlowOutcome:
    """Wait for a query to end; what it counted before a failure is part of the outcome."""
    error: PySparkException | None = None
    try:
        query.awaitTermination()
    except PySparkException as failure:
        error = failure  # what the batches before it counted is still told
    progress: list[Any] = list(query.recentProgress)
    batches = _progress_counts(progress, prepared.watched)
    if complete:
        batches = batches[-1:]  # each batch rewrites the table
    counts = sum(batches, prepared.watched.nothing())
    views = view_counts((v, _stream_view_counts(v, _progress_counts(progress, v))) for v in prepared.views)
    return FlowOutcome(
        prepared.step, counts, counts.rows - counts.dropped, views, error, violation_of(error),
        tuple(batches), progress=tuple(p.json for p in progress),
    )  # fmt: skip


def _stream_view_counts(view: Watched, batches: list[Counts]) -> Counts | None:
    if view.observation is not None:
        return batches[-1] if batches else None  # a static side: each batch reads all of it again
    return sum(batches, view.nothing())


def _progress_counts(progress: Iterable[Any], watched: Watched) -> list[Counts]:
    """The counts of each micro-batch that moved rows."""
    found: list[Counts] = []
    for batch in progress:
        row = (batch.observedMetrics or {}).get(watched.name)
        if row is not None:
            found.append(watched.read(as_mapping(row)))
    return found


def as_mapping(row: Any) -> Mapping[str, Any]:
    """An observed row by name; over Spark Connect it comes as values beside a schema."""
    if isinstance(row, Row):
        fields = row.asDict()
        if set(fields) == {"values", "schema"}:
            names = [f["name"] for f in fields["schema"]["fields"]]
            return dict(zip(names, fields["values"], strict=True))
        return fields
    return row


def view_counts(found: Iterable[tuple[Watched, Counts | None]]) -> tuple[ViewCounts, ...]:
    """Once per reading flow: of several reads of one view, the one that saw most rows."""
    best: dict[str, ViewCounts] = {}
    for watched, seen in found:
        known = best.get(watched.dataset)
        counts = seen or watched.nothing()
        if known is None or known.counts.rows < counts.rows:
            best[watched.dataset] = ViewCounts(watched.dataset, watched.rules, counts)
    return tuple(best.values())
