"""A dataset computed on given rows, and on the tables that there are: as batches, and nothing is written.

What needs more than a batch to come out as in an update is refused with `NeedsUpdate`: who calls this then
runs one.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from weir.define.reading import Interruption
from weir.graph.analysis import (
    Analysis,
    AnalysisPending,
    AnalyzedQuery,
    ResolvedDataset,
    ResolvedFlow,
    ResolvedTable,
    ResolvedView,
)
from weir.graph.resolve import decided, resolve
from weir.model.definitions import Dataset, Flow, QueryFlow, StreamingTable, Table, View
from weir.model.problems import Problem, WeirError, closest, unsupported
from weir.model.results import DatasetResult
from weir.plan.steps import Step, Verb
from weir.run.analysis.analyze import SparkAnalyzer, storing_problems
from weir.run.analysis.empty import empty_frame
from weir.run.analysis.why import ExistingFrames, called
from weir.run.code.call import TRAVEL, FlowCall, KnownView
from weir.run.code.outside import outside_frame
from weir.run.code.reads import options_of
from weir.run.code.session_conf import session_conf
from weir.run.flow.attempt import FlowOutcome, violation_of
from weir.run.flow.counting import run_counted
from weir.run.frames import schemas
from weir.run.frames.below import is_remote, keeps_state, output_mode
from weir.run.frames.fit import misfits
from weir.run.frames.quality import WatchedFrame, observed, recounted, rule_problems, watch
from weir.run.frames.trials import tried
from weir.run.lake.world import World
from weir.run.listeners.outcomes import FlowEnds, table_result, view_result

CONSTRAINT = "delta.constraints."


class NeedsUpdate(Exception):  # noqa: N818 - no error: another way leads to the rows
    """An update alone makes the dataset's rows; the text says why."""


@dataclass(frozen=True)
class Computation:
    """What a dataset is on given rows.

    Attributes:
        schema: Of its rows.
        rows: All of them; none if a flow failed.
        results: Its own, then those of the views that it reads under rules.
    """

    schema: StructType
    rows: pa.Table
    results: tuple[DatasetResult, ...]


class GivenFrames(ExistingFrames):
    """Frames of given rows, and of the tables as they are: batches also where a stream is read.

    Attributes:
        used: The names of the given rows that were read.
        streams: Does the function read a stream?
        travels: Does it read versions or changes, which given rows do not have?
    """

    cure = "give rows for it, or update it first"

    def __init__(self, world: World, flow: str, given: Mapping[str, DataFrame]) -> None:
        super().__init__(world, flow)
        self.given = given
        self.used: set[str] = set()
        self.streams = False
        self.travels = False

    def table(self, dataset: Table, spark_reader: Any, *, stream: bool) -> DataFrame:
        """A table of the pipeline."""
        known = self._given(dataset.name, spark_reader, stream=stream)
        reader = self._batch(spark_reader) if stream else spark_reader
        return super().table(dataset, reader, stream=False) if known is None else known

    def other(self, name: str, spark_reader: Any, *, stream: bool) -> DataFrame | None:
        """A table outside of the pipeline."""
        known = self._given(name, spark_reader, stream=stream)
        path = self.world.outside_path(name) if known is None and stream else None
        if path is None:
            return known
        options, reader = options_of(spark_reader), self._batch(spark_reader)
        return outside_frame(self.world.session, reader, path, options, stream=reader is spark_reader)

    def view(self, dataset: View, reader: Flow, *, stream: bool) -> KnownView | None:
        """A view that rows are given for; else it is inlined."""
        del reader
        known = self._given(dataset.name, self.world.session.read, stream=stream)
        return None if known is None else KnownView(known, ())

    def watch(self, df: DataFrame, dataset: View) -> WatchedFrame | None:
        """Rows that stand for a view have passed its rules."""
        return None if dataset.name in self.given else super().watch(df, dataset)

    def _given(self, name: str, spark_reader: Any, *, stream: bool) -> DataFrame | None:
        self.streams |= stream
        self.travels |= any(option.lower() in TRAVEL for option in options_of(spark_reader))
        if name in self.given:
            self.used.add(name)
        return self.given.get(name)

    def _batch(self, spark_reader: Any) -> Any:
        return self.world.session.read.options(**options_of(spark_reader))


class EmptyStreams(GivenFrames):
    """The same frames without rows, streams where they are read as such: what they make tells of state."""

    def _given(self, name: str, spark_reader: Any, *, stream: bool) -> DataFrame | None:
        known = super()._given(name, spark_reader, stream=stream)
        return None if known is None else empty_frame(self.world.session, known.schema, stream=stream)

    def _batch(self, spark_reader: Any) -> Any:
        return spark_reader


class _Declared(SparkAnalyzer):
    """Calls no function of a table whose columns are declared: what it reads need not be there."""

    def analyze(
        self, flow: Flow, dataset: Dataset, resolved: Mapping[str, ResolvedDataset], failed: AbstractSet[str]
    ) -> Analysis | AnalysisPending:
        """The declared columns, or what the function gives."""
        if not isinstance(dataset, Table) or dataset.schema is None or not isinstance(flow, QueryFlow):
            return super().analyze(flow, dataset, resolved, failed)
        streams = isinstance(dataset, StreamingTable)
        return AnalyzedQuery(frozenset(), schemas.declared(dataset.schema), streams)


def columns_of(world: World, name: str) -> StructType | None:
    """The columns of an input, as far as they can be known: as it is declared, as it lies there, as resolved.

    Args:
        name: In full.
    """
    dataset = world.pipeline.datasets.get(name)
    state = world.storage.state(name)
    if isinstance(dataset, Table) and dataset.schema is not None:
        return schemas.declared(dataset.schema)
    if state is not None:
        return schemas.from_json(state.schema_json)
    if dataset is None:
        return None
    known = resolve(world.pipeline, _Declared(world), [name]).datasets.get(name)
    return known.schema if known is not None else None


def compute(world: World, dataset: Dataset, given: Mapping[str, DataFrame]) -> Computation:
    """The rows of a dataset and what its rules see.

    Args:
        world: The open pipeline.
        given: Full name of an input -> the rows that stand for it.

    Raises:
        NeedsUpdate: No batch gives what an update would.
        WeirError: A function or rule is wrong, an input is missing, or rows are given that nobody reads.
    """
    if not isinstance(dataset, (Table, View)):
        raise unsupported(f"To compute the sink `{dataset.name}`", "compute what its flows read")
    if is_remote(world.session):
        raise NeedsUpdate("it runs over Spark Connect")
    _refuse_what_tables_do(dataset)
    flows = [_Flow(world, dataset, flow, given) for flow in world.pipeline.flows_into(dataset.name)]
    parts = [flow.run() for flow in flows]
    if unused := given.keys() - set[str]().union(*(flow.frames.used for flow in flows)):
        raise WeirError(*(_unused(name, dataset, flows) for name in sorted(unused)))
    ends = FlowEnds({flow.flow.name: outcome for flow, (outcome, _) in zip(flows, parts, strict=True)})
    failed = any(outcome.error is not None for outcome, _ in parts)
    tables = [rows.slice(0, 0) if failed else rows for _, rows in parts]
    schema = schemas.union(flow.schema for flow in flows)
    rows = pa.concat_tables(tables, promote_options="permissive")
    return Computation(schema, rows, _results(dataset, flows, ends))


def _refuse_what_tables_do(dataset: Table | View) -> None:
    wanted = schemas.declared(dataset.schema) if isinstance(dataset, Table) else None
    limited = wanted is not None and any(schemas.LIMITED in (f.metadata or {}) for f in wanted)
    if wanted is not None and (limited or schemas.needs_statement(wanted)):
        raise NeedsUpdate("Delta checks or fills its columns")
    if isinstance(dataset, Table) and any(key.startswith(CONSTRAINT) for key in dataset.table_properties):
        raise NeedsUpdate("Delta checks its constraints")


class _Flow:
    """One flow into the dataset."""

    def __init__(
        self, world: World, dataset: Table | View, flow: Flow, given: Mapping[str, DataFrame]
    ) -> None:
        self.world = world
        self.dataset = dataset
        self.flow = flow
        self.frames = GivenFrames(world, flow.name, given)
        self.schema = StructType()
        self.watched: tuple[WatchedFrame, ...] = ()

    def run(self) -> tuple[FlowOutcome, pa.Table]:
        """Its rows, and what happened to them."""
        if not isinstance(self.flow, QueryFlow):
            raise NeedsUpdate("changes are applied to what is there")
        call = FlowCall(self.world, self.frames, self.flow, batches=True)
        with session_conf(self.world.session, self.flow.session_conf, self.flow.origin), closing(call):
            df = self._frame(call)
            self.schema, self.watched = df.schema, tuple(call.watched)
            watched = watch(df, self.dataset.expectations, self.dataset.name, self.flow.name)
            watched = tried(watched, self.world.trial)
            return self._outcome(watched)

    def _frame(self, call: FlowCall) -> DataFrame:
        try:
            df = called(call)
        except Interruption as read:
            raise NeedsUpdate(str(read)) from read
        if self.frames.travels or df.isStreaming or (self.frames.streams and self._keeps_state()):
            raise NeedsUpdate("it reads changes or files, or remembers what it has read")
        problems = [
            *rule_problems(df, self.dataset.expectations, self.dataset.name),
            *storing_problems(df, self.flow, self.dataset),
        ]
        if problems:
            raise WeirError(*problems)
        wanted = schemas.declared(self.dataset.schema) if isinstance(self.dataset, Table) else None
        if wanted is not None and any(misfits(df.schema, wanted)):
            raise NeedsUpdate("Delta tells what does not fit into the table")
        return df if wanted is None else df.to(wanted)

    def _keeps_state(self) -> bool:
        frames = EmptyStreams(self.world, self.flow.name, self.frames.given)
        call = FlowCall(self.world, frames, self.flow)
        with closing(call):
            df = called(call)
            try:
                return df.isStreaming and (keeps_state(df) or output_mode(df) != "append")
            except PySparkException:
                return True  # an update tells what Spark can't do with the stream

    def _outcome(self, watched: WatchedFrame) -> tuple[FlowOutcome, pa.Table]:
        step = Step(Verb.REFRESH, self.dataset.name, "its rows are wanted", self.flow.name)
        rows: list[pa.Table] = []
        try:
            views = run_counted(watched.df, self.watched, lambda: rows.append(watched.df.toArrow()))
        except (PySparkException, Py4JError) as error:
            none = watched.df.limit(0).toArrow()
            return FlowOutcome(step, error=error, violation=violation_of(error)), none
        counts = observed(watched) or recounted(watched)
        return FlowOutcome(step, counts, len(rows[0]), views), rows[0]


def _results(dataset: Table | View, flows: list[_Flow], ends: FlowEnds) -> tuple[DatasetResult, ...]:
    resolved = tuple(
        ResolvedFlow(f.flow, AnalyzedQuery(frozenset(f.frames.used), f.schema, f.frames.streams))
        for f in flows
    )
    own = ResolvedTable(decided(dataset, resolved), resolved, flows[0].schema)  # pyright: ignore[reportArgumentType]
    names = dict.fromkeys(watched.dataset for flow in flows for watched in flow.watched)
    known = flows[0].world.pipeline.datasets
    views = (ResolvedView(known[name], ()) for name in names)  # pyright: ignore[reportArgumentType]
    return (table_result(own, ends), *(view_result(view, ends.outcomes) for view in views))


def _unused(name: str, dataset: Table | View, flows: list[_Flow]) -> Problem:
    read = [source for flow in flows for source in flow.frames.used]
    message = f"Rows are given for `{name}`, which `{dataset.name}` does not read."
    return Problem("GIVEN_ROWS_NOT_READ", message, dataset.origin, closest(name, read) or "leave them out")
