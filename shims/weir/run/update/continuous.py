"""A continuous update: each flow once in the order of the graph, then each on its interval (§5.7).

A stream becomes a query that does not end and looks for rows itself. One that reads only files whose columns
were looked at starts again on its interval, if there are any. A materialized view is asked on its interval
whether a refresh would change anything.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import replace
from typing import Any

from weir.model.definitions import Table, runs_once
from weir.model.pace import OTHERWISE, OVER_DELTA, STREAMING, interval_of
from weir.plan.steps import Step, Verb
from weir.run.flow.attempt import Batch, EmptyBatch, FlowOutcome, PreparedFlow
from weir.run.flow.reads import news_of
from weir.run.flow.retry import can_pass
from weir.run.flow.unchanged import Refresh
from weir.run.update.execute import SIDE_BY_SIDE, Executor, must_run_alone
from weir.run.update.stop import end_streams


class ContinuousExecutor(Executor):
    """Runs the flows of a plan again and again."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Prepare to run a plan; the arguments are those of an Executor."""
        super().__init__(*arguments, **options)
        self.due: list[tuple[float, str]] = []
        self.endless: set[str] = set()
        self.in_rounds: set[str] = set()
        self.batches: set[str] = set()
        self.told: dict[str, str] = {}
        self.intervals: dict[str, int] = {}
        self.halted = False

    @property
    def ending(self) -> bool:
        """Also where a failure ends the update, since another one follows."""
        return self.stop.asked or self.halted

    def _start_next(self) -> bool:
        while self.due and self.due[0][0] <= time.monotonic():
            _, name = heapq.heappop(self.due)
            if name in self.left:
                self.ready[name] = self.left[name]
        return super()._start_next()

    def _must_wait(self, step: Step) -> bool:
        """All streams run at a time, besides some batches.

        Flows into one table need not wait here: their batches take turns (`AppliedInTurn`).
        """
        if step.flow_name not in self.endless and len(self.batches) >= SIDE_BY_SIDE:
            return True
        alone = must_run_alone(self.flows[step.flow_name])
        return alone and not all(r.begun.is_set() for r in self.running.values())

    def _start(self, step: Step) -> None:
        if step.flow_name not in self.endless:
            self.batches.add(step.flow_name)
        super()._start(step)

    def _finish(self, step: Step, outcome: FlowOutcome) -> None:
        self.batches.discard(step.flow_name)
        super()._finish(step, outcome)

    def _prepared(self, step: Step) -> PreparedFlow | FlowOutcome:
        prepared = super()._prepared(step)
        if isinstance(prepared, FlowOutcome):
            return prepared
        over_delta = prepared.refresh is not None and prepared.refresh.over_delta
        default = STREAMING if prepared.streams else OVER_DELTA if over_delta else OTHERWISE
        self.intervals[step.flow_name] = self._interval(step, default)
        every = self.intervals[step.flow_name] if step.flow_name in self.endless else None
        news = news_of(prepared)
        if news is not None:
            self.in_rounds.add(step.flow_name)
            if not news and step.flow_name in self.ended.outcomes:
                self._forget(prepared)
                return FlowOutcome(replace(step, verb=Verb.SKIP))
        return replace(prepared, every=every, side_by_side=True)

    def _is_endless(self, step: Step) -> bool:
        return step.flow_name in self.endless

    def _planned(self, step: Step, refresh: Refresh) -> None:
        """Nothing is told of looks that find nothing."""
        if not (refresh.nothing_new and step.flow_name in self.ended.outcomes):
            super()._planned(step, refresh)

    def _interval(self, step: Step, default: int) -> int:
        flow, dataset = self.flows[step.flow_name], self.graph.datasets[step.dataset].dataset
        configuration = self.world.pipeline.configuration
        properties = dataset.table_properties if isinstance(dataset, Table) else {}
        return interval_of(flow.spark_conf, properties, configuration, default=default)

    def _collect(self, seconds: float) -> None:
        self._end_what_must()
        super()._collect(seconds)

    def _end_what_must(self) -> None:
        """A stream ends where one fails that it reads from (§2.4)."""
        ending = self.running.keys() if self.halted else self.running.keys() & self.schedule.doomed
        if ending:
            end_streams(self.world.session, ending.__contains__)

    def _succeeded(self, step: Step, outcome: FlowOutcome) -> None:
        name = step.flow_name
        if name in self.schedule.doomed:
            self._skip(step)
            return
        if step.verb is Verb.SKIP or runs_once(self.flows[name]):
            super()._succeeded(step, outcome)
            return
        self._tell(step, "IDLE")
        self.left[name] = replace(step, anew=False, refresh=None)
        if outcome.streamed and name not in self.in_rounds:
            self.endless.add(name)
            self.ready[name] = self.left[name]
        else:
            seconds = self.intervals.get(name, self._interval(step, OVER_DELTA))
            heapq.heappush(self.due, (time.monotonic() + seconds, name))

    def _failed(self, step: Step, outcome: FlowOutcome, error: BaseException) -> None:
        super()._failed(step, outcome, error)
        self.halted = self.halted or (not self.development and can_pass(error))

    def _moved(self, prepared: PreparedFlow, batch: Batch | EmptyBatch) -> None:
        if isinstance(batch, EmptyBatch):
            self._tell(prepared.step, "IDLE")
        else:
            self.told[prepared.step.flow_name] = "RUNNING"
            super()._moved(prepared, batch)

    def _tell(self, step: Step, status: str) -> None:
        """A flow that runs again tells what is new: rows, and that there are no more."""
        name = step.flow_name
        again = status == "STARTING" and name in self.ended.outcomes
        if again or status == self.told.get(name) or (status == "RUNNING" and name in self.endless):
            return
        self.told[name] = status
        super()._tell(step, status)
