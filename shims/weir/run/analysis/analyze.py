"""Calls query functions on empty frames to learn inputs, schema, and batch or stream."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from weir.define.read import is_query
from weir.graph.analysis import (
    Analysis,
    AnalysisDeferred,
    AnalysisFailed,
    AnalysisPending,
    AnalyzedQuery,
    ResolvedDataset,
    ResolvedFlow,
    ResolvedTable,
)
from weir.model.blame import user_problem
from weir.model.definitions import (
    AutoCdcFlow,
    ChangesFlow,
    Dataset,
    DatasetKind,
    Flow,
    Sink,
    StreamingTable,
    Table,
    View,
    gives_versions,
)
from weir.model.origin import is_users
from weir.model.problems import Problem, WeirError, closest
from weir.run.analysis.empty import UNNAMED, EmptyFrames, stand_in
from weir.run.analysis.rehearsal import rehearsed, unreplaceable
from weir.run.analysis.table_problems import (
    bad_ddl,
    changed,
    columns_problems,
    conflict,
    drifted,
    limit_problems,
    missing_columns,
    outgrown,
    sequences,
    unknown_arguments,
)
from weir.run.code.call import DeferredRead, FailedRead, FlowCall, PendingRead
from weir.run.code.json_texts import NO_VARIANT
from weir.run.code.session_conf import session_conf
from weir.run.flow import sinks
from weir.run.flow.changes.flow import sequence_of
from weir.run.frames import schemas
from weir.run.frames.below import TABLE_MODES, output_mode
from weir.run.frames.changes.events import event_problems
from weir.run.frames.changes.layout import (
    change_problems,
    sequence_type,
    target_schema,
    with_sequence,
)
from weir.run.frames.quality import first_line, rule_problems
from weir.run.frames.storable import unstorable
from weir.run.frames.stream_limits import way_out
from weir.run.lake.existing import KIND, misfits
from weir.run.lake.storage import TableState
from weir.run.lake.world import World

_LINE = re.compile(r"\s*(?:SQLSTATE: \w{5}\s*)?\(line \d+, pos \d+\)")
OURS = f"`{UNNAMED}`."
NO_SCHEMA = "INVALID_SCHEMA.NON_STRING_LITERAL"
LOOKS_AT_DATA = "the function looks at data: it is called once its inputs exist"

OF_CONDITION = {
    "PARSE_SYNTAX_ERROR": "correct the SQL text at the place that the message names",
    "UNRESOLVED_ROUTINE": "if Databricks has it, register one of that name in Python, spark.udf.register",
}


class SparkAnalyzer:
    """The graph's `Analyzer` on a Spark session."""

    def __init__(self, world: World, resets: frozenset[str] = frozenset()) -> None:
        self.world = world
        self.resets = resets
        self.streaming_views: dict[str, DataFrame] = {}

    def analyze(
        self, flow: Flow, dataset: Dataset, resolved: Mapping[str, ResolvedDataset], failed: AbstractSet[str]
    ) -> Analysis | AnalysisPending:
        """Call a flow's function on empty frames, and once more on inlined views if it fails."""
        frames = EmptyFrames(self.world, resolved, failed, self.streaming_views, self.resets)
        analysis = self._analysis(flow, dataset, frames)
        # Columns that a view does not give, and aliases in it, can be named where it is inlined.
        if frames.stood_in and _has_problem(analysis):
            return self._analysis(flow, dataset, EmptyFrames(self.world, resolved, failed, None, self.resets))
        return analysis

    def _analysis(self, flow: Flow, dataset: Dataset, frames: EmptyFrames) -> Analysis | AnalysisPending:
        call = FlowCall(self.world, frames, flow)
        try:
            with session_conf(self.world.session, flow.session_conf, flow.origin):
                return self._or_deferred(call, dataset)
        except PendingRead as read:
            return AnalysisPending(read.dataset)
        except FailedRead as read:
            return AnalysisFailed(_inputs(call) | {str(read)})
        except DeferredRead as read:
            reason = f"its input `{read}` is not known before it exists"
            return AnalysisDeferred(_inputs(call), reason, self._streams(dataset))
        except WeirError as error:
            first, *more = (_placed(problem, flow) for problem in error.problems)
            return AnalysisFailed(_inputs(call), first, tuple(more))
        except Exception as error:  # noqa: BLE001 - whatever user code raises is a finding
            return self._failed(call, dataset, error)
        finally:
            call.close()

    def _or_deferred(self, call: FlowCall, dataset: Dataset) -> Analysis:
        if gives_versions(call.flow):
            return AnalysisDeferred(frozenset(), "its function is called for snapshots when the flow runs")
        df = call.run()
        if call.looked:
            return AnalysisDeferred(_inputs(call), LOOKS_AT_DATA, df.isStreaming)
        analysis = self.analyzed(call, df, dataset)
        if isinstance(dataset, View) and analysis.streaming:
            self.streaming_views[dataset.name] = stand_in(self.world.session, df)
        return analysis

    def analyzed(self, call: FlowCall, df: Any, dataset: Dataset) -> AnalyzedQuery:
        """What is known of a flow once its function has returned a frame."""
        flow, schema = call.flow, df.schema
        if isinstance(flow, AutoCdcFlow) and (wrong := change_problems(df, flow, flow.changes)):
            return AnalyzedQuery(_inputs(call), schema, df.isStreaming, problems=tuple(wrong))
        problems = [
            *rule_problems(df, dataset.expectations, dataset.name),
            *storing_problems(df, flow, dataset),
        ]
        complete, modes = False, sinks.modes(flow) if isinstance(dataset, Sink) else TABLE_MODES
        if df.isStreaming and not isinstance(dataset, View):
            try:
                complete = output_mode(df, modes) == "complete"
            except PySparkException as error:
                problems.append(_unrunnable(flow, error, modes))
        analysis = AnalyzedQuery(
            _inputs(call), schema, df.isStreaming, complete, tuple(problems), streams=tuple(call.streams),
            notices=tuple(call.notices),
        )  # fmt: skip
        if not isinstance(flow, AutoCdcFlow):
            return analysis
        if complete:
            analysis = replace(analysis, complete=False, problems=(*analysis.problems, _no_changes(flow)))
        sequence = sequence_type(df, flow.changes)
        if isinstance(flow, ChangesFlow) and not analysis.problems:
            analysis = replace(analysis, problems=tuple(event_problems(df, flow, sequence)))
        return replace(analysis, schema=target_schema(schema, flow.changes, sequence), sequence=sequence)

    def _failed(
        self, call: FlowCall, dataset: Dataset, error: Exception
    ) -> AnalysisFailed | AnalysisDeferred:
        if call.looked:
            return AnalysisDeferred(_inputs(call), LOOKS_AT_DATA, self._streams(dataset))
        return AnalysisFailed(_inputs(call), query_problem(error, call.flow))

    def _streams(self, dataset: Dataset) -> bool:
        """Is its existing table a streaming one?"""
        state = self.world.storage.state(dataset.name) if isinstance(dataset, Table) else None
        return state is not None and state.properties.get(KIND) == DatasetKind.STREAMING_TABLE

    def schema_of(
        self, dataset: Dataset, flows: tuple[ResolvedFlow, ...]
    ) -> tuple[StructType | None, tuple[Problem, ...]]:
        """The final schema of a table: declared, existing and produced columns together (§4.6)."""
        match dataset:
            case Sink():
                return None, tuple(sinks.problems(self.world, dataset, flows))
            case View():
                return next(f.analysis.schema for f in flows if isinstance(f.analysis, AnalyzedQuery)), ()
            case Table():
                return self._schema_of_table(dataset, flows)

    def _schema_of_table(
        self, dataset: Table, flows: tuple[ResolvedFlow, ...]
    ) -> tuple[StructType | None, tuple[Problem, ...]]:
        state = self.world.storage.state(dataset.name)
        existing = None if dataset.name in self.resets else state
        produced, problems = self._produced(dataset, flows, existing)
        if problems:
            return None, problems
        unfit = self._misfits(dataset, state)
        if unfit:
            return None, unfit
        schema, problems = self._table_schema(dataset, flows, produced, existing)
        if schema is not None and not problems:
            table = ResolvedTable(dataset, flows, schema)
            folder = self.world.storage.table(dataset.name)
            problems = tuple(unreplaceable(table, state, folder)) if state else ()
            problems = problems or tuple(rehearsed(self.world.session, table, existing))
        return schema, problems

    def _table_schema(
        self, dataset: Table, flows: tuple[ResolvedFlow, ...], produced: list[StructType],
        existing: TableState | None,
    ) -> tuple[StructType | None, tuple[Problem, ...]]:  # fmt: skip
        try:
            wanted = schemas.declared(dataset.schema)
        except Exception as error:  # noqa: BLE001 - two parsers, each with its own errors
            return None, (bad_ddl(dataset, error),)
        if wanted is not None:
            grown = outgrown(dataset, wanted, *_existing(dataset, existing))
            more = (*limit_problems(dataset, flows, wanted), *grown, *unknown_arguments(dataset, wanted))
            return wanted, (*columns_problems(dataset, flows, wanted), *more)
        try:
            merged = schemas.union(map(schemas.produced, produced))
        except schemas.SchemaConflictError as error:
            return None, (conflict(dataset, error),)
        try:
            merged = schemas.union([*_existing(dataset, existing), merged])
        except schemas.SchemaConflictError as error:
            return None, (changed(dataset, error),)
        unknown = (*limit_problems(dataset, flows, merged), *unknown_arguments(dataset, merged))
        return merged, (*missing_columns(dataset, dataset.layout, merged), *unknown)

    def _produced(
        self, dataset: Table, flows: tuple[ResolvedFlow, ...], existing: TableState | None
    ) -> tuple[list[StructType], tuple[Problem, ...]]:
        analyzed = [f.analysis for f in flows if isinstance(f.analysis, AnalyzedQuery)]
        if not any(isinstance(f.flow, AutoCdcFlow) for f in flows):
            return [a.schema for a in analyzed], ()
        generation = existing.generation if existing else None
        sequences_of_flows = [a.sequence for a in analyzed]
        sequence = sequence_of(self.world.storage, dataset.name, generation, sequences_of_flows)
        problems = tuple(drifted(dataset, existing)) if existing else ()
        if sequence is None:
            problems = problems or (sequences(dataset, flows),)
        return [with_sequence(a.schema, sequence) for a in analyzed], problems

    def _misfits(self, dataset: Table, state: TableState | None) -> tuple[Problem, ...]:
        owner, reset = self.world.pipeline.name, dataset.name in self.resets
        folder = self.world.storage.table(dataset.name)
        return tuple(misfits(dataset, state, owner, folder, reset=reset)) if state else ()


def _existing(dataset: Table, existing: TableState | None) -> list[StructType]:
    """A streaming table keeps its columns until it is reset."""
    streams = isinstance(dataset, StreamingTable)
    return [schemas.defined(schemas.from_json(existing.schema_json))] if existing and streams else []


def _no_changes(flow: Flow) -> Problem:
    return Problem(
        "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
        f"The source of the changes of `{flow.name}` aggregates without a watermark: it never ends a row.",
        flow.origin,
        "add a watermark (withWatermark) before aggregating",
    )


def _has_problem(analysis: Analysis | AnalysisPending) -> bool:
    if isinstance(analysis, AnalysisFailed):
        return analysis.problem is not None
    return isinstance(analysis, AnalyzedQuery) and bool(analysis.problems)


def _inputs(call: FlowCall) -> frozenset[str]:
    return frozenset(call.inputs)


def storing_problems(df: DataFrame, flow: Flow, dataset: Dataset) -> Iterator[Problem]:
    """What a table can't have; a materialized view with a declared schema gives its columns their types."""
    if isinstance(dataset, View) or isinstance(flow, AutoCdcFlow):
        return
    if isinstance(dataset, Sink) and dataset.format != "delta":
        return
    typed = isinstance(dataset, Table) and dataset.schema is not None and not df.isStreaming
    yield from unstorable(df.schema, f"The result of `{flow.name}`", flow.origin, typed=typed)


def _placed(problem: Problem, flow: Flow) -> Problem:
    """The source of changes is read by Weir: what is wrong with it stands where the flow was written."""
    ours = isinstance(flow, AutoCdcFlow) and not gives_versions(flow) and not is_query(flow.function)
    there = problem.origin is not None and is_users(problem.origin.file) and not ours
    return problem if there else replace(problem, origin=flow.origin)


def _unrunnable(flow: Flow, error: PySparkException, modes: tuple[str, ...]) -> Problem:
    condition, sentence = error.getCondition() or "", first_line(error).rstrip(";")
    if not condition or condition.startswith("_LEGACY"):
        condition = "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"
    return Problem(
        condition,
        f"Spark can run the stream `{flow.name}` not in {' nor in '.join(modes)} mode: {sentence}",
        flow.origin,
        way_out(str(error), sql=flow.origin.sql),
    )


def query_problem(error: Exception, flow: Flow) -> Problem:
    """An exception of a query function: Spark's condition where it has one, the user's line, a hint."""
    problem = user_problem("QUERY_FUNCTION_FAILED", error, flow.origin)
    if NO_VARIANT in str(error):
        return _no_variant(problem, flow)
    if isinstance(error, Py4JJavaError):
        return _of_java(problem, error)
    if isinstance(error, TypeError) and problem.origin == flow.origin and problem.hint:
        return replace(problem, hint="a query function is called without arguments: give each a default")
    if not isinstance(error, PySparkException):
        return problem
    if _lacks_schema(error):
        return _without_schema(problem)
    condition = error.getCondition() or "QUERY_FUNCTION_FAILED"
    parameters = error.getMessageParameters() or {}
    documented = f"Spark's documentation explains the condition {condition}"
    hint = problem.hint or OF_CONDITION.get(condition, documented)
    if condition == "PATH_NOT_FOUND":
        hint = "put files there; if they are elsewhere on this machine, pass --map PREFIX=FOLDER"
    elif "proposal" in parameters:
        known = [p.strip().replace("`", "") for p in parameters["proposal"].replace(OURS, "").split(",")]
        meant = closest(parameters.get("objectName", "").replace("`", ""), known)
        hint = meant or f"did you mean one of {', '.join(known)}?"
    message = first_line(error).replace(OURS, "")
    if is_query(flow.function):  # Spark's line is one of the query, not of the file
        message = _LINE.sub("", message)
    if condition != "PATH_NOT_FOUND":  # one missing path is one problem, whoever reads it
        message = f"The query of `{flow.name}` does not resolve: {message}"
    return replace(problem, condition=condition, message=message, hint=hint, detail=None)


def _of_java(problem: Problem, error: Py4JJavaError) -> Problem:
    """An exception of the JVM that Spark has no condition for: without the JVM's frames."""
    text = str(error.java_exception)
    if "functions.from_json" in str(error) and '"schema" is null' in text:
        return _without_schema(problem)
    return replace(problem, message=text.partition("\n")[0], detail=None)


def _lacks_schema(error: PySparkException) -> bool:
    """Is NULL the schema of a from_json in SQL?"""
    given = (error.getMessageParameters() or {}).get("inputSchema", "")
    calls = (context.fragment().lower() for context in error.getQueryContext())
    of_json = error.getCondition() == NO_SCHEMA and any(call.startswith("from_json") for call in calls)
    return of_json and "NULL" in given


def _without_schema(problem: Problem) -> Problem:
    """Databricks infers one, and keeps it at a place of its own."""
    return replace(
        problem,
        condition="Unsupported",
        message="from_json without a schema, inferred by schemaLocationKey, is not supported here.",
        hint="give the schema: from_json(column, 'a INT, b STRING')",
        detail=None,
    )


def _no_variant(problem: Problem, flow: Flow) -> Problem:
    """Databricks reads JSON text with `:` too; Spark reads VARIANT alone, and has no message."""
    return replace(
        problem,
        condition=NO_VARIANT,
        message=f"The query of `{flow.name}` reads a column with `:` that is no VARIANT.",
        hint="of JSON text: get_json_object(details, '$.a.b') instead of details:a.b",
        detail=None,
    )
