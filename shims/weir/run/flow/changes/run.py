"""Runs a flow of changes: a stream of them, or the differences of snapshots (specification §3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql.types import DataType, StructType, TimestampType

from weir.graph.analysis import AnalyzedQuery, ResolvedTable
from weir.model.definitions import AutoCdcFlow, ChangesFlow, gives_versions, runs_once
from weir.model.problems import Problem, WeirError
from weir.run.flow.attempt import Batch, FlowOutcome, PreparedFlow, Tell, ViewCounts, both, call_failed
from weir.run.flow.changes.apply import Target, apply_batch, apply_events
from weir.run.flow.changes.flow import (
    AppliedRows,
    AppliedRowsInTurn,
    refuse_lost_memory,
    sequence_of,
    shape_of,
    target_of,
    tidy,
)
from weir.run.flow.changes.snapshots import Snapshots, next_time
from weir.run.flow.checkpoints import refuse_older
from weir.run.flow.counting import BatchLog, Tally, run_counted
from weir.run.flow.streams import RunningStream, stream_writer
from weir.run.flow.tables import Tables
from weir.run.frames import schemas
from weir.run.frames.changes.events import events_of
from weir.run.frames.changes.layout import change_problems, sequence_type, target_schema
from weir.run.frames.fit import misfits
from weir.run.lake.commits import BatchCommits
from weir.run.lake.storage import application_of
from weir.run.lake.world import World


def apply_changes(
    world: World, prepared: PreparedFlow, dataset: ResolvedTable, flow: AutoCdcFlow, tell: Tell
) -> RunningStream | FlowOutcome:
    """Start a flow of changes (specification §3)."""
    step = prepared.step
    shape = shape_of([f.flow for f in dataset.flows], world.pipeline.configuration)
    target = target_of(world.storage, dataset.name, step.generation, shape)
    app = application_of(flow.name, step.generation)
    refuse_lost_memory(target, dataset.name, flow)
    applied = (AppliedRowsInTurn if prepared.side_by_side else AppliedRows)(world.storage.table(dataset.name))

    def at_end() -> str | None:
        if runs_once(flow):
            ended = world.storage.ended(world.pipeline.name, flow.name, step.generation)
            ended.parent.mkdir(parents=True, exist_ok=True)  # a batch has no checkpoint
            ended.touch()
        return tidy(world.session, target, dataset.dataset)

    if isinstance(flow, ChangesFlow):
        sequence = _sequence(world, prepared, dataset, flow)
        events = events_of(prepared.watched.df, flow.changes, sequence, flow.name)
        if not prepared.streams:
            return _apply_once(prepared, events, target, applied, app, at_end, tell)
        checkpoint = world.storage.checkpoint(world.pipeline.name, flow.name, step.generation)
        refuse_older(checkpoint, Path(target.memory), step, flow.origin, f"{app}/")
        each = partial(apply_batch, target=target, checkpoint=checkpoint, prefix=f"{app}/")
        if isinstance(applied, AppliedRowsInTurn):
            each = applied.in_turn(each, at_end)
        log = BatchLog(BatchCommits(Path(target.memory)), f"{app}/", row_by_row=False)
        tally = Tally(events, prepared.views, log)
        query = stream_writer(world, prepared, events).foreachBatch(each).start()
        return RunningStream(prepared, query, tell, tally, changed=applied, at_end=at_end)
    views: tuple[ViewCounts, ...] = ()

    def write(snapshot: DataFrame, record: Callable[[], None]) -> None:
        nonlocal views
        views = both(views, run_counted(snapshot, prepared.call.take_watched(), record))

    _apply_snapshots(world, prepared, dataset, Snapshots(world.session, flow, target, app, write))
    notice = at_end()
    commits = applied.new()
    for number, commit in enumerate(commits or [(0, 0)] if views else commits):
        tell(Batch(None, commit[0], () if number else views, commit))
    return FlowOutcome(step, None, sum(upserted for upserted, _ in commits), views, notice=notice)


def _apply_once(
    prepared: PreparedFlow, events: DataFrame, target: Target, applied: AppliedRows, app: str,
    at_end: Callable[[], str | None], tell: Tell,
) -> FlowOutcome:  # fmt: skip
    """Apply a batch that is read a single time (§4.7): after a kill what is left of it is applied."""
    each = partial(apply_events, target=target, app=app)
    if isinstance(applied, AppliedRowsInTurn):
        each = applied.in_turn(each, at_end)
    views = run_counted(events, prepared.views, lambda: each(events, 0))
    notice = at_end()
    changed = applied.next()
    tell(Batch(None, changed[0], views, changed))
    return FlowOutcome(prepared.step, None, changed[0], views, notice=notice)


def _sequence(world: World, prepared: PreparedFlow, dataset: ResolvedTable, flow: ChangesFlow) -> DataType:
    """The type of the target's sequences; a target that was not known before now gets its columns.

    Raises:
        WeirError: The declaration does not fit a source that was not known before.
    """
    df, changes = prepared.watched.df, flow.changes
    types = [f.analysis.sequence for f in dataset.flows if isinstance(f.analysis, AnalyzedQuery)]
    if dataset.schema is None:
        if problems := change_problems(df, flow, changes):
            raise WeirError(*problems)
        types.append(sequence_type(df, changes))
    sequence = sequence_of(world.storage, dataset.name, prepared.step.generation, types) or types[-1]
    if dataset.schema is None:
        _make_fit(world, dataset, flow, target_schema(df.schema, changes, sequence))
    return sequence


def _apply_snapshots(
    world: World, prepared: PreparedFlow, dataset: ResolvedTable, snapshots: Snapshots
) -> None:
    flow = snapshots.flow
    number, latest = snapshots.latest()
    snapshots.finish(number)
    if not gives_versions(flow):
        df = prepared.watched.df
        if dataset.schema is None:
            if problems := change_problems(df, flow, flow.changes):
                raise WeirError(*problems)
            _make_fit(world, dataset, flow, target_schema(df.schema, flow.changes, TimestampType()))
        snapshots.apply(df, next_time(latest), number + 1)
        return

    def ask(version: Any) -> Any:
        try:
            return prepared.call.of(flow.function, version)
        except WeirError:
            raise
        except Exception as error:
            raise call_failed(error, flow.origin) from error

    snapshots.apply_all(ask, number, latest, lambda schema: _make_fit(world, dataset, flow, schema))


def _make_fit(world: World, dataset: ResolvedTable, flow: AutoCdcFlow, schema: StructType) -> None:
    """Give a target that was not known before it was filled the columns of its source.

    Raises:
        WeirError: They do not fit what the target has, or what its definition says.
    """
    tables = Tables(world)
    state = tables.state(dataset.name)
    declared = schemas.declared(dataset.dataset.schema)
    existing = [schemas.defined(schemas.from_json(state.schema_json))] if state else []
    try:
        fitting = replace(dataset, schema=declared or schemas.union([*existing, schemas.produced(schema)]))
    except schemas.SchemaConflictError as error:
        hint = f"cast the column, or recompute the table: weir run --full-refresh {dataset.name}"
        raise WeirError(_unfit("CANNOT_CHANGE_COLUMN_TYPE", dataset, flow, str(error), hint)) from error
    unfit = [*misfits(schemas.produced(schema), fitting.schema)]
    if missing := [schemas.path_text(path) for path, wrong in unfit if not wrong]:
        lack = f"its schema does not declare `{'`, `'.join(missing)}`"
        raise WeirError(_unfit("COLUMN_NOT_IN_DECLARED_SCHEMA", dataset, flow, lack, "add it, or drop it"))
    if typed := [f"gives `{schemas.path_text(path)}` as {wrong}" for path, wrong in unfit]:
        hint = "cast the column in the snapshot, or declare it as it is"
        raise WeirError(_unfit("INVALID_COLUMN_OR_FIELD_DATA_TYPE", dataset, flow, "; ".join(typed), hint))
    tables.alter(fitting) if state else tables.create(fitting)


def _unfit(condition: str, dataset: ResolvedTable, flow: AutoCdcFlow, what: str, hint: str) -> Problem:
    message = f"What the flow `{flow.name}` reads does not fit the table `{dataset.name}`: {what}."
    return Problem(condition, message, flow.origin, hint)
