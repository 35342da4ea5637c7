"""The verbs in one screen: load -> resolve -> validate -> plan -> run -> record."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyspark.sql import SparkSession

from weir.bundle.bundle import required_bundle
from weir.bundle.governed import governance_of
from weir.define.load import helper_modules, importable, load_sources
from weir.define.mentions import mentions
from weir.define.registry import freeze
from weir.graph.analysis import Graph
from weir.graph.resolve import resolve
from weir.graph.validate import nothing_to_do
from weir.model.definitions import Pipeline
from weir.model.pace import pause_before, update_retries
from weir.model.problems import Problem, WeirError, unsupported
from weir.model.request import Outside, Selection, Settings
from weir.model.results import DatasetResult, State, UpdateResult
from weir.plan.foresight import foreseen
from weir.plan.inactive import with_left_over
from weir.plan.maintenance import MaintenanceRequest, plan_upkeep
from weir.plan.order import PipelineTables
from weir.plan.steps import Plan, build, full_names, resets
from weir.run.analysis.analyze import SparkAnalyzer
from weir.run.analysis.why import BrokenRows, broken_rows
from weir.run.code.call import in_force, load_time_call
from weir.run.code.globals import source_globals, workers_know
from weir.run.code.intercept import intercepted
from weir.run.code.session_conf import configured
from weir.run.flow.inactive import left_over
from weir.run.flow.tables import Tables
from weir.run.governed.groups import GroupSession, group_session
from weir.run.lake.lock import jvm_of, update_lock
from weir.run.lake.past import PastUpdates
from weir.run.lake.storage import Storage
from weir.run.lake.world import World
from weir.run.listeners.listener import Listener
from weir.run.machine.conflicts import refuse_conflicts
from weir.run.machine.session import connect_session, start_session
from weir.run.update.continuous import ContinuousExecutor
from weir.run.update.execute import Executor
from weir.run.update.stop import Stop
from weir.run.update.update import Update, UpdateOrder, one_update
from weir.run.upkeep.maintenance import MaintenanceResult, keep_up, tables_of


@dataclass(frozen=True, slots=True)
class Request:
    """What a verb is asked to do, and with what.

    Attributes:
        focus: Only these datasets and what they read; None for all.
        remote: A Spark Connect server; None runs in this process.
        session: A session to use instead of starting one (tests).
        say: Told what takes long.
        listeners: Who hears of a run besides its log, hooks and records.
        stop: Asks a run to end early.
    """

    settings: Settings
    outside: Outside = field(default_factory=Outside)
    selection: Selection = field(default_factory=Selection)
    focus: tuple[str, ...] | None = None
    remote: str | None = None
    session: SparkSession | None = None
    say: Callable[[str], None] = lambda _: None
    listeners: tuple[Listener, ...] = ()
    stop: Stop = field(default_factory=Stop)


@dataclass(frozen=True)
class OpenPipeline:
    """A pipeline that was loaded and resolved; user code can be called while it is open."""

    world: World
    graph: Graph
    problems: tuple[Problem, ...]

    @property
    def pipeline(self) -> Pipeline:
        """The definitions."""
        return self.world.pipeline


@contextmanager
def open_pipeline(request: Request) -> Iterator[OpenPipeline]:
    """Load the sources and resolve the graph; problems are part of the value."""
    settings = request.settings
    refuse_conflicts()
    storage = Storage(settings.storage)
    session = _session(request)
    nothing = Pipeline(settings.name, settings.namespace, {}, (), settings.configuration)
    loading = load_time_call(World(session, nothing, storage, request.outside))
    conf = configured(session, settings.configuration, request.say)
    with importable(settings.roots), intercepted(), conf, closing(loading):
        with in_force(loading):
            registry = load_sources(settings.files, source_globals(session))
        refused = [problem for error in loading.refusals for problem in error.problems]
        registry.problems.extend(p for p in refused if p not in registry.problems)
        workers_know(helper_modules(settings.roots))
        pipeline, problems = freeze(
            registry, settings.name, settings.namespace, settings.configuration, settings.functions
        )
        pipeline = without_stand_ins(pipeline, request.outside)
        world = World(session, pipeline, storage, request.outside, frozenset(loading.own_views))
        to_reset, _ = resets(pipeline, request.selection) if not problems else (frozenset(), ())
        graph = resolve(pipeline, SparkAnalyzer(world, to_reset), request.focus)
        yield OpenPipeline(world, graph, (*problems, *graph.problems) or tuple(nothing_to_do(pipeline)))


def without_stand_ins(pipeline: Pipeline, outside: Outside) -> Pipeline:
    """A table that is given from outside takes the place of the dataset of that name."""
    datasets = {n: d for n, d in pipeline.datasets.items() if n not in outside.tables}
    flows = tuple(f for f in pipeline.flows if f.target in datasets)
    return replace(pipeline, datasets=datasets, flows=flows)


def one_session(requests: tuple[Request, ...]) -> tuple[Request, ...]:
    """The requests, all of them with one session in this process, for which the first one's log is kept.

    It is started with the entries of the configuration on which all agree: no pipeline has those of another.
    """
    kafka = any(_names_kafka(request.settings) for request in requests)
    entries = common_entries([request.settings.configuration for request in requests])
    settings = replace(requests[0].settings, configuration=entries)
    session = _session(replace(requests[0], settings=settings), kafka=kafka)
    return tuple(replace(request, session=session) for request in requests)


def common_entries(configurations: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The entries that are the same in all configurations."""
    return dict(set.intersection(*(set(c.items()) for c in configurations)))


def pipeline_tables(found: OpenPipeline) -> PipelineTables:
    """What must be known of a pipeline to find its place among others."""
    return PipelineTables(frozenset(found.pipeline.datasets), found.graph.outside, not found.problems)


def _session(request: Request, *, kafka: bool | None = None) -> SparkSession:
    """The request's own or a new one, with Kafka if it is wanted or, by default, if its sources name it."""
    if request.session:
        return request.session
    if request.remote:
        return connect_session(request.remote)
    settings = request.settings
    log = Storage(settings.storage).log(settings.name)
    wanted = _names_kafka(settings) if kafka is None else kafka
    return start_session(log, settings.configuration, request.say, kafka=wanted)


def _names_kafka(settings: Settings) -> bool:
    """By a text in the sources, or by an entry of the configuration that chooses it."""
    chosen = "kafka" in settings.configuration.values()
    return chosen or mentions("kafka", settings.files, settings.roots)


def plan_of(opened: OpenPipeline, selection: Selection) -> Plan:
    """The steps that a run would take.

    Raises:
        WeirError: The definitions have problems; all of them.
    """
    if opened.problems:
        raise WeirError(*opened.problems)
    world = opened.world
    tables = Tables(world.session, world.storage, world.pipeline.name)
    plan = build(world.pipeline, opened.graph, selection, tables)
    plan = foreseen(plan, world.pipeline, opened.graph, PastUpdates(world))
    return with_left_over(plan, world.pipeline, opened.graph, left_over(world))


def broken_of(opened: OpenPipeline, table: str, limit: int) -> BrokenRows:
    """The rows that break rules of a table or view, as its flows make them of what there is now.

    Raises:
        WeirError: The definitions have problems, there is no such dataset, or a flow failed.
    """
    if opened.problems:
        raise WeirError(*opened.problems)
    datasets = opened.graph.datasets
    name = full_names(datasets, frozenset({table}))[table]
    return broken_rows(opened.world, datasets[name].dataset, limit)


def maintain(
    request: Request, asked: MaintenanceRequest, skipping: frozenset[str] = frozenset(), *, dry_run: bool
) -> tuple[MaintenanceResult, ...]:
    """Delete rows past their time, lay files out anew and remove those that no table needs.

    Args:
        asked: The day, and the tables whose VACUUM is forced; short names suffice.
        skipping: Flows of other pipelines that go on when rows are deleted.
        dry_run: Write nothing, and tell what would be done.

    Raises:
        WeirError: The definitions or the properties of tables have problems, or an update runs.
    """
    storage, name = Storage(request.settings.storage), request.settings.name
    own_jvm = jvm_of(request.session or SparkSession.getActiveSession())
    held = update_lock(storage.lock(name), name, "", own_jvm, request.say)
    with nullcontext() if dry_run else held as lock:
        session = _session(request)
        if lock is not None:
            lock.names_jvm(jvm_of(session))
        with open_pipeline(replace(request, session=session)) as loaded:
            return tuple(_kept_up(loaded, asked, skipping, dry_run))


def _kept_up(
    loaded: OpenPipeline, asked: MaintenanceRequest, skipping: frozenset[str], dry_run: bool
) -> Iterator[MaintenanceResult]:
    if loaded.problems:
        raise WeirError(*loaded.problems)
    world, graph = loaded.world, loaded.graph
    forced = frozenset(full_names(graph.datasets, asked.forced).values())
    for upkeep in plan_upkeep(tables_of(world, graph, skipping), replace(asked, forced=forced)):
        yield keep_up(world.session, world.storage, upkeep, dry_run=dry_run)


@contextmanager
def as_group(
    group: str,
    storage: Storage,
    folder: Path,
    *,
    target: str | None = None,
    user: str = "nobody",
    session: SparkSession | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[GroupSession]:
    """The tables of a storage as a group of the bundle sees them.

    Args:
        folder: Where the search for the bundle begins, which holds grants and functions.
        target: Target of the bundle; the default one if None.
        user: Who `current_user()` is in masks and row filters.
        session: The owner's; a new one if None.

    Raises:
        WeirError: No bundle, an unknown group, or a function that can't be made.
    """
    governance = governance_of(required_bundle(folder, target))
    governance.member_of(group)
    refuse_conflicts()
    owner = session or start_session(storage.log("groups"), {}, say)
    with group_session(owner, storage, governance, group, user) as opened_session:
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
    settings = request.settings
    if settings.continuous and request.remote:
        raise unsupported("A continuous update over Spark Connect", "run it in process: leave out --remote")
    result, passes = _update(request, "USER_ACTION", first)
    retries = update_retries(
        settings.configuration, development=settings.development, continuous=settings.continuous
    )
    for retry in itertools.count(1):
        if not passes or (retries is not None and retry > retries):
            break
        with request.stop.listening():
            if not request.stop.pause(pause_before(retry)):
                break
        result, passes = _update(request, "RETRY_ON_FAILURE")
    return result


def _update(
    request: Request, cause: str, first: AbstractContextManager[OpenPipeline] | None = None
) -> tuple[UpdateResult, bool]:
    """Run one update; tell also whether what has failed may be gone the next time."""
    settings, begin = request.settings, time.monotonic()
    order = UpdateOrder(str(uuid.uuid4()), settings, request.selection, cause, request.stop)
    own_jvm = jvm_of(request.session or SparkSession.getActiveSession())
    with one_update(order, request.listeners, request.say, own_jvm) as update:
        session = _session(request)
        update.runs_on(session)
        update.progress("INITIALIZING")
        open_now = first or open_pipeline(replace(request, session=session))
        with request.stop.listening(), request.stop.cancels(session, update.stopping):
            try:
                state, datasets, passes = _flows(request, update, open_now)
            except WeirError:
                if not request.stop.asked:
                    raise
                state, datasets, passes = State.CANCELED, (), False
    signal = None if settings.continuous else request.stop.signal
    seconds = time.monotonic() - begin
    return UpdateResult(order.id, settings.name, state, seconds, datasets, signal), passes


def _flows(
    request: Request, update: Update, open_now: AbstractContextManager[OpenPipeline]
) -> tuple[State, tuple[DatasetResult, ...], bool]:
    settings = request.settings
    kind = ContinuousExecutor if settings.continuous else Executor
    with open_now as loaded, _told(update, loaded, request):
        plan = plan_of(loaded, request.selection)
        update.planned(loaded.graph, plan)
        executor = kind(
            loaded.world, loaded.graph, plan, update.listeners, request.stop, settings.development
        )
        update.progress("SETTING_UP_TABLES")
        executor.make_ready()
        update.progress("RUNNING")
        try:
            datasets = executor.run()
        finally:
            if executor.running:
                update.leaves_running()
        update.trace = executor.trace()
        return update.ended(datasets), datasets, executor.can_pass


def _told(update: Update, loaded: OpenPipeline, request: Request) -> AbstractContextManager[None]:
    """Event hooks hear of updates of the pipeline, not of a dataset under test."""
    hooks = loaded.pipeline.hooks if request.focus is None else ()
    return update.loaded(hooks, loaded.pipeline.deprecations)
