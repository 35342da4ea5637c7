"""One flow: its function is called on the real tables, then its rows are counted, checked and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, DataFrameWriter
from pyspark.sql.types import StructType

from weir.graph.analysis import ResolvedSink, ResolvedTable
from weir.graph.validate import batch_into_sink
from weir.model.definitions import AutoCdcFlow, Flow, OnceFlow, Sink, Table, UpdateFlow, View, gives_versions
from weir.model.names import fold
from weir.model.problems import WeirError
from weir.plan.steps import Step, Verb
from weir.run.code.call import FlowCall, KnownView
from weir.run.code.delta_streams import beginning
from weir.run.code.session_conf import session_conf
from weir.run.files.source import Memory
from weir.run.flow import sinks
from weir.run.flow.alterations import constraining
from weir.run.flow.attempt import Batch, FlowOutcome, PreparedFlow, Tell
from weir.run.flow.changes.run import apply_changes
from weir.run.flow.checkpoints import app_of, refuse_older
from weir.run.flow.counting import BatchLog, Tally, run_counted
from weir.run.flow.streams import RunningStream, stream_writer
from weir.run.flow.tables import Tables
from weir.run.flow.unchanged import refresh_of
from weir.run.frames import schemas
from weir.run.frames.below import output_mode
from weir.run.frames.fit import fitted
from weir.run.frames.quality import WatchedFrame, observed, recounted, watch
from weir.run.frames.trials import tried
from weir.run.lake.commits import BatchCommits, newest_version
from weir.run.lake.overwrite import overwriting
from weir.run.lake.paths import delta_at
from weir.run.lake.storage import application_of, open_table
from weir.run.lake.world import World


class TableFrames:
    """Frames over the tables as they are now."""

    def __init__(self, world: World, flow: str, memory: Memory | None = None) -> None:
        self.world = world
        self.flow = flow
        self.files = memory or Memory()
        self.reads = 0

    def table(self, dataset: Table, spark_reader: Any, *, stream: bool) -> DataFrame:
        """A table through the user's own reader, so that its options count."""
        folder = self.world.storage.table(dataset.name)
        if stream:
            spark_reader = beginning(self.world.session, spark_reader, folder)
        return spark_reader.format("delta").load(str(folder))

    def other(self, name: str, spark_reader: Any, *, stream: bool) -> DataFrame | None:
        """Read as it is."""

    def view(self, dataset: View, reader: Flow, *, stream: bool) -> KnownView | None:
        """Views are inlined."""

    def watch(self, df: DataFrame, dataset: View) -> WatchedFrame | None:
        """A view's rules are counted for the flow that reads it (specification §2.5)."""
        if not dataset.expectations:
            return None
        self.reads += 1
        name = f"{dataset.name}|{self.flow}|{self.reads}"
        return watch(df, dataset.expectations, dataset.name, name)

    def memory(self, flow: Flow) -> Memory:
        """What is known of files lies beside the checkpoint of the flow."""
        del flow
        return self.files


Settle = Callable[[FlowCall, DataFrame, Step, ResolvedTable], ResolvedTable]


def prepare(
    world: World, step: Step, dataset: ResolvedTable | ResolvedSink, flow: Flow, settle: Settle,
    *, endless: bool = False,
) -> PreparedFlow:  # fmt: skip
    """Call a flow's function on the real tables and put the result under its rules.

    Args:
        settle: Makes a table ready whose schema is known only now.
        endless: As a stream it goes on when it has read what there is.

    Raises:
        Exception: Whatever user code raises.
        WeirError: It returned no frame.
    """
    checkpoint = world.storage.checkpoint(world.pipeline.name, flow.name, step.generation)
    call = FlowCall(
        world, TableFrames(world, flow.name, Memory(checkpoint, starts=True, endless=endless)), flow
    )
    try:
        with session_conf(world.session, flow.session_conf, flow.origin):
            return _prepared(call, step, dataset, flow, settle)
    except BaseException:
        call.close()
        raise


def _prepared(
    call: FlowCall, step: Step, dataset: ResolvedTable | ResolvedSink, flow: Flow, settle: Settle
) -> PreparedFlow:
    # What gives snapshots is asked while it is executed, with the version before.
    df = call.session.range(0) if gives_versions(flow) else call.run()
    if isinstance(dataset, ResolvedTable) and dataset.schema is None and not gives_versions(flow):
        dataset = settle(call, df, step, dataset)
    if isinstance(dataset, ResolvedTable) and dataset.schema is not None:
        df = fitted(df, dataset.schema, rename=not isinstance(flow, AutoCdcFlow))
    watched = watch(df, dataset.dataset.expectations, dataset.name, flow.name)
    refresh = refresh_of(call, step, dataset, watched)
    watched = tried(watched, call.world.trial)
    if isinstance(dataset, ResolvedSink) and not df.isStreaming:
        raise WeirError(batch_into_sink(dataset.dataset, flow))
    return PreparedFlow(step, dataset, watched, tuple(call.watched), flow, call, refresh)


def begin(world: World, prepared: PreparedFlow, tell: Tell) -> RunningStream | FlowOutcome:
    """Start a prepared flow.

    Returns:
        A stream that runs, or what a batch did.

    Raises:
        Exception: It failed.
    """
    dataset, flow = prepared.dataset, prepared.flow
    if isinstance(dataset, ResolvedSink):
        return _into_sink(world, prepared, dataset.dataset, tell)
    if isinstance(flow, AutoCdcFlow):
        return apply_changes(world, prepared, dataset, flow, tell)
    if prepared.streams:
        return _stream(world, prepared, dataset, tell)
    return _batch(world, prepared, dataset, tell)


def _batch(world: World, prepared: PreparedFlow, dataset: ResolvedTable, tell: Tell) -> FlowOutcome:
    step, once = prepared.step, isinstance(prepared.flow, OnceFlow)
    path = str(world.storage.table(dataset.name))

    def write() -> None:
        if once:
            writer = prepared.watched.df.write.format("delta").mode("append")
            writer = writer.option("txnAppId", application_of(step.flow_name, step.generation))
            writer.option("txnVersion", "0").save(path)
        else:
            _overwrite(world, prepared, dataset)

    views = run_counted(prepared.watched.df, prepared.views, write)
    counts = observed(prepared.watched) or recounted(prepared.watched)
    written = counts.kept if counts is not None else _written(world, dataset.name)
    tell(Batch(counts, written, views))
    return FlowOutcome(step, counts, written, views, rewrites=not once)


def _written(world: World, table: str) -> int | None:
    """The rows of a table's last commit, by its own word."""
    metrics = world.storage.last_commit(table).get("operationMetrics", {})
    return int(metrics["numOutputRows"]) if "numOutputRows" in metrics else None


def _overwrite(world: World, prepared: PreparedFlow, dataset: ResolvedTable) -> None:
    """Replace a materialized view in one commit; its id and readers survive."""
    df, definition = prepared.watched.df, dataset.dataset
    tables = Tables(world)
    state = tables.state(dataset.name)
    wanted = schemas.declared(definition.schema)
    produced = wanted or schemas.produced(df.schema)
    existing = schemas.defined(schemas.from_json(state.schema_json)) if state else StructType()
    partitions = state.partition_columns if state else ()
    parted = list(map(fold, partitions)) == list(map(fold, definition.partition_cols))
    same = parted and _holds(existing, produced)
    strict = wanted is not None and not same and schemas.needs_statement(wanted)
    if state is not None and (strict or any(constraining(dataset, state))):
        writer = df.write.format("delta").mode("append")
        _redefine(world, tables, dataset, state.version, lambda: _save(world, prepared, writer))
        return
    if not same and wanted is not None:
        df = df.to(wanted)
    # In a table that was just created is nothing to replace.
    new = same and world.storage.is_empty(dataset.name)
    writer = df.write.format("delta").mode("append") if new else overwriting(df)
    if not same:
        # An existing table keeps its layout: a generated partition column is not in the frame.
        writer = writer.option("overwriteSchema", "true").partitionBy(*definition.partition_cols)
    _save(world, prepared, writer)
    if not new:
        tables.cluster(dataset)


def _save(world: World, prepared: PreparedFlow, writer: DataFrameWriter) -> None:
    table = world.storage.table(prepared.dataset.name)
    record = {"userMetadata": prepared.refresh.record} if prepared.refresh and prepared.refresh.record else {}
    if record:
        # Without a transaction Delta leaves out the commit of a view that had no rows and gets none.
        record |= {"txnAppId": "weir/refresh", "txnVersion": str(newest_version(table) or 0)}
    writer.options(**record).save(str(table))


def _redefine(
    world: World, tables: Tables, dataset: ResolvedTable, version: int, fill: Callable[[], None]
) -> None:
    """Make a materialized view another table and fill it; it is what it was if that fails."""
    try:
        tables.redefine(dataset)
        fill()
    except BaseException:
        table = delta_at(world.storage.table(dataset.name))
        world.session.sql(f"RESTORE TABLE {table} TO VERSION AS OF {version}").collect()
        raise


def _holds(existing: StructType, produced: StructType) -> bool:
    """Can the rows be written as they are? A strict table has grown already, and keeps its order."""
    if not schemas.required(produced) <= schemas.required(existing):
        return False
    if not schemas.is_strict(existing):
        return schemas.same_columns(existing, produced)
    return sorted(schemas.columns_of(existing)) == sorted(schemas.columns_of(produced))


def _stream(world: World, prepared: PreparedFlow, dataset: ResolvedTable, tell: Tell) -> RunningStream:
    step, mode = prepared.step, _mode(prepared)
    table, complete = world.storage.table(dataset.name), mode == "complete"
    checkpoint = world.storage.checkpoint(world.pipeline.name, step.flow_name, step.generation)
    refuse_older(checkpoint, table, step, prepared.flow.origin)
    state = world.storage.state(dataset.name)
    columns = schemas.from_json(state.schema_json) if state is not None else dataset.schema
    df = fitted(prepared.watched.df, columns, rename=True)
    tally = Tally(df, prepared.views, BatchLog(BatchCommits(table)))
    writer = stream_writer(world, prepared, df).outputMode(mode)
    if columns is not None and schemas.has_generated_columns(columns) and not complete:
        # Delta plans such a batch anew, and the counts of the plan that Spark watches stay zero.
        query = writer.foreachBatch(_append_batch(str(table), checkpoint)).start()
    else:
        query = writer.format("delta").start(str(table))
    return RunningStream(prepared, query, tell, tally, complete=complete)


def _into_sink(world: World, prepared: PreparedFlow, sink: Sink, tell: Tell) -> RunningStream:
    df, mode = prepared.watched.df, "update" if isinstance(prepared.flow, UpdateFlow) else "append"
    folder = sinks.delta_folder(world, sink)
    there = open_table(folder) if folder is not None else None
    if there is not None:
        df = fitted(df, schemas.from_json(there.schema().to_json()), rename=True)
    log = BatchLog(BatchCommits(folder)) if folder is not None else None
    tally, writer = Tally(df, prepared.views, log), stream_writer(world, prepared, df).outputMode(mode)
    query = sinks.start(world, sink, df, writer, keep=bool(prepared.views))
    return RunningStream(prepared, query, tell, tally)


def _mode(prepared: PreparedFlow) -> str:
    """A step says whether its table is rewritten; one that was deferred does not know before (§4.8)."""
    if prepared.step.verb is Verb.REFRESH:
        return output_mode(prepared.watched.df)
    return "complete" if prepared.step.verb is Verb.COMPLETE else "append"


def _append_batch(path: str, checkpoint: Path) -> Callable[[DataFrame, int], None]:
    """Append a micro-batch once: Delta ignores a batch number that it has seen from this query."""

    def append(batch: DataFrame, number: int) -> None:
        writer = batch.write.format("delta").mode("append").option("txnAppId", app_of(checkpoint))
        writer.option("txnVersion", str(number)).save(path)

    return append
