"""One update of a pipeline: open it, plan it and run its flows."""

from __future__ import annotations

import time
import uuid
from contextlib import AbstractContextManager
from dataclasses import replace

from weir.model.problems import WeirError
from weir.model.results import DatasetResult, State, UpdateResult
from weir.pipeline import OpenPipeline, open_pipeline, plan_of
from weir.request import Request, session_for
from weir.run.listeners.listener import Listeners
from weir.run.update.continuous import ContinuousExecutor
from weir.run.update.execute import Executor
from weir.run.update.update import Update, UpdateOrder, one_update, state_of


def update_once(
    request: Request, cause: str, first: AbstractContextManager[OpenPipeline] | None = None
) -> tuple[UpdateResult, bool]:
    """Run one update; tell also whether what has failed may be gone the next time."""
    settings, begin = request.settings, time.monotonic()
    order = UpdateOrder(str(uuid.uuid4()), settings, request.selection, cause, request.stop)
    with one_update(order, request.listeners, request.say, request.jvm) as current:
        session = session_for(request)
        current.runs_on(session)
        current.progress("INITIALIZING")
        pipeline = first or open_pipeline(replace(request, session=session))
        with request.stop.listening(), request.stop.cancels(session, current.stopping):
            try:
                state, datasets, passes = _flows(request, current, pipeline)
            except WeirError:
                if not request.stop.asked:
                    raise
                state, datasets, passes = State.CANCELED, (), False
    signal = None if settings.continuous else request.stop.signal
    seconds = time.monotonic() - begin
    return UpdateResult(order.id, settings.name, state, seconds, datasets, signal), passes


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
    request: Request, current: Update, pipeline: AbstractContextManager[OpenPipeline]
) -> tuple[State, tuple[DatasetResult, ...], bool]:
    settings = request.settings
    kind = ContinuousExecutor if settings.continuous else Executor
    with pipeline as opened, _with_hooks(current, opened, request):
        plan = plan_of(opened, request.selection)
        current.planned(opened.graph, plan)
        executor = kind(
            opened.world, opened.graph, plan, current.listeners, request.stop, settings.development
        )
        current.progress("SETTING_UP_TABLES")
        executor.make_ready()
        current.progress("RUNNING")
        try:
            datasets = executor.run()
        finally:
            if executor.running:
                current.leaves_running()
        current.trace = executor.trace()
        return current.ended(datasets), datasets, executor.can_pass


def _with_hooks(current: Update, opened: OpenPipeline, request: Request) -> AbstractContextManager[None]:
    """Event hooks hear of updates of the pipeline, not of a dataset under test."""
    hooks = opened.pipeline.hooks if request.focus is None else ()
    return current.loaded(hooks, opened.pipeline.deprecations)
