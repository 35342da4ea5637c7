"""Keeps tables in shape: gathers what a plan must know of them, takes its steps, measures what they freed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from weir.graph.analysis import Graph, ResolvedTable
from weir.model.definitions import AutoCdcFlow, MaterializedView
from weir.plan.maintenance import MaintainedTable, MaintenanceStep, Task, Upkeep
from weir.run.frames.quality import first_line
from weir.run.lake.paths import delta_at
from weir.run.lake.storage import Storage, TableState, open_table
from weir.run.lake.world import World
from weir.run.upkeep.dependents import Dependents


@dataclass(frozen=True, slots=True)
class Size:
    """Files and bytes: those that hold the table's rows, and all that lie in its folder."""

    files: int
    bytes: int
    files_on_disk: int
    bytes_on_disk: int


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step did, or would do.

    Attributes:
        count: Rows of a DELETE, files of a VACUUM; None where it can't be told.
    """

    step: MaintenanceStep
    count: int | None = None


@dataclass(frozen=True, slots=True)
class MaintenanceResult:
    """The upkeep of one table, done or, in a dry run, foretold.

    Attributes:
        error: Why a step failed; those after it were not taken.
    """

    upkeep: Upkeep
    steps: tuple[StepResult, ...]
    before: Size
    after: Size
    error: str | None = None


def tables_of(world: World, graph: Graph, skipping: frozenset[str]) -> Iterator[MaintainedTable]:
    """The tables of a pipeline that exist, with all that is known of them."""
    dependents = Dependents(world, graph, skipping)
    for dataset in (d for d in graph.datasets.values() if isinstance(d, ResolvedTable)):
        state = world.storage.state(dataset.name)
        if state is not None:
            yield _table(world.storage, dataset, state, dependents)


def _table(
    storage: Storage, dataset: ResolvedTable, state: TableState, dependents: Dependents
) -> MaintainedTable:
    name, defined = dataset.name, dataset.dataset
    fields = json.loads(state.schema_json)["fields"]
    of_delta = {k: v for k, v in state.properties.items() if k.startswith("delta.")}  # what VACUUM goes by
    return MaintainedTable(
        name,
        delta_at(storage.table(name)),
        {**defined.table_properties, **of_delta},
        {f["name"]: f["type"] if isinstance(f["type"], str) else f["type"]["type"] for f in fields},
        state.partition_columns,
        bool(defined.cluster_by),
        isinstance(defined, MaterializedView),
        any(isinstance(f.flow, AutoCdcFlow) for f in dataset.flows),
        storage.ordered_by(name),
        dependents.promises(name),
        dependents.readers(name),
        defined.origin,
    )


def keep_up(session: SparkSession, storage: Storage, upkeep: Upkeep, *, dry_run: bool) -> MaintenanceResult:
    """Take the steps for one table, up to one that fails; in a dry run, only ask what they would do."""
    folder = storage.table(upkeep.table)
    before, done, error = measured(folder), list[StepResult](), None
    for step in upkeep.steps:
        try:
            done.append(StepResult(step, _taken(session, step, folder, dry_run=dry_run)))
        except PySparkException as failure:
            error = f"{step.statement}: {first_line(failure)}"
            break
    return MaintenanceResult(upkeep, tuple(done), before, measured(folder), error)


def _taken(session: SparkSession, step: MaintenanceStep, folder: Path, *, dry_run: bool) -> int | None:
    """Take a step, or ask what it would do; a VACUUM that would remove nothing is two commits for nothing."""
    if step.task is Task.VACUUM:
        size = measured(folder)  # to ask Delta takes a second
        files = session.sql(step.preview or "").collect() if size.files_on_disk > size.files else []
        if files and not dry_run:
            session.sql(step.statement)
        return len(files)
    text = step.preview if dry_run else step.statement
    rows = session.sql(text).collect() if text else []
    return rows[0][0] if step.task is Task.DELETE else None


def measured(folder: Path) -> Size:
    """How large a table is, now."""
    table = open_table(folder)
    active: Any = pa.table(table.get_add_actions())["size_bytes"].to_pylist() if table else []
    there = [f for f in folder.rglob("*") if "_delta_log" not in f.parts and not f.name.startswith(".")]
    sizes = [f.stat().st_size for f in there if f.is_file()]
    return Size(len(active), sum(active), len(sizes), sum(sizes))
