"""Walks the steps of a plan: tables first, then flows, each as soon as all that it reads has finished.

User functions are called one at a time in the main thread; what they return runs side by side.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from typing import assert_never

from pyspark.errors import PySparkException

from weir.graph.analysis import Graph, ResolvedTable
from weir.model.definitions import AutoCdcFlow, Flow, gives_versions
from weir.model.events import Record, flow_progress, stream_progress
from weir.model.lineage import Trace
from weir.model.pace import flow_attempts
from weir.model.problems import WeirError
from weir.model.results import DatasetResult
from weir.plan.steps import Plan, Setup, SetupStep, Step, Verb
from weir.run.code.session_conf import session_conf
from weir.run.flow.attempt import Batch, FlowOutcome, Look, Prepared, call_failed
from weir.run.flow.flows import begin, prepare
from weir.run.flow.inactive import deactivate, drop
from weir.run.flow.retry import can_pass
from weir.run.flow.streams import Running
from weir.run.flow.tables import Tables
from weir.run.flow.unchanged import Refresh
from weir.run.lake.world import World
from weir.run.listeners.outcomes import Ended, dataset_results, failed_event, metrics_of
from weir.run.listeners.trace import Tracer
from weir.run.update.stop import LOOK_SECONDS, Stop

SIDE_BY_SIDE = 4


@dataclass(frozen=True)
class _Run:
    """A flow in its thread; `begun` is set when it no longer needs the session's configuration."""

    step: Step
    begun: threading.Event = field(default_factory=threading.Event)


class Executor:
    """Runs one plan: each flow once."""

    def __init__(
        self, world: World, graph: Graph, plan: Plan, record: Record, stop: Stop, development: bool
    ) -> None:
        """Prepare to run a plan.

        Args:
            record: Told every event.
            stop: May ask for an early end, which it brings about itself: flows find themselves stopped.
            development: No flow is tried again, whatever its error.
        """
        self.world = world
        self.graph = graph
        self.plan = plan
        self.record = record
        self.stop = stop
        self.development = development
        self.attempts = flow_attempts(world.pipeline.configuration, development=development)
        self.flows: Mapping[str, Flow] = {f.name: f for f in world.pipeline.flows}
        self.tracer = Tracer(world, graph)
        self.tables = Tables(world.session, world.storage, world.pipeline.name)
        self.target_of = graph.targets
        self.table_of = {n: d for n, d in self.target_of.items() if isinstance(d, ResolvedTable)}
        self.waiting: list[Step] = list(plan.flows)
        self.running: dict[Future[FlowOutcome], _Run] = {}
        self.ended = Ended()
        self.tried: dict[str, FlowOutcome] = {}
        self.failures: dict[str, int] = {}
        self.unready: dict[str, PySparkException] = {}

    def make_ready(self) -> None:
        """Reset, create and alter tables; where that fails, the flows into the table will."""
        for step in self.plan.setup:
            try:
                self._make_ready(step)
            except PySparkException as error:
                self.unready[step.dataset] = error

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
                flows = (f.flow.name for f in self.graph.datasets[step.dataset].flows)
                world.storage.reset_sink(world.pipeline.name, flows, step.generation)
            case _:
                assert_never(step.verb)

    def run(self) -> tuple[DatasetResult, ...]:
        """Run all flows; a failed one takes along only what reads from it."""
        for step in self.waiting:
            self._tell(step, "QUEUED")
        for name in self.plan.excluded:
            self.record(flow_progress(name, name, "EXCLUDED"))
        with ThreadPoolExecutor(self.side_by_side(), thread_name_prefix="flow") as pool:
            while self.waiting or self.running:
                if self.ending:
                    self._drop_waiting()
                self._start_what_can(pool)
                self._collect()
        return dataset_results(self.graph, self.plan, self.ended)

    def side_by_side(self) -> int:
        """How many flows run at a time."""
        return SIDE_BY_SIDE

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

    def _drop_waiting(self) -> None:
        for step in self.waiting:
            self._stopped(step)
        self.waiting.clear()

    def _stopped(self, step: Step) -> None:
        self.ended.stopped.add(step.flow_name)
        self._tell(step, "STOPPED")

    def _start_what_can(self, pool: ThreadPoolExecutor) -> None:
        for step in list(self.waiting):
            if self._ended_badly(step.after):
                self.waiting.remove(step)
                self._skip(step)
            elif self._is_due(step) and self._done(step.after) and not self._must_wait(step):
                self.waiting.remove(step)
                self._start(step, pool)

    def _skip(self, step: Step) -> None:
        self.ended.skipped.add(step.flow_name)
        self.record(flow_progress(step.dataset, step.flow_name, "SKIPPED", "WARN"))

    def _is_due(self, step: Step) -> bool:
        """Shall it run as soon as all that it reads has?"""
        del step
        return True

    def _must_wait(self, step: Step) -> bool:
        """Some run alone; flows of changes into one table go one after another."""
        flow, runs = self.flows[step.flow_name], self.running.values()
        if must_run_alone(flow) and not all(r.begun.is_set() for r in runs):
            return True
        return isinstance(flow, AutoCdcFlow) and any(r.step.dataset == step.dataset for r in runs)

    def _start(self, step: Step, pool: ThreadPoolExecutor) -> None:
        seconds = self.ended.seconds
        seconds[step.flow_name] = seconds.get(step.flow_name, 0.0) - time.monotonic()
        prepared = self._prepared(step)
        if isinstance(prepared, FlowOutcome):
            self._finish(step, prepared)
            return
        self._tell(step, "RUNNING")
        run = _Run(step)
        self.running[pool.submit(self._work, prepared, run.begun)] = run
        if must_run_alone(prepared.flow):
            run.begun.wait()

    def _prepared(self, step: Step) -> Prepared | FlowOutcome:
        """Call its function; there is an outcome at once where nothing needs to run, or nothing can."""
        if step.verb is Verb.SKIP:
            return FlowOutcome(step)
        self._tell(step, "STARTING")
        if step.dataset in self.unready:
            return FlowOutcome(step, error=self.unready[step.dataset])
        flow = self.flows[step.flow_name]
        try:
            prepared = prepare(self.world, step, self.target_of[step.dataset], flow)
        except WeirError as error:
            return FlowOutcome(step, error=error)
        except Exception as error:  # noqa: BLE001 - whatever user code raises ends this flow only
            return FlowOutcome(step, error=call_failed(error, flow.origin))
        if prepared.refresh is not None:
            self._planned(step, prepared.refresh)
            if prepared.refresh.nothing_new:
                prepared.call.close()
                return FlowOutcome(replace(step, verb=Verb.SKIP))
        return prepared

    def _planned(self, step: Step, refresh: Refresh) -> None:
        self.record(refresh.told(step))

    def _work(self, prepared: Prepared, begun: threading.Event) -> FlowOutcome:
        """In a thread of its own: a stream keeps the configuration that it was started with."""
        try:
            self.tracer.reads(prepared)
            with session_conf(self.world.session, prepared.flow.session_conf):
                found = begin(self.world, prepared, partial(self._moved, prepared))
        finally:
            begun.set()
            prepared.call.close()
        return found.wait() if isinstance(found, Running) else found

    def _moved(self, prepared: Prepared, batch: Batch | Look) -> None:
        if isinstance(batch, Look):
            return
        step, details = prepared.step, metrics_of(prepared.dataset, batch)
        self.record(flow_progress(step.dataset, step.flow_name, "RUNNING", "METRICS", details))
        if batch.progress is not None:
            self.tracer.moved(step.flow_name, batch.progress)
            self.record(stream_progress(step.dataset, step.flow_name, batch.progress))

    # From running to ended.

    def _collect(self) -> None:
        if not self.running:
            return
        done, _ = wait(self.running, LOOK_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            self._finish(self.running.pop(future).step, future.result())

    def _finish(self, step: Step, outcome: FlowOutcome) -> None:
        name, error = step.flow_name, outcome.error
        self.ended.seconds[name] += time.monotonic()
        stopped = self.ending and not outcome.violation and (outcome.streamed or error is not None)
        if stopped:
            outcome, error = replace(outcome, error=None), None
        before = self.tried.pop(name, None) or self.ended.outcomes.get(name)
        in_all = outcome if before is None else before.then(outcome)
        if error is not None and self._again(name, error):
            self.record(failed_event(step, outcome, error, "WARN"))
            self.tried[name] = in_all
            self.waiting.insert(0, step)
            return
        self.ended.outcomes[name] = in_all
        if stopped:
            self._stopped(step)
        elif error is None:
            self.failures.pop(name, None)
            self._succeeded(step, outcome)
        else:
            self._failed(step, outcome, error)

    def _again(self, name: str, error: BaseException) -> bool:
        """Shall a flow be tried once more that failed with an error that can pass?"""
        self.failures[name] = self.failures.get(name, 0) + 1
        return self.failures[name] < self.attempts and can_pass(error)

    def _succeeded(self, step: Step, outcome: FlowOutcome) -> None:
        del outcome
        self._tell(step, "COMPLETED")

    def _failed(self, step: Step, outcome: FlowOutcome, error: BaseException) -> None:
        self.record(failed_event(step, outcome, error, "ERROR"))

    def _tell(self, step: Step, status: str) -> None:
        self.record(flow_progress(step.dataset, step.flow_name, status))

    # What the steps wait for.

    def _flows_of(self, table: str) -> list[str]:
        return [s.flow_name for s in self.plan.flows if s.dataset == table]

    def _done(self, tables: frozenset[str]) -> bool:
        ended = self.ended.outcomes
        return all(f in ended and ended[f].error is None for t in tables for f in self._flows_of(t))

    def _ended_badly(self, tables: frozenset[str]) -> bool:
        ended, skipped = self.ended.outcomes, self.ended.skipped
        names = [f for t in tables for f in self._flows_of(t)]
        return any(f in skipped or (f in ended and ended[f].error is not None) for f in names)


def must_run_alone(flow: Flow) -> bool:
    """Does it set the session's configuration, or call user code while it is executed?"""
    return bool(flow.session_conf) or gives_versions(flow)
