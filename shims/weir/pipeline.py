"""A pipeline that is open: load -> resolve -> validate, and the plan of a run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from weir.define.load import helper_modules, importable, load_sources
from weir.define.never import never_true
from weir.define.realtime import real_time
from weir.define.registry import freeze
from weir.graph.analysis import Graph
from weir.graph.resolve import resolve
from weir.graph.unloaded import without_consequences
from weir.graph.validate import nothing_to_do
from weir.model.definitions import Dataset, Pipeline, Table, View
from weir.model.problems import Problem, WeirError
from weir.model.settings import Outside, Selection
from weir.plan.foresight import foreseen
from weir.plan.inactive import with_left_over
from weir.plan.order import PipelineTables
from weir.plan.refreshes import with_refreshes
from weir.plan.steps import Plan, build, full_names, resets
from weir.request import Request, session_for
from weir.run.analysis.analyze import SparkAnalyzer
from weir.run.analysis.besides import missing_besides
from weir.run.code.call import in_force, load_time_call
from weir.run.code.file_use import FileUse
from weir.run.code.files import mapped_files
from weir.run.code.globals import runtime_names, source_globals, workers_know
from weir.run.code.intercept import intercepted
from weir.run.code.session_conf import configured, set_by_databricks
from weir.run.flow.inactive import left_over
from weir.run.flow.tables import Tables
from weir.run.lake.past import PastUpdates
from weir.run.lake.storage import Storage
from weir.run.lake.world import World
from weir.run.machine.conflicts import refuse_conflicts
from weir.run.update.surroundings import Opening


@dataclass(frozen=True)
class OpenPipeline:
    """A pipeline that was loaded and resolved; user code can be called while it is open.

    Attributes:
        defined: All that its sources define, also what something else stands in for.
        opening: What was so while its sources were read, if the next update may be told without Spark.
    """

    world: World
    graph: Graph
    problems: tuple[Problem, ...]
    defined: tuple[Dataset, ...] = ()
    opening: Opening | None = None

    @property
    def pipeline(self) -> Pipeline:
        """The definitions."""
        return self.world.pipeline

    def refuse_problems(self) -> None:
        """Only a pipeline without problems can be used.

        Raises:
            WeirError: The definitions have problems; all of them.
        """
        if self.problems:
            raise WeirError(*self.problems)


@contextmanager
def open_pipeline(request: Request) -> Iterator[OpenPipeline]:
    """Load the sources and resolve the graph; problems are part of the value."""
    settings, sentences, use = request.settings, list[str](), FileUse()
    refuse_conflicts()
    storage, session, began = Storage(settings.storage), session_for(request), time.time_ns()

    def say(sentence: str) -> None:
        sentences.append(sentence)
        request.say(sentence)

    nothing = Pipeline(settings.name, settings.namespace, {}, (), settings.configuration)
    loading = load_time_call(World(session, nothing, storage, request.outside))
    conf = configured(session, {**set_by_databricks(settings), **settings.configuration}, say)
    names = source_globals(session, request.outside)
    patches = intercepted(runtime_names(names))
    files = mapped_files(request.outside, use)
    with importable(settings.roots), patches, files, conf, closing(loading):
        with in_force(loading):
            registry = load_sources(settings.files, names, settings.roots)
        refused = [problem for error in loading.refusals for problem in error.problems]
        registry.problems.extend(p for p in refused if p not in registry.problems)
        workers_know(helper_modules(settings.roots))
        pipeline, problems = freeze(
            registry, settings.name, settings.namespace, settings.configuration, settings.functions
        )
        for notice in (*registry.notices.values(), *never_true(pipeline), *real_time(pipeline)):
            say(notice)
        defined = tuple(pipeline.datasets.values())
        focus = focus_of(request, pipeline) if not problems else None
        outside = request.outside.without(focus or ())
        pipeline = with_rows_of(without_stand_ins(pipeline, outside), focus or ())
        world = World(session, pipeline, storage, outside, frozenset(loading.own_views), request.trial)
        to_reset, _ = resets(pipeline, request.selection) if not problems else (frozenset(), ())
        graph = resolve(pipeline, SparkAnalyzer(world, to_reset), focus)
        for notice in graph.notices:
            say(notice)
        found = (*problems, *graph.problems)
        found = (*found, *missing_besides(world, graph.failed, found))
        told = tuple(p.with_hint() for p in without_consequences(found, registry.unloaded))
        opening = Opening(request.looks, use, tuple(sentences), began) if request.looks else None
        told = told or tuple(nothing_to_do(pipeline, settings.files))
        yield OpenPipeline(world, graph, told, defined, opening)


def focus_of(request: Request, pipeline: Pipeline) -> tuple[str, ...] | None:
    """The full names of the datasets in focus.

    Raises:
        WeirError: One of them means no dataset of the pipeline, or several.
    """
    if request.focus is None:
        return None
    return tuple(full_names(pipeline.datasets, frozenset(request.focus)).values())


def without_stand_ins(pipeline: Pipeline, outside: Outside) -> Pipeline:
    """A table that is given from outside takes the place of the dataset of that name."""
    datasets = {n: d for n, d in pipeline.datasets.items() if n not in outside.tables}
    flows = tuple(f for f in pipeline.flows if f.target in datasets)
    return replace(pipeline, datasets=datasets, flows=flows)


def with_rows_of(pipeline: Pipeline, focus: Sequence[str]) -> Pipeline:
    """A view in focus becomes a table of the same name: only a table's rows can be looked at."""
    views = [d for n in focus if isinstance(d := pipeline.datasets[n], View)]
    tables = {v.name: Table(v.name, v.origin, v.comment, v.expectations) for v in views}
    return replace(pipeline, datasets={**pipeline.datasets, **tables})


def pipeline_tables(opened: OpenPipeline) -> PipelineTables:
    """What must be known of a pipeline to find its place among others."""
    own = frozenset(opened.pipeline.datasets)
    return PipelineTables(own, opened.graph.outside, not opened.problems)


def plan_of(opened: OpenPipeline, selection: Selection) -> Plan:
    """The steps that a run would take.

    Raises:
        WeirError: The definitions have problems; all of them.
    """
    opened.refuse_problems()
    world, graph = opened.world, opened.graph
    tables = Tables(world)
    plan = build(world.pipeline, graph, selection, tables)
    past = PastUpdates(world)
    plan = with_refreshes(plan, graph, world.pipeline.configuration, past)
    plan = foreseen(plan, world.pipeline, graph, past)
    return with_left_over(plan, world.pipeline, graph, left_over(world))
