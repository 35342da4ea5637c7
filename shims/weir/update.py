"""One update of a pipeline: open it, plan it and run its flows."""

from __future__ import annotations

import time
import uuid
from contextlib import AbstractContextManager
from dataclasses import replace

from weir.define.load import helper_modules
from weir.model.no_op import NothingNew
from weir.model.problems import WeirError
from weir.model.results import DatasetResult, State, UpdateResult
from weir.model.settings import Selection
from weir.pipeline import OpenPipeline, open_pipeline, plan_of
from weir.plan.affected import affected
from weir.plan.outline import Outline
from weir.plan.retry import selection_of_retry
from weir.request import Request, session_for
from weir.run.listeners.listener import Listeners
from weir.run.update.continuous import ContinuousExecutor
from weir.run.update.execute import Executor
from weir.run.update.nothing_new import expected, forget, leave, tell
from weir.run.update.surroundings import Ended, Opening
from weir.run.update.update import Update, UpdateOrder, one_update, state_of


def update_once(
    request: Request, cause: str, first: AbstractContextManager[OpenPipeline] | None = None
) -> tuple[UpdateResult, Selection | None]:
    """Run one update; tell also what a retry selects, if what has failed may be gone the next time."""
    settings, begin = request.settings, time.monotonic()
    order = UpdateOrder(str(uuid.uuid4()), settings, request.selection, cause, request.stop)
    with one_update(order, request.listeners, request.say, request.jvm) as current:
        if first is None and (known := at_rest(request)):
            request.remark("nothing has changed since the last update: Spark is not started")
            state, datasets, again = State.COMPLETED, tell(current, *known), None
        else:
            forget(settings)
            state, datasets, again = _run(request, current, first)
    signal = None if settings.continuous else request.stop.signal
    seconds = time.monotonic() - begin
    return UpdateResult(order.id, settings.name, state, seconds, datasets, signal), again


def at_rest(request: Request) -> tuple[Outline, NothingNew] | None:
    """What an update would tell now, if it can be told without Spark that there is nothing new."""
    return expected(request.settings, request.looks) if request.looks else None


def _run(
    request: Request, current: Update, first: AbstractContextManager[OpenPipeline] | None
) -> tuple[State, tuple[DatasetResult, ...], Selection | None]:
    """Run it in Spark."""
    session = session_for(request)
    current.runs_on(session)
    current.progress("INITIALIZING")
    pipeline = first or open_pipeline(replace(request, start=lambda: session))
    with request.stop.listening(), request.stop.cancels(session, current.stopping):
        try:
            with pipeline as opened, _with_hooks(current, opened, request):
                narrowed = _narrowed(request, opened)
                executor, datasets = _flows(narrowed, current, opened)
                state = current.ended(datasets)
                if opened.opening is not None and state is State.COMPLETED:
                    _leave(request, opened, executor, opened.opening)
                if not executor.can_pass:
                    return state, datasets, None
                unready = executor.unready
                again = selection_of_retry(request.selection, executor.plan, opened.graph, unready)
                return state, datasets, again
        except WeirError:
            if not request.stop.asked:
                raise
            return State.CANCELED, (), None


def _narrowed(request: Request, opened: OpenPipeline) -> Request:
    """The request for what saved sources affect; the request itself where it names tables."""
    if not request.saved or request.selection != Selection():
        return request
    modules = helper_modules(request.settings.roots)
    tables = affected(opened.graph, request.saved, {f"{getattr(m, '__file__', '')}" for m in modules})
    return request if tables is None else replace(request, selection=Selection(refresh=tables))


def _leave(request: Request, opened: OpenPipeline, executor: Executor, opening: Opening) -> None:
    """Leave for the next update what tells it that there is nothing new; no failure of that matters."""
    settings, world, graph = request.settings, opened.world, opened.graph
    try:
        plan = plan_of(opened, request.selection)
        why = leave(Ended(settings, opening, world, graph, executor, plan))
    except Exception as error:  # noqa: BLE001 - the update has completed, and the next one runs
        why = f"{type(error).__name__}: {error}"
    if why:
        request.remark(f"the next update will start Spark though nothing may be new: {why}")


def run_apart(opened: OpenPipeline, request: Request) -> UpdateResult:
    """Run the flows of a pipeline once, without a log, a lock and anybody who hears of it.

    Raises:
        WeirError: The definitions have problems.
    """
    begin = time.monotonic()
    plan = plan_of(opened, request.selection)
    nobody = Listeners(lambda _: {}, (), request.say)
    executor = Executor(opened.world, opened.graph, plan, nobody, request.stop, development=True)
    executor.make_ready()
    datasets = executor.run()
    return UpdateResult("", request.settings.name, state_of(datasets), time.monotonic() - begin, datasets)


def _flows(
    request: Request, current: Update, opened: OpenPipeline
) -> tuple[Executor, tuple[DatasetResult, ...]]:
    settings = request.settings
    kind = ContinuousExecutor if settings.continuous else Executor
    plan = plan_of(opened, request.selection)
    current.planned(opened.graph, plan)
    executor = kind(
        opened.world, opened.graph, plan, current.listeners, request.stop, settings.development,
        keeps_reads=opened.opening is not None,
    )  # fmt: skip
    current.progress("SETTING_UP_TABLES")
    executor.make_ready()
    current.progress("RUNNING")
    try:
        datasets = executor.run()
    finally:
        if executor.running:
            current.leaves_running()
    current.trace = executor.trace()
    return executor, datasets


def _with_hooks(current: Update, opened: OpenPipeline, request: Request) -> AbstractContextManager[None]:
    """Event hooks hear of updates of the pipeline, not of a dataset under test."""
    hooks = opened.pipeline.hooks if request.focus is None else ()
    return current.loaded(hooks, opened.pipeline.deprecations)
