"""One update of a pipeline: open it, plan it and run its flows."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

from weir.define.load import helper_modules
from weir.model.problems import WeirError
from weir.model.results import DatasetResult, State, UpdateResult
from weir.model.settings import Selection
from weir.pipeline import OpenPipeline, open_pipeline, plan_of
from weir.plan.affected import affected
from weir.request import Request, session_for
from weir.run.listeners.listener import Listeners
from weir.run.update.continuous import ContinuousExecutor
from weir.run.update.execute import Executor
from weir.run.update.nothing_new import expected, forget, leave, tell
from weir.run.update.surroundings import Ended, request_looks
from weir.run.update.update import Update, UpdateOrder, one_update, state_of

Looked = Mapping[str, str] | None


def update_once(
    request: Request, cause: str, first: AbstractContextManager[OpenPipeline] | None = None
) -> tuple[UpdateResult, bool]:
    """Run one update; tell also whether what has failed may be gone the next time."""
    settings, begin = request.settings, time.monotonic()
    order = UpdateOrder(str(uuid.uuid4()), settings, request.selection, cause, request.stop)
    with one_update(order, request.listeners, request.say, request.jvm) as current:
        looks = request_looks(settings, request.outside) if first is None and _may_rest(request) else None
        if looks is not None and (known := expected(settings, looks)):
            request.remark("nothing has changed since the last update: Spark is not started")
            state, datasets, passes = State.COMPLETED, tell(current, *known), False
        else:
            forget(settings)
            state, datasets, passes = _run(request, current, first, looks)
    signal = None if settings.continuous else request.stop.signal
    seconds = time.monotonic() - begin
    return UpdateResult(order.id, settings.name, state, seconds, datasets, signal), passes


def _may_rest(request: Request) -> bool:
    """Is it a whole triggered update in a session that is started for it, with nothing but its settings?"""
    plain = Request(request.settings, request.outside)
    asks = (request.selection, request.focus, request.saved, request.remote, request.session, request.trial)
    nothing = (plain.selection, plain.focus, plain.saved, plain.remote, plain.session, plain.trial)
    return asks == nothing and not request.settings.continuous


def _run(
    request: Request, current: Update, first: AbstractContextManager[OpenPipeline] | None, looks: Looked
) -> tuple[State, tuple[DatasetResult, ...], bool]:
    """Run it in Spark.

    Args:
        looks: What settings and program look like; None where the next update can't be told without Spark.
    """
    session, began, sentences = session_for(request), time.time_ns(), list[str]()
    current.runs_on(session)
    current.progress("INITIALIZING")

    def say(sentence: str) -> None:
        sentences.append(sentence)
        request.say(sentence)

    pipeline = first or open_pipeline(replace(request, session=session, say=say))
    with request.stop.listening(), request.stop.cancels(session, current.stopping):
        try:
            with pipeline as opened, _with_hooks(current, opened, request):
                narrowed = _narrowed(request, opened)
                executor, datasets = _flows(narrowed, current, opened, keeps_reads=looks is not None)
                state = current.ended(datasets)
                if looks is not None and state is State.COMPLETED:
                    _leave(request, opened, executor, looks, tuple(sentences), began)
                return state, datasets, executor.can_pass
        except WeirError:
            if not request.stop.asked:
                raise
            return State.CANCELED, (), False


def _narrowed(request: Request, opened: OpenPipeline) -> Request:
    """The request for what saved sources affect; the request itself where it names tables."""
    if not request.saved or request.selection != Selection():
        return request
    modules = helper_modules(request.settings.roots)
    tables = affected(opened.graph, request.saved, {f"{getattr(m, '__file__', '')}" for m in modules})
    return request if tables is None else replace(request, selection=Selection(refresh=tables))


def _leave(
    request: Request, opened: OpenPipeline, executor: Executor, looks: Mapping[str, str],
    sentences: tuple[str, ...], began: int,
) -> None:  # fmt: skip
    """Leave for the next update what tells it that there is nothing new; no failure of that matters."""
    settings, world, graph = request.settings, opened.world, opened.graph
    try:
        plan = plan_of(opened, request.selection)
        why = leave(Ended(settings, looks, world, graph, executor, plan, sentences, began))
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
    request: Request, current: Update, opened: OpenPipeline, *, keeps_reads: bool
) -> tuple[Executor, tuple[DatasetResult, ...]]:
    settings = request.settings
    kind = ContinuousExecutor if settings.continuous else Executor
    plan = plan_of(opened, request.selection)
    current.planned(opened.graph, plan)
    executor = kind(
        opened.world, opened.graph, plan, current.listeners, request.stop, settings.development,
        keeps_reads=keeps_reads,
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
