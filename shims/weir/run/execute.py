"""Walks the steps of a plan: tables first, then flows, each as soon as all that it reads has finished.

User functions are called one at a time in the main thread; what they return runs side by side.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from pyspark.errors import PySparkException

from weir.define.load import user_problem
from weir.graph.analysis import Graph
from weir.model.definitions import Flow
from weir.model.events import Record, flow_progress, stream_progress
from weir.model.problems import WeirError
from weir.model.results import DatasetResult
from weir.plan.steps import Plan, Step, Verb
from weir.run.attempt import FlowOutcome, Prepared
from weir.run.flows import execute, prepare
from weir.run.inactive import deactivate, drop
from weir.run.outcomes import dataset_results, metrics_of, reported
from weir.run.reader import World, session_conf
from weir.run.retry import can_pass, max_attempts
from weir.run.tables import Tables

SIDE_BY_SIDE = 4


@dataclass
class _Progress:
    """What is under way and what has ended."""

    waiting: list[Step]
    running: dict[Future[FlowOutcome], Step] = field(default_factory=dict)
    outcomes: dict[str, FlowOutcome] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=dict)


class Executor:
    """Runs one plan."""

    def __init__(self, world: World, graph: Graph, plan: Plan, record: Record) -> None:
        self.world = world
        self.graph = graph
        self.plan = plan
        self.record = record
        self.flows: Mapping[str, Flow] = {f.name: f for f in world.pipeline.flows}
        self.tables = Tables(world.session, world.storage, world.pipeline.name)
        self.progress = _Progress(list(plan.flows))
        self.attempts: dict[str, int] = {}
        self.unready: dict[str, PySparkException] = {}

    def make_ready(self) -> None:
        """Reset, create and alter tables; where that fails, the flows into the table will."""
        for step in self.plan.setup:
            try:
                self._make_ready(step)
            except PySparkException as error:
                self.unready[step.dataset] = error

    def _make_ready(self, step: Step) -> None:
        world, datasets = self.world, self.graph.datasets
        match step.verb:
            case Verb.DROP:
                drop(world.storage, step.dataset)
            case Verb.DEACTIVATE:
                deactivate(world.session, world.storage, step.dataset)
            case Verb.CREATE:
                self.tables.create(datasets[step.dataset])
            case Verb.ALTER:
                self.tables.alter(datasets[step.dataset])
            case _:
                self.tables.reset(datasets[step.dataset], step.generation)

    def run(self) -> tuple[DatasetResult, ...]:
        """Run all flows; a failed one takes along only what reads from it."""
        for step in self.progress.waiting:
            self.record(flow_progress(step.dataset, step.flow_name, "QUEUED"))
        for name in self.plan.excluded:
            self.record(flow_progress(name, name, "EXCLUDED"))
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="flow") as pool:
            while self.progress.waiting or self.progress.running:
                self._start_what_can(pool)
                if self.progress.running:
                    self._collect()
        return dataset_results(
            self.graph,
            self.plan,
            self.progress.outcomes,
            self.progress.skipped,
            self.progress.seconds,
        )

    def _start_what_can(self, pool: ThreadPoolExecutor) -> None:
        for step in list(self.progress.waiting):
            if self._ended_badly(step.after):
                self.progress.waiting.remove(step)
                self.progress.skipped.add(step.flow_name)
                self.record(flow_progress(step.dataset, step.flow_name, "SKIPPED", "WARN"))
            elif self._done(step.after):
                flow = self.flows[step.flow_name]
                if _alone(flow) and self.progress.running:
                    continue
                if flow.changes is not None and self._is_busy(step.dataset):
                    continue  # flows of changes into one table go one after another
                self.progress.waiting.remove(step)
                self._start(step, pool)
                if _alone(flow):
                    return

    def _start(self, step: Step, pool: ThreadPoolExecutor) -> None:
        name = step.flow_name
        self.progress.seconds[name] = -time.monotonic()
        if step.verb is Verb.SKIP:
            self._finish(step, FlowOutcome(step))
            return
        self.record(flow_progress(step.dataset, name, "STARTING"))
        if step.dataset in self.unready:
            self._finish(step, FlowOutcome(step, error=self.unready[step.dataset]))
            return
        flow = self.flows[name]
        try:
            prepared = prepare(self.world, step, self.graph.datasets[step.dataset], flow)
        except WeirError as error:
            self._finish(step, FlowOutcome(step, error=error))
            return
        except Exception as error:  # noqa: BLE001 - whatever user code raises ends this flow only
            problem = user_problem("QUERY_FUNCTION_FAILED", error, flow.origin)
            self._finish(step, FlowOutcome(step, error=WeirError(problem)))
            return
        if prepared.refresh is not None:
            self.record(prepared.refresh.told(step))
            if prepared.refresh.nothing_new:
                self._forget(prepared)
                self._finish(step, FlowOutcome(replace(step, verb=Verb.SKIP)))
                return
        self.record(flow_progress(step.dataset, name, "RUNNING"))
        self.progress.running[pool.submit(self._with_conf, prepared, flow)] = step
        if _alone(flow):
            self._collect()

    def _with_conf(self, prepared: Prepared, flow: Flow) -> FlowOutcome:
        with session_conf(self.world.session, flow.spark_conf):
            outcome = execute(self.world, prepared)
        self._forget(prepared)
        return outcome

    def _forget(self, prepared: Prepared) -> None:
        for view in prepared.temp_views:
            self.world.session.catalog.dropTempView(view)

    def _collect(self) -> None:
        done, _ = wait(self.progress.running, return_when=FIRST_COMPLETED)
        for future in done:
            self._finish(self.progress.running.pop(future), future.result())

    def _finish(self, step: Step, outcome: FlowOutcome) -> None:
        name = step.flow_name
        if outcome.error is not None and self._again(step, outcome):
            return
        self.progress.seconds[name] += time.monotonic()
        self.progress.outcomes[name] = outcome
        for details in metrics_of(outcome, self.graph):
            self.record(flow_progress(step.dataset, name, "RUNNING", "METRICS", details))
        for progress in outcome.progress:
            self.record(stream_progress(step.dataset, name, progress))
        self.record(reported(step, outcome))

    def _again(self, step: Step, outcome: FlowOutcome) -> bool:
        """Put a flow back that failed with an error that can pass on retry."""
        name = step.flow_name
        self.attempts[name] = self.attempts.get(name, 0) + 1
        if self.attempts[name] >= max_attempts(self.world.pipeline.configuration):
            return False
        if outcome.error is None or not can_pass(outcome.error):
            return False
        self.record(reported(step, outcome, "WARN"))
        self.progress.seconds.pop(name, None)
        self.progress.waiting.insert(0, step)
        return True

    def _is_busy(self, table: str) -> bool:
        return any(s.dataset == table for s in self.progress.running.values())

    def _flows_of(self, table: str) -> list[str]:
        return [s.flow_name for s in self.plan.flows if s.dataset == table]

    def _done(self, tables: frozenset[str]) -> bool:
        ended = self.progress.outcomes
        return all(f in ended and ended[f].error is None for t in tables for f in self._flows_of(t))

    def _ended_badly(self, tables: frozenset[str]) -> bool:
        ended, skipped = self.progress.outcomes, self.progress.skipped
        names = [f for t in tables for f in self._flows_of(t)]
        return any(f in skipped or (f in ended and ended[f].error is not None) for f in names)


def _alone(flow: Flow) -> bool:
    """Does it set the session's configuration, or call user code while it is executed?"""
    return bool(flow.spark_conf) or flow.gives_versions
