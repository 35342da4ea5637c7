"""Walks the steps of a plan: tables first, then flows, each as soon as all that it reads has finished.

User functions are called one at a time in the main thread; what they return runs side by side.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import assert_never

from weir.graph.analysis import Graph, ResolvedTable
from weir.model.definitions import AutoCdcFlow, Flow, gives_versions
from weir.model.events import flow_progress, stream_progress
from weir.model.lineage import Trace
from weir.model.pace import flow_attempts
from weir.model.results import DatasetResult
from weir.plan.schedule import Schedule
from weir.plan.steps import Plan, Setup, SetupStep, Step, Verb
from weir.run.analysis.settle import settle
from weir.run.code.session_conf import session_conf
from weir.run.files.source import NewFieldsError
from weir.run.flow.attempt import Batch, EmptyBatch, FlowOutcome, PreparedFlow
from weir.run.flow.boundary import Failure, within
from weir.run.flow.flows import begin, prepare
from weir.run.flow.inactive import deactivate, drop
from weir.run.flow.reads import Reads, reads_of
from weir.run.flow.retry import can_pass, is_for_another_start
from weir.run.flow.streams import RunningStream
from weir.run.flow.tables import Tables
from weir.run.flow.unchanged import Refresh
from weir.run.lake.world import World
from weir.run.listeners.listener import Listeners
from weir.run.listeners.outcomes import FlowEnds, dataset_results, failed_event, metrics_of
from weir.run.listeners.trace import Tracer
from weir.run.update.background import BackgroundWork
from weir.run.update.stop import LOOK_SECONDS, Stop, cancel

SIDE_BY_SIDE = 4


@dataclass(frozen=True)
class _Run:
    """A flow in its thread; `begun` is set when it no longer needs the session's configuration."""

    step: Step
    begun: threading.Event = field(default_factory=threading.Event)


class Executor:
    """Runs one plan: each flow once."""

    def __init__(
        self, world: World, graph: Graph, plan: Plan, listeners: Listeners, stop: Stop, development: bool,
        *, keeps_reads: bool = False,
    ) -> None:  # fmt: skip
        """Prepare to run a plan.

        Args:
            stop: May ask for an early end, which it brings about itself: flows find themselves stopped.
            development: No flow is tried again, whatever its error.
            keeps_reads: What its flows read is asked for later.
        """
        self.world = world
        self.graph = graph
        self.plan = plan
        self.listeners = listeners
        self.record = listeners.record
        self.stop = stop
        self.development = development
        self.attempts = flow_attempts(world.pipeline.configuration, development=development)
        self.flows: Mapping[str, Flow] = {f.name: f for f in world.pipeline.flows}
        self.tracer = Tracer(world, graph)
        self.tables = Tables(world)
        self.target_of = graph.targets
        self.table_of = {n: d for n, d in self.target_of.items() if isinstance(d, ResolvedTable)}
        self.schedule = Schedule(plan.flows)
        self.left = {step.flow_name: step for step in plan.flows}
        self.ready: dict[str, Step] = {}
        self.running: dict[str, _Run] = {}
        self.beside: BackgroundWork[tuple[Step, FlowOutcome]] = BackgroundWork()
        self.ended = FlowEnds()
        self.tried: dict[str, FlowOutcome] = {}
        self.failures: dict[str, int] = {}
        self.unready: dict[str, Failure] = {}
        self.keeps_reads = keeps_reads
        self.reads: dict[str, Reads] = {}

    def make_ready(self) -> None:
        """Reset, create and alter tables; where that fails, the flows into the table will."""
        for name, table in self.table_of.items():
            if name not in self.plan.excluded and self.tables.state(name) is None:
                self.tables.forget(table)  # before a query is asked what it reads: it looks into these
        for step in self.plan.setup:
            if failure := within(step.dataset, partial(self._make_ready, step)):
                self.unready[step.dataset] = failure
                if step.dataset not in self.target_of:
                    self.listeners.say(f"{step}: {failure.error}")

    def _make_ready(self, step: SetupStep) -> None:
        world, tables = self.world, self.table_of
        match step.verb:
            case Setup.DROP:
                drop(world.storage, step.dataset)
            case Setup.DEACTIVATE:
                deactivate(world.session, world.storage, step.dataset)
            case Setup.CREATE:
                self.tables.create(tables[step.dataset])
            case Setup.ALTER:
                self.tables.alter(tables[step.dataset])
            case Setup.RESET if step.dataset in tables:
                self.tables.reset(tables[step.dataset], step.generation)
            case Setup.RESET:  # of a sink only the checkpoints are forgotten (§4.5)
                for flow in (flow for flow in self.plan.flows if flow.dataset == step.dataset):
                    checkpoint = world.storage.checkpoint(
                        world.pipeline.name, flow.flow_name, flow.generation
                    )
                    checkpoint.mkdir(parents=True, exist_ok=True)
            case _:
                assert_never(step.verb)

    def run(self) -> tuple[DatasetResult, ...]:
        """Run all flows; a failed one takes along only what reads from it."""
        for step in self.plan.flows:
            self._tell(step, "QUEUED")
        for name in self.plan.excluded:
            self.record(flow_progress(name, name, "EXCLUDED"))
        try:
            self._release()
            while (self.left or self.running) and not self._gives_up():
                if self.ending:
                    self._drop_waiting()
                self._collect(0.0 if self._start_next() else LOOK_SECONDS)
        finally:
            if self.running:
                cancel(self.world.session)
        return dataset_results(self.graph, self.plan, self.ended)

    @property
    def ending(self) -> bool:
        """Shall no flow start any more?"""
        return self.stop.asked

    def trace(self) -> Trace:
        """What was read and written."""
        ended = self.ended.outcomes.items()
        done = frozenset(name for name, outcome in ended if outcome.error is None)
        return self.tracer.trace(done - self.ended.stopped)

    @property
    def can_pass(self) -> bool:
        """Has a flow failed with an error that may be gone the next time?"""
        return any(o.error is not None and can_pass(o.error) for o in self.ended.outcomes.values())

    # From waiting to running.

    def _release(self) -> None:
        """Flows whose inputs are there now may start."""
        self.ready.update((step.flow_name, step) for step in self.schedule.ready())

    def _wait(self, step: Step) -> None:
        """A flow that shall run again may start, before those that have not."""
        self.left[step.flow_name] = step
        self.ready = {step.flow_name: step, **self.ready}

    def _drop_waiting(self) -> None:
        for step in self.left.values():
            self._stopped(step)
        self.left.clear()
        self.ready.clear()

    def _stopped(self, step: Step) -> None:
        self.ended.stopped.add(step.flow_name)
        self._tell(step, "STOPPED")

    def _start_next(self) -> bool:
        """Start the first flow that may; false if none does."""
        step = next((s for s in self.ready.values() if not self._must_wait(s)), None)
        if step is None:
            return False
        del self.ready[step.flow_name], self.left[step.flow_name]
        self._start(step)
        return True

    def _must_wait(self, step: Step) -> bool:
        """Some run alone; flows of changes into one table go one after another."""
        runs = self.running.values()
        if len(runs) >= SIDE_BY_SIDE:
            return True
        flow = self.flows[step.flow_name]
        if must_run_alone(flow) and not all(r.begun.is_set() for r in runs):
            return True
        table, beside = self.target_of[step.dataset], any(r.step.dataset == step.dataset for r in runs)
        unknown = isinstance(table, ResolvedTable) and table.schema is None
        return beside and (unknown or isinstance(flow, AutoCdcFlow))

    def _start(self, step: Step) -> None:
        seconds = self.ended.seconds
        seconds[step.flow_name] = seconds.get(step.flow_name, 0.0) - time.monotonic()
        prepared = self._prepared(step)
        if isinstance(prepared, FlowOutcome):
            self._finish(step, prepared)
            return
        self._tell(step, "RUNNING")
        run, name = _Run(step), step.flow_name
        work = partial(self._outcome, prepared, run.begun)
        if failure := within(name, lambda: self.beside.start(f"flow {name}", lambda: (step, work()))):
            self._finish(step, failure.before_rows(step))
            return
        self.running[name] = run
        while must_run_alone(prepared.flow) and not (run.begun.wait(LOOK_SECONDS) or self.stop.overdue):
            pass

    def _prepared(self, step: Step) -> PreparedFlow | FlowOutcome:
        """Call its function; there is an outcome at once where nothing needs to run, or nothing can."""
        if step.verb is Verb.SKIP:
            return FlowOutcome(step)
        self._tell(step, "STARTING")
        if step.dataset in self.unready:
            return self.unready[step.dataset].before_rows(step)
        flow, target = self.flows[step.flow_name], self.target_of[step.dataset]
        endless = self._is_endless(step)
        prepared = within(
            step.flow_name,
            lambda: prepare(self.world, step, target, flow, settle, endless=endless),
            flow.origin,
        )
        if isinstance(prepared, Failure):
            return prepared.before_rows(step)
        self._settled(prepared)
        if self.keeps_reads:
            with suppress(Exception):  # it fails no flow: what is not told counts as unseen
                self.reads[step.flow_name] = reads_of(prepared)
        if prepared.refresh is not None:
            self._planned(step, prepared.refresh)
            if prepared.refresh.nothing_new:
                self._forget(prepared)
                return FlowOutcome(replace(step, verb=Verb.SKIP))
        return prepared

    def _is_endless(self, step: Step) -> bool:
        """Does it go on, as a stream, when it has read what there is?"""
        del step
        return False

    def _settled(self, prepared: PreparedFlow) -> None:
        """A table whose schema is known since its function was called."""
        dataset = prepared.dataset
        if dataset is not self.graph.datasets[dataset.name]:
            self.graph = replace(self.graph, datasets={**self.graph.datasets, dataset.name: dataset})

    def _planned(self, step: Step, refresh: Refresh) -> None:
        self.record(refresh.event(step))

    def _outcome(self, prepared: PreparedFlow, begun: threading.Event) -> FlowOutcome:
        outcome = within(prepared.flow.name, lambda: self._work(prepared, begun))
        if isinstance(outcome, Failure):
            atomic = prepared.sink is None and not prepared.streams
            return outcome.among_rows(prepared.step, prepared.views, all_or_nothing=atomic)
        return outcome

    def _work(self, prepared: PreparedFlow, begun: threading.Event) -> FlowOutcome:
        """In a thread of its own: a stream keeps the configuration that it was started with."""
        try:
            self.tracer.reads(prepared)
            with session_conf(self.world.session, prepared.flow.session_conf):
                outcome = begin(self.world, prepared, partial(self._moved, prepared))
        finally:
            begun.set()
            self._forget(prepared)
        return outcome.wait() if isinstance(outcome, RunningStream) else outcome

    def _moved(self, prepared: PreparedFlow, batch: Batch | EmptyBatch) -> None:
        """The rows are written: whatever goes wrong in the telling changes nothing of that."""
        if isinstance(batch, EmptyBatch):
            return
        if failure := within(prepared.flow.name, lambda: self._tell_batch(prepared, batch)):
            self.listeners.say(f"the event log lacks a batch of {prepared.flow.name}: {failure.error}")

    def _tell_batch(self, prepared: PreparedFlow, batch: Batch) -> None:
        step, details = prepared.step, metrics_of(prepared.dataset, batch)
        self.record(flow_progress(step.dataset, step.flow_name, "RUNNING", "METRICS", details))
        if batch.progress is not None:
            self.tracer.moved(step.flow_name, batch.progress)
            self.record(stream_progress(step.dataset, step.flow_name, batch.progress))

    def _forget(self, prepared: PreparedFlow) -> None:
        with suppress(Exception):  # what a session that is gone held is gone too
            prepared.call.close()

    # From running to ended.

    def _collect(self, seconds: float) -> None:
        for step, outcome in self.beside.results(seconds):
            del self.running[step.flow_name]
            self._finish(step, outcome)

    def _gives_up(self) -> bool:
        """Flows that do not end though they were asked to are left to the end of the process."""
        if not (self.running and self.stop.overdue):
            return False
        for name, run in self.running.items():
            self.ended.seconds[name] += time.monotonic()
            self._stopped(run.step)
        return True

    def _finish(self, step: Step, outcome: FlowOutcome) -> None:
        name, error = step.flow_name, outcome.error
        self.ended.seconds[name] += time.monotonic()
        if outcome.notice:
            self.listeners.say(outcome.notice)
        stopped = self.ending and not outcome.violation and (outcome.streamed or error is not None)
        if stopped:
            outcome, error = replace(outcome, error=None), None
        before = self.tried.pop(name, None) or self.ended.outcomes.get(name)
        in_all = outcome if before is None else before.then(outcome)
        if error is not None and name not in self.schedule.doomed and self._again(name, error):
            self.record(failed_event(step, outcome, error, "WARN"))
            self.tried[name] = in_all
            if isinstance(error, NewFieldsError):
                self._unsettle(step.dataset)
            self._wait(step)
            return
        self.ended.outcomes[name] = in_all
        self.schedule.ended(step)
        if stopped:
            self._stopped(step)
        elif error is None:
            self.failures.pop(name, None)
            self._succeeded(step, outcome)
        else:
            self._failed(step, outcome, error)
        self._release()

    def _unsettle(self, name: str) -> None:
        """New columns come into a table: its schema, and those below it, are known when flows are called."""
        below, waiting = {name}, [name]
        while waiting:
            above = waiting.pop()
            readers = {
                n for n, d in self.graph.datasets.items()
                if any(above in f.analysis.inputs for f in d.flows)
            } - below  # fmt: skip
            below |= readers
            waiting += readers
        for dataset in below & self.table_of.keys():
            self.target_of = {**self.target_of, dataset: replace(self.table_of[dataset], schema=None)}

    def _again(self, name: str, error: BaseException) -> bool:
        """Shall a flow be tried once more that failed with an error that can pass?"""
        if is_for_another_start(error):
            return True
        self.failures[name] = self.failures.get(name, 0) + 1
        return self.failures[name] < self.attempts and can_pass(error)

    def _succeeded(self, step: Step, outcome: FlowOutcome) -> None:
        del outcome
        self._tell(step, "COMPLETED")

    def _failed(self, step: Step, outcome: FlowOutcome, error: BaseException) -> None:
        self.record(failed_event(step, outcome, error, "ERROR"))
        for reader in self.schedule.doom(step):
            if self.left.pop(reader.flow_name, None) is not None:
                self.ready.pop(reader.flow_name, None)
                self._skip(reader)

    def _skip(self, step: Step) -> None:
        self.ended.skipped.add(step.flow_name)
        self.record(flow_progress(step.dataset, step.flow_name, "SKIPPED", "WARN"))

    def _tell(self, step: Step, status: str) -> None:
        self.record(flow_progress(step.dataset, step.flow_name, status, details=self._left(step, status)))

    def _left(self, step: Step, status: str) -> dict[str, int] | None:
        """The version of its table when a flow is done, or waits for more."""
        done = status in {"COMPLETED", "IDLE"} and step.dataset in self.table_of
        version = self.world.storage.version(step.dataset) if done else None
        return {"table_version": version} if version is not None else None


def must_run_alone(flow: Flow) -> bool:
    """Does it set the session's configuration, or call user code while it is executed?"""
    return bool(flow.session_conf) or gives_versions(flow)
