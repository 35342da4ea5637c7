"""One flow: its function is called on the real tables, then its rows are counted, checked and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, Row

from weir.graph.analysis import ResolvedDataset
from weir.model.definitions import Dataset, Expectation, Flow
from weir.plan.steps import Step, Verb
from weir.run import schemas
from weir.run.plans import output_mode
from weir.run.quality import Counts, Violation, Watched, observed, violation, watch
from weir.run.reader import Call, World, session_conf
from weir.run.storage import once_app, open_table
from weir.run.unchanged import Refresh, refresh_of


@dataclass(frozen=True)
class Prepared:
    """A flow whose function was called: ready to run in any thread."""

    step: Step
    dataset: ResolvedDataset
    watched: Watched
    views: tuple[Watched, ...]
    temp_views: tuple[str, ...]
    refresh: Refresh | None


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
    progress: tuple[str, ...] = ()


class TableFrames:
    """Frames over the tables as they are now."""

    def __init__(self, world: World, flow: str) -> None:
        self.world = world
        self.flow = flow
        self.reads = 0

    def table(self, dataset: Dataset, spark_reader: Any, *, stream: bool) -> DataFrame:
        """A table through the user's own reader, so that its options count."""
        del stream  # the reader object knows
        return spark_reader.format("delta").load(str(self.world.storage.table(dataset.name)))

    def view(self, dataset: Dataset) -> None:
        """Views are inlined."""

    def watch(self, df: DataFrame, dataset: Dataset) -> Watched | None:
        """A view's rules are counted for the flow that reads it (specification §2.5)."""
        if not dataset.expectations:
            return None
        self.reads += 1
        name = f"{dataset.name}|{self.flow}|{self.reads}"
        return watch(df, dataset.expectations, dataset.name, name)


def prepare(world: World, step: Step, dataset: ResolvedDataset, flow: Flow) -> Prepared:
    """Call a flow's function on the real tables and put the result under its rules.

    Raises:
        Exception: Whatever user code raises.
        WeirError: It returned no frame.
    """
    call = Call(world, TableFrames(world, flow.name), flow)
    with session_conf(world.session, flow.spark_conf):
        df = call.run()
        watched = watch(df, dataset.dataset.expectations, dataset.name, flow.name)
        refresh = refresh_of(call, step, dataset, watched)
    return Prepared(step, dataset, watched, tuple(call.watched), tuple(call.views), refresh)


def execute(world: World, prepared: Prepared) -> FlowOutcome:
    """Run a prepared flow to its end; a failure is part of the outcome."""
    try:
        if prepared.watched.df.isStreaming:
            return _stream(world, prepared)
        return _batch(world, prepared)
    except (PySparkException, Py4JError, OSError) as error:
        return FlowOutcome(prepared.step, error=error, violation=violation_of(error))


def _batch(world: World, prepared: Prepared) -> FlowOutcome:
    step, dataset = prepared.step, prepared.dataset
    path = str(world.storage.table(dataset.name))
    if step.verb is Verb.ONCE:
        writer = prepared.watched.df.write.format("delta").mode("append")
        writer = writer.option("txnAppId", once_app(step.flow_name, step.generation))
        writer.option("txnVersion", "0").save(path)
    else:
        _overwrite(world, prepared, path)
    counts = observed(prepared.watched)
    if counts is None:
        written = _rows_of_last_commit(path)
        counts = Counts(written, 0, prepared.watched.nothing().rules)
    views = _view_counts((v, observed(v)) for v in prepared.views)
    return FlowOutcome(step, counts, counts.rows - counts.dropped, views, batches=(counts,))


def _overwrite(world: World, prepared: Prepared, path: str) -> None:
    """Replace a materialized view in one commit; its id and readers survive."""
    df, definition = prepared.watched.df, prepared.dataset.dataset
    state = world.storage.state(prepared.dataset.name)
    wanted = schemas.declared(definition.schema)
    produced = wanted or schemas.union([df.schema])
    same = state is not None and schemas.same_columns(schemas.from_json(state.schema_json), produced)
    if state is not None and not same and wanted is not None:
        df = df.to(wanted)
    writer = df.write.format("delta").mode("overwrite")
    if not same:
        # An existing table keeps its layout: a generated partition column is not in the frame.
        writer = writer.option("overwriteSchema", "true").partitionBy(*definition.partition_cols)
    if prepared.refresh is not None and prepared.refresh.record:
        writer = writer.option("userMetadata", prepared.refresh.record)
    writer.save(path)


def _stream(world: World, prepared: Prepared) -> FlowOutcome:
    step, dataset = prepared.step, prepared.dataset
    df = prepared.watched.df
    complete = step.verb is Verb.COMPLETE or (step.verb is Verb.REFRESH and output_mode(df) == "complete")
    checkpoint = world.storage.checkpoint(world.pipeline.name, step.flow_name, step.generation)
    writer = (
        df.writeStream.queryName(step.flow_name)
        .outputMode("complete" if complete else "append")
        .option("checkpointLocation", str(checkpoint))
        .trigger(availableNow=True)
    )
    path = str(world.storage.table(dataset.name))
    if has_generated_columns(dataset.schema) and not complete:
        query = writer.foreachBatch(_append_batch(path, once_app(step.flow_name, step.generation))).start()
    else:
        query = writer.format("delta").start(path)
    error: PySparkException | None = None
    try:
        query.awaitTermination()
    except PySparkException as failure:
        error = failure  # what the batches before it counted is still told
    return _streamed(prepared, query.recentProgress, complete, error)


def has_generated_columns(schema: Any) -> bool:
    """Delta plans such a batch anew, and the counts of the plan that Spark watches stay zero."""
    return any(schemas.GENERATION_EXPRESSION in (f.metadata or {}) for f in schema or ())


def _append_batch(path: str, app: str) -> Callable[[DataFrame, int], None]:
    """Append a micro-batch once: Delta ignores a batch number that it has seen from this flow."""

    def append(batch: DataFrame, number: int) -> None:
        writer = batch.write.format("delta").mode("append").option("txnAppId", app)
        writer.option("txnVersion", str(number)).save(path)

    return append


def _streamed(
    prepared: Prepared, progress: list[Any], complete: bool, error: BaseException | None
) -> FlowOutcome:
    batches = _progress_counts(progress, prepared.watched)
    if complete:
        batches = batches[-1:]  # each batch rewrites the table
    counts = sum(batches, prepared.watched.nothing())
    views = _view_counts((v, _stream_view_counts(v, _progress_counts(progress, v))) for v in prepared.views)
    return FlowOutcome(
        prepared.step, counts, counts.rows - counts.dropped, views, error, violation_of(error),
        tuple(batches), tuple(p.json for p in progress),
    )  # fmt: skip


def violation_of(error: BaseException | None) -> Violation | None:
    """The broken fail rules behind an error, if it comes of some."""
    return violation(error_text(error)) if error else None


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


def _view_counts(found: Iterable[tuple[Watched, Counts | None]]) -> tuple[ViewCounts, ...]:
    """Once per reading flow: of several reads of one view, the one that saw most rows."""
    best: dict[str, ViewCounts] = {}
    for watched, seen in found:
        known = best.get(watched.dataset)
        counts = seen or watched.nothing()
        if known is None or known.counts.rows < counts.rows:
            best[watched.dataset] = ViewCounts(watched.dataset, watched.rules, counts)
    return tuple(best.values())


def _rows_of_last_commit(path: str) -> int:
    table = open_table(Path(path))
    history = table.history(1) if table else []
    metrics = history[0].get("operationMetrics", {}) if history else {}
    return int(metrics.get("numOutputRows", 0))


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
