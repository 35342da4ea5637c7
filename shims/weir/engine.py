"""The verbs in one screen: load -> resolve -> validate -> plan -> run -> record."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyspark.sql import SparkSession

from weir.bundle.bundle import required_bundle
from weir.bundle.governed import governance_of
from weir.model.definitions import Sink
from weir.model.pace import pause_before, update_retries
from weir.model.problems import unsupported
from weir.model.results import State, UpdateResult
from weir.pipeline import OpenPipeline, open_pipeline
from weir.plan.maintenance import MaintenanceRequest, plan_upkeep
from weir.plan.steps import full_names
from weir.request import Request, session_for
from weir.run.analysis.why import BrokenRows, broken_rows
from weir.run.governed.groups import GroupSession, group_session
from weir.run.lake.lock import jvm_of, lease_of, update_lock
from weir.run.lake.query import query
from weir.run.lake.storage import Storage, open_table
from weir.run.machine.conflicts import refuse_conflicts
from weir.run.upkeep.maintenance import MaintenanceResult, keep_up, tables_of
from weir.update import run_apart, update_once


def broken_of(opened: OpenPipeline, table: str, limit: int) -> BrokenRows:
    """The rows that break rules of a table or view, as its flows make them of what there is now.

    Raises:
        WeirError: The definitions have problems, there is no such dataset, or a flow failed.
    """
    opened.refuse_problems()
    datasets = opened.graph.datasets
    name = full_names(datasets, frozenset({table}))[table]
    return broken_rows(opened.world, datasets[name].dataset, limit)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the flows of a dataset make of what there is now.

    Attributes:
        columns: None if its rows never came to be.
        total: How many rows there are in all.
        outside: What was read that the pipeline does not make, by full names.
        result: How its flows and those of what it reads ended, and what rules saw.
    """

    dataset: str
    columns: tuple[str, ...] | None
    rows: tuple[Mapping[str, Any], ...]
    total: int
    outside: frozenset[str]
    result: UpdateResult


def preview(request: Request, dataset: str, limit: int) -> Preview:
    """The first rows of a table or view as a full refresh would make them; nothing is written.

    Tables that lie in the storage stand for what the dataset reads. Those that do not are computed, too.

    Args:
        request: Its tables outside win over those in the storage.
        dataset: The last parts of its name suffice.
        limit: How many rows are wanted.

    Raises:
        WeirError: The definitions have problems, there is no such dataset, or it is a sink.
    """
    storage = Storage(request.settings.storage)
    there = {name: str(storage.table(name)) for name in storage.tables()}
    with TemporaryDirectory(prefix="weir-") as scratch:
        settings = replace(request.settings, storage=Path(scratch), continuous=False)
        outside = replace(request.outside, tables={**there, **request.outside.tables})
        apart = replace(request, settings=settings, outside=outside, focus=(dataset,))
        with open_pipeline(apart) as opened:
            opened.refuse_problems()
            name = full_names(opened.pipeline.datasets, frozenset({dataset}))[dataset]
            target = opened.graph.datasets[name].dataset
            if isinstance(target, Sink):
                raise unsupported(f"A preview of the sink `{name}`", "preview what its flows read")
            result = run_apart(opened, apart)
            table = open_table(opened.world.storage.table(name))
        if table is None or result.state is not State.COMPLETED:
            return Preview(name, None, (), 0, opened.graph.outside, result)
        found = query(table, f"SELECT * FROM t LIMIT {int(limit)}")
        (number,) = query(table, "SELECT count(*) AS n FROM t").rows
    rows, outside = tuple(found.rows), opened.graph.outside
    return Preview(name, tuple(found.columns), rows, number["n"], outside, result)


def maintain(
    request: Request, work: MaintenanceRequest, skipping: frozenset[str] = frozenset(), *, dry_run: bool
) -> tuple[MaintenanceResult, ...]:
    """Delete rows past their time, lay files out anew and remove those that no table needs.

    Args:
        work: The day, and the tables whose VACUUM is forced; short names suffice.
        skipping: Flows of other pipelines that go on when rows are deleted.
        dry_run: Write nothing, and tell what would be done.

    Raises:
        WeirError: The definitions or the properties of tables have problems, or an update runs.
    """
    storage, name = Storage(request.settings.storage), request.settings.name
    held = update_lock(storage.lock(name), name, "", request.jvm, request.say)
    with nullcontext() if dry_run else held as lock:
        session = session_for(request)
        if lock is not None:
            lock.names_jvm(jvm_of(session), lease_of(session))
        with open_pipeline(replace(request, session=session)) as opened:
            return tuple(_upkeep(opened, work, skipping, dry_run))


def _upkeep(
    opened: OpenPipeline, work: MaintenanceRequest, skipping: frozenset[str], dry_run: bool
) -> Iterator[MaintenanceResult]:
    opened.refuse_problems()
    world, graph = opened.world, opened.graph
    forced = frozenset(full_names(graph.datasets, work.forced).values())
    for upkeep in plan_upkeep(tables_of(world, graph, skipping), replace(work, forced=forced)):
        yield keep_up(world.session, world.storage, upkeep, dry_run=dry_run)


@contextmanager
def as_group(
    group: str,
    storage: Storage,
    folder: Path,
    *,
    target: str | None = None,
    user: str = "nobody",
    start: Callable[[Path], SparkSession],
) -> Iterator[GroupSession]:
    """The tables of a storage as a group of the bundle sees them.

    Args:
        folder: Where the search for the bundle begins, which holds grants and functions.
        target: Target of the bundle; the default one if None.
        user: Who `current_user()` is in masks and row filters.
        start: Gives the owner's session, whose log is the file.

    Raises:
        WeirError: No bundle, an unknown group, or a function that can't be made.
    """
    governance = governance_of(required_bundle(folder, target))
    governance.member_of(group)
    refuse_conflicts()
    with group_session(start(storage.log("groups")), storage, governance, group, user) as opened_session:
        yield opened_session


def run(request: Request, first: AbstractContextManager[OpenPipeline] | None = None) -> UpdateResult:
    """One update, triggered or continuous; in production others follow while it fails (§5.5).

    Args:
        first: Gives the pipeline to the first update as it was opened just now; None opens it.

    Returns:
        What the last one did.

    Raises:
        WeirError: Definitions or arguments are wrong, or another update runs; nothing was touched.
    """
    settings, request = request.settings, request.with_looks()
    if settings.continuous and request.remote:
        raise unsupported("A continuous update over Spark Connect", "run it in process: leave out --remote")
    result, again = update_once(request, "USER_ACTION", first)
    retries = update_retries(
        settings.configuration, development=settings.development, continuous=settings.continuous
    )
    for retry in itertools.count(1):
        if again is None or (retries is not None and retry > retries):
            break
        with request.stop.listening():
            if not request.stop.pause(pause_before(retry)):
                break
        result, again = update_once(replace(request, selection=again), "RETRY_ON_FAILURE")
    return result
