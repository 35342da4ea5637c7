"""Calls query functions on empty frames to learn inputs, schema, and batch or stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType, TimestampType

from weir.graph.analysis import (
    Analysis,
    AnalysisDeferred,
    AnalysisFailed,
    Analyzed,
    Pending,
    ResolvedDataset,
    ResolvedFlow,
)
from weir.model.blame import user_problem
from weir.model.changes import KEYS, SCD_TYPE
from weir.model.definitions import Dataset, Flow, Kind
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest
from weir.run.code.call import Call, DeferredRead, FailedRead, PendingRead, session_conf
from weir.run.code.intercept import options_of
from weir.run.flow import sinks
from weir.run.flow.changes.flow import sequence_of
from weir.run.frames import schemas
from weir.run.frames.below import TABLE_MODES, output_mode
from weir.run.frames.changes.layout import (
    change_problems,
    sequence_type,
    target_schema,
    with_sequence,
)
from weir.run.frames.quality import first_line, rule_problems
from weir.run.lake.existing import misfits
from weir.run.lake.storage import TableState
from weir.run.lake.world import World

LOOKS_AT_DATA = "the function looks at data: it is called once its inputs exist"

NO_VARIANT = "COLUMN_IS_NOT_VARIANT_TYPE"


class EmptyFrames:
    """Frames with the right schema and no rows."""

    def __init__(self, world: World, resolved: Mapping[str, ResolvedDataset], failed: frozenset[str]) -> None:
        self.session = world.session
        self.storage = world.storage
        self.given = world.outside.tables
        self.resolved = resolved
        self.failed = failed

    def table(self, dataset: Dataset, spark_reader: Any, *, stream: bool) -> DataFrame:
        """An empty frame of a resolved table."""
        known = self._known(dataset)
        if known.schema is None:
            raise DeferredRead(dataset.name)
        return empty_frame(self.session, with_change_feed(known.schema, spark_reader), stream=stream)

    def other(self, name: str, *, stream: bool) -> DataFrame | None:
        """An empty frame: Spark takes half a second to open a table, its log tells the schema in no time."""
        state = None if name in self.given else self.storage.state(name)
        if state is None:
            return None
        return empty_frame(self.session, schemas.from_json(state.schema_json), stream=stream)

    def view(self, dataset: Dataset) -> None:
        """A view is inlined, but only once it is known to be sound."""
        self._known(dataset)

    def watch(self, df: DataFrame, dataset: Dataset) -> None:
        """Rules change nothing about a schema."""

    def _known(self, dataset: Dataset) -> ResolvedDataset:
        if dataset.name in self.failed:
            raise FailedRead(dataset.name)
        known = self.resolved.get(dataset.name)
        if known is None:
            raise PendingRead(dataset.name)
        return known


class SparkAnalyzer:
    """The graph's `Analyzer` on a Spark session."""

    def __init__(self, world: World, resets: frozenset[str] = frozenset()) -> None:
        self.world = world
        self.resets = resets

    def analyze(
        self, flow: Flow, dataset: Dataset, resolved: Mapping[str, ResolvedDataset],
        failed: frozenset[str],
    ) -> Analysis | Pending:  # fmt: skip
        """Call a flow's function on empty frames."""
        call = Call(self.world, EmptyFrames(self.world, resolved, failed), flow)
        with session_conf(self.world.session, flow.spark_conf):
            try:
                return self._outcome(call, dataset)
            except PendingRead as read:
                return Pending(read.dataset)
            except FailedRead:
                return AnalysisFailed(_inputs(call))
            except DeferredRead as read:
                return AnalysisDeferred(_inputs(call), f"its input `{read}` is not known before it exists")
            except WeirError as error:
                return AnalysisFailed(_inputs(call), _placed(error.problems[0], flow.origin))
            except Exception as error:  # noqa: BLE001 - whatever user code raises is a finding
                return self._failed(call, error)

    def _outcome(self, call: Call, dataset: Dataset) -> Analysis:
        flow = call.flow
        if flow.gives_versions:
            return AnalysisDeferred(frozenset(), "its function is asked for snapshots when it is due")
        df: Any = call.run()
        schema = df.schema
        if call.looked:
            return AnalysisDeferred(_inputs(call), LOOKS_AT_DATA)
        if flow.changes is not None and (found := change_problems(df, flow, flow.changes)):
            return Analyzed(_inputs(call), schema, df.isStreaming, problems=tuple(found))
        problems = rule_problems(df, dataset.expectations, dataset.name)
        complete, modes = False, sinks.modes(flow) if dataset.sink else TABLE_MODES
        if df.isStreaming and dataset.kind is not Kind.VIEW:
            try:
                complete = output_mode(df, modes) == "complete"
            except PySparkException as error:
                problems.append(_unrunnable(flow, error, modes))
        found = Analyzed(
            _inputs(call), schema, df.isStreaming, complete, tuple(problems), streams=tuple(call.streams)
        )  # fmt: skip
        if flow.changes is None:
            return found
        if complete:
            found = replace(found, complete=False, problems=(*found.problems, _no_changes(flow)))
        sequence = sequence_type(df, flow.changes)
        return replace(found, schema=target_schema(schema, flow.changes, sequence), sequence=sequence)

    def _failed(self, call: Call, error: Exception) -> AnalysisFailed | AnalysisDeferred:
        if call.looked:
            return AnalysisDeferred(_inputs(call), LOOKS_AT_DATA)
        return AnalysisFailed(_inputs(call), query_problem(error, call.flow))

    def schema_of(
        self, dataset: Dataset, flows: tuple[ResolvedFlow, ...]
    ) -> tuple[StructType | None, tuple[Problem, ...]]:
        """The final schema of a table: declared, existing and produced columns together (§4.6)."""
        if dataset.kind is Kind.SINK:
            return None, tuple(sinks.problems(self.world, dataset, flows))
        state = None if dataset.kind is Kind.VIEW else self.world.storage.state(dataset.name)
        kept = None if dataset.name in self.resets else state
        produced, problems = self._produced(dataset, flows, kept)
        if problems or dataset.kind is Kind.VIEW:
            return produced[0], problems
        unfit = self._misfits(dataset, state)
        return (None, unfit) if unfit else self._table_schema(dataset, flows, produced, kept)

    def _table_schema(
        self, dataset: Dataset, flows: tuple[ResolvedFlow, ...], produced: list[StructType],
        kept: TableState | None,
    ) -> tuple[StructType | None, tuple[Problem, ...]]:  # fmt: skip
        try:
            wanted = schemas.declared(dataset.schema)
        except Exception as error:  # noqa: BLE001 - two parsers, each with its own errors
            return None, (_bad_ddl(dataset, error),)
        if wanted is not None:
            unknown = _unknown_arguments(dataset, wanted)
            return wanted, (*_columns_problems(dataset, flows, wanted), *unknown)
        try:
            merged = schemas.union(produced)
        except schemas.SchemaConflictError as error:
            return None, (_conflict(dataset, error),)
        try:
            merged = schemas.union([*_existing(dataset, kept), merged])
        except schemas.SchemaConflictError as error:
            return None, (_changed(dataset, error),)
        missing = [*dataset.partition_cols, *dataset.cluster_by]
        unknown = _unknown_arguments(dataset, merged)
        return merged, (*_missing_columns(dataset, missing, merged), *unknown)

    def _produced(
        self, dataset: Dataset, flows: tuple[ResolvedFlow, ...], kept: TableState | None
    ) -> tuple[list[StructType], tuple[Problem, ...]]:
        analyzed = [f.analysis for f in flows if isinstance(f.analysis, Analyzed)]
        if all(f.flow.changes is None for f in flows):
            return [a.schema for a in analyzed], ()
        generation = kept.generation if kept else None
        found = [a.sequence for a in analyzed]
        sequence = sequence_of(self.world.storage, dataset.name, generation, found)
        problems = tuple(_drifted(dataset, kept)) if kept else ()
        if sequence is None:
            problems = problems or (_sequences(dataset, flows),)
        return [with_sequence(a.schema, sequence) for a in analyzed], problems

    def _misfits(self, dataset: Dataset, state: TableState | None) -> tuple[Problem, ...]:
        owner, reset = self.world.pipeline.name, dataset.name in self.resets
        folder = self.world.storage.table(dataset.name)
        return tuple(misfits(dataset, state, owner, folder, reset=reset)) if state else ()


def _unknown_arguments(dataset: Dataset, schema: StructType) -> Iterator[Problem]:
    """Columns that a mask or a row filter is given and the table has not."""
    known = [f.name for f in schema.fields]
    folded = {name.lower() for name in known}
    for what, call in dataset.protection.calls:
        for column in call.columns:
            if column.lower() not in folded:
                yield Problem(
                    "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                    f"{what} of `{dataset.name}` is given `{column}`, a column that the table has not.",
                    dataset.origin,
                    closest(column, known) or f"there are: {', '.join(known)}",
                )


def _existing(dataset: Dataset, kept: TableState | None) -> list[StructType]:
    """A streaming table keeps its columns until it is reset."""
    streams = dataset.kind is Kind.STREAMING_TABLE
    return [schemas.from_json(kept.schema_json)] if kept and streams else []


def _drifted(dataset: Dataset, kept: TableState) -> Iterator[Problem]:
    """A target of changes was filled with other keys or another SCD type (§3.5)."""
    names = {KEYS: "KEY_SCHEMA_DRIFT", SCD_TYPE: "SCD_TYPE_DRIFT"}
    for name, condition in names.items():
        if kept.properties.get(name) != dataset.table_properties.get(name):
            yield _drift(dataset, name, condition, kept.properties.get(name))


def _drift(dataset: Dataset, name: str, condition: str, was: str | None) -> Problem:
    what = "keys" if name == KEYS else "SCD type"
    had = f"was filled with {what} {was}" if was else "was filled by appending"
    return Problem(
        f"AUTOCDC_INVALID_STATE.{condition}",
        f"`{dataset.name}` {had}, the changes into it now have {what} {dataset.table_properties[name]}.",
        dataset.origin,
        f"recompute it: weir run --full-refresh {dataset.name}",
    )


def _sequences(dataset: Dataset, flows: tuple[ResolvedFlow, ...]) -> Problem:
    return Problem(
        "AUTOCDC_SEQUENCES_DO_NOT_AGREE",
        f"The sequences of the flows into `{dataset.name}` have types that can't be compared.",
        flows[-1].flow.origin,
        f"cast them to one type, or recompute the table: weir run --full-refresh {dataset.name}",
    )


def _no_changes(flow: Flow) -> Problem:
    return Problem(
        "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
        f"The source of the changes of `{flow.name}` aggregates without a watermark: it never ends a row.",
        flow.origin,
        "add a watermark (withWatermark) before aggregating",
    )


def empty_frame(session: SparkSession, schema: StructType, *, stream: bool) -> DataFrame:
    """A frame without rows, batch or streaming, of any schema."""
    if not stream:
        return session.createDataFrame([], schema)
    columns = [F.lit(None).cast(f.dataType).alias(f.name, metadata=f.metadata or {}) for f in schema.fields]
    return session.readStream.format("rate").load().select(*columns)


def with_change_feed(schema: StructType, spark_reader: Any) -> StructType:
    """The columns that `readChangeFeed` adds."""
    options = {k.lower(): str(v).lower() for k, v in options_of(spark_reader).items()}
    if options.get("readchangefeed") != "true":
        return schema
    feed = [("_change_type", StringType()), ("_commit_version", LongType())]
    added = [StructField(n, t) for n, t in (*feed, ("_commit_timestamp", TimestampType()))]
    return StructType([*schema.fields, *added])


def _inputs(call: Call) -> frozenset[str]:
    return frozenset(call.inputs)


def _placed(problem: Problem, origin: Origin) -> Problem:
    return problem if problem.origin else replace(problem, origin=origin)


def _unrunnable(flow: Flow, error: PySparkException, modes: tuple[str, ...]) -> Problem:
    return Problem(
        error.getCondition() or "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
        f"Spark can run the stream `{flow.name}` not in {' nor in '.join(modes)} mode: {first_line(error)}",
        flow.origin,
        "add a watermark (withWatermark) before aggregating or joining, or read a batch",
    )


def query_problem(error: Exception, flow: Flow) -> Problem:
    """An exception of a query function: Spark's condition where it has one, the user's line, a hint."""
    problem = user_problem("QUERY_FUNCTION_FAILED", error, flow.origin)
    if NO_VARIANT in str(error):
        return _no_variant(problem, flow)
    if not isinstance(error, PySparkException):
        return problem
    condition = error.getCondition() or "QUERY_FUNCTION_FAILED"
    parameters = error.getMessageParameters() or {}
    hint = None
    if condition == "PATH_NOT_FOUND":
        hint = "does it lie elsewhere here? --map PREFIX=FOLDER redirects paths"
    elif "proposal" in parameters:
        known = [p.strip(" `") for p in parameters["proposal"].split(",")]
        hint = closest(parameters.get("objectName", "").replace("`", ""), known)
        hint = hint or f"did you mean one of {', '.join(known)}?"
    message = first_line(error)
    if condition != "PATH_NOT_FOUND":  # one missing path is one problem, whoever reads it
        message = f"The query of `{flow.name}` does not resolve: {message}"
    return replace(problem, condition=condition, message=message, hint=hint, detail=None)


def _no_variant(problem: Problem, flow: Flow) -> Problem:
    """Databricks reads JSON text with `:` too; Spark reads VARIANT alone, and has no message."""
    return replace(
        problem,
        condition=NO_VARIANT,
        message=f"The query of `{flow.name}` reads a column with `:` that is no VARIANT.",
        hint="of JSON text: get_json_object(details, '$.a.b') instead of details:a.b",
        detail=None,
    )


def _bad_ddl(dataset: Dataset, error: Exception) -> Problem:
    return Problem(
        "PARSE_SYNTAX_ERROR",
        f"The schema of `{dataset.name}` is no list of columns: {first_line(error)}",
        dataset.origin,
        'write it as in CREATE TABLE: "id BIGINT, day DATE GENERATED ALWAYS AS (CAST(ts AS DATE))"',
    )


def _conflict(dataset: Dataset, error: Exception) -> Problem:
    return Problem(
        "UNABLE_TO_INFER_PIPELINE_TABLE_SCHEMA",
        f"The flows into `{dataset.name}` do not fit together: {error}.",
        dataset.origin,
        "cast the column in one of the flows",
    )


def _changed(dataset: Dataset, error: Exception) -> Problem:
    return Problem(
        "CANNOT_CHANGE_COLUMN_TYPE",
        f"The flows no longer fit the table `{dataset.name}` as it is: {error}.",
        dataset.origin,
        f"cast the column, or recompute the table: weir run --full-refresh {dataset.name}",
    )


def _columns_problems(dataset: Dataset, flows: tuple[ResolvedFlow, ...], wanted: StructType) -> list[Problem]:
    known = {f.name.lower() for f in wanted.fields}
    problems = _missing_columns(dataset, [*dataset.partition_cols, *dataset.cluster_by], wanted)
    for flow in flows:
        schema = flow.analysis.schema if isinstance(flow.analysis, Analyzed) else StructType()
        for name in schema.fieldNames():
            if name.lower() not in known:
                problems.append(
                    Problem(
                        "COLUMN_NOT_IN_DECLARED_SCHEMA",
                        f"The flow `{flow.flow.name}` produces `{name}`, which the schema of "
                        f"`{dataset.name}` does not declare.",
                        flow.flow.origin,
                        closest(name, wanted.fieldNames()) or "add it to the schema, or drop it",
                    )
                )
    return problems


def _missing_columns(dataset: Dataset, names: list[str], schema: StructType) -> list[Problem]:
    known = {f.lower() for f in schema.fieldNames()}
    return [
        Problem(
            "COLUMN_NOT_FOUND_IN_TABLE",
            f"`{dataset.name}` is partitioned or clustered by `{name}`, which it does not have.",
            dataset.origin,
            closest(name, schema.fieldNames()) or f"its columns are: {', '.join(schema.fieldNames())}",
        )
        for name in names
        if name.lower() not in known
    ]
