"""What the pages draw of one update: its datasets, flows, rules and failures, as frozen values.

All texts are as the sources and the log have them: whoever puts them on a page escapes them there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from weir.graph.walk import reached
from weir.model.counts import RuleCount
from weir.model.origin import Origin
from weir.web.states.log import LogEvent
from weir.web.states.status import Status


@dataclass(frozen=True, slots=True)
class Column:
    """A column, as a flow gives it or a table has it.

    Attributes:
        type: As SQL writes it.
        mask: The function that hides it from some groups.
    """

    name: str
    type: str
    comment: str | None = None
    mask: str | None = None
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class MicroBatch:
    """A micro-batch of a stream.

    Attributes:
        seconds: How long it took.
        rows: Rows that it wrote; None if that is unknown.
        parts: What it spent its time with (`addBatch`, `latestOffset`, ...), in seconds.
    """

    number: int
    at: datetime
    seconds: float
    rows: int | None = None
    parts: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class FlowState:
    """A flow in one update.

    Attributes:
        type: APPEND, COMPLETE, UPDATE, CHANGE, SNAPSHOT_CHANGE, MATERIALIZED_VIEW or VIEW.
        inputs: Full names of what it reads, views as themselves.
        written: Rows that it wrote, or inserted, updated and deleted; None if that is unknown.
        dropped: Rows that broke a drop rule of its target or of a view that it read; None if unknown.
        counts: Dataset and rule -> count; None where that is unknown, no entry before the first batch.
        attempts: How often it failed and was tried again.
        technique: COMPLETE_RECOMPUTE or NO_OP, for a materialized view; `issue` is why it is no NO_OP (§9).
        definition: Hash of its definition.
        keys: Of AUTO CDC, the columns that tell a row of the target from all others.
        version: Of the table when it had completed; None where it is not told.
    """

    name: str
    dataset: str
    type: str
    status: Status = Status.DEFINED
    inputs: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    once: bool = False
    comment: str | None = None
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    written: int | None = 0
    dropped: int | None = 0
    counts: Mapping[tuple[str, str], RuleCount | None] = field(
        default_factory=dict[tuple[str, str], RuleCount | None]
    )
    batches: tuple[MicroBatch, ...] = ()
    attempts: int = 0
    exceptions: tuple[tuple[str, str], ...] = ()
    technique: str | None = None
    issue: str | None = None
    origin: Origin | None = None
    definition: str | None = None
    keys: tuple[str, ...] = ()
    version: int | None = None

    def seconds(self, now: datetime) -> float:
        """How long it took, or has taken by now."""
        return ((self.ended_at or now) - self.started_at).total_seconds() if self.started_at else 0.0


@dataclass(frozen=True, slots=True)
class RuleState:
    """A rule in one update.

    Attributes:
        action: `warn`, `drop` or `fail`.
        by_flow: The flow that counted -> its count, None where that is unknown; a view's rule is counted
            by each flow that reads it, a `fail` rule by none.
    """

    name: str
    condition: str
    action: str
    by_flow: Mapping[str, RuleCount | None] = field(default_factory=dict[str, RuleCount | None])

    @property
    def count(self) -> RuleCount | None:
        """All flows together; None where nothing was counted, or one of them is unknown."""
        known = [count for count in self.by_flow.values() if count is not None]
        return sum(known, RuleCount()) if known and len(known) == len(self.by_flow) else None

    @property
    def share(self) -> float | None:
        """Which part of the rows broke it, from 0 to 1; None where no row was counted."""
        count = self.count
        rows = count.passed + count.failed if count else 0
        return count.failed / rows if count and rows else None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """What the plan of an update had for a dataset.

    Attributes:
        verb: `create`, `alter`, `reset`, `drop`, `deactivate`; or `stream`, `complete`, `once`, `change`,
            `refresh`, `skip`, `exclude`.
        technique: COMPLETE_RECOMPUTE or NO_OP, where the plan knew; `issue` is why it is no NO_OP (§9).
    """

    verb: str
    dataset: str
    why: str
    flow: str | None = None
    after: tuple[str, ...] = ()
    technique: str | None = None
    issue: str | None = None


@dataclass(frozen=True, slots=True)
class DatasetState:
    """A dataset in one update: its definition as it was then, and what became of it.

    Attributes:
        kind: `streaming_table`, `materialized_view`, `view`, `sink` or `table`.
        flows: Those that write into it, in the order of their definition.
        rows: Rows that reached its rules; None if that is unknown, and for a view that nobody read.
        written: None for a view, and if it is unknown.
        definition: Hash of its definition, its flows' included.
    """

    name: str
    kind: str
    status: Status
    flows: tuple[FlowState, ...] = ()
    rules: tuple[RuleState, ...] = ()
    rows: int | None = None
    written: int | None = None
    dropped: int | None = None
    comment: str | None = None
    origin: Origin | None = None
    definition: str | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """What its flows read, each once."""
        return tuple(dict.fromkeys(name for flow in self.flows for name in flow.inputs))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of its flows, each once."""
        return tuple({column.name: column for flow in self.flows for column in flow.columns}.values())

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell a row from all others; none where that is not known."""
        return next((f.keys for f in self.flows if f.keys), ())

    @property
    def broken(self) -> int:
        """How often rows broke its rules, as far as that was counted."""
        return sum(count.failed for rule in self.rules if (count := rule.count))

    @property
    def version(self) -> int | None:
        """The newest version that a flow of it left."""
        return max((f.version for f in self.flows if f.version is not None), default=None)

    @property
    def batches(self) -> tuple[MicroBatch, ...]:
        """The micro-batches of its flows that are kept, in their order."""
        return tuple(sorted((b for f in self.flows for b in f.batches), key=lambda b: b.at))

    @property
    def rate(self) -> float | None:
        """Rows a minute, by those micro-batches; None where that is not known."""
        first, *others = self.batches or (None,)
        rows = [b.rows for b in others if b and b.rows is not None]
        if first is None or not rows or len(rows) < len(others):
            return None
        minutes = (self.batches[-1].at - first.at).total_seconds() / 60
        return sum(rows) / minutes if minutes else None

    def seconds(self, now: datetime) -> float:
        """How long its flows took, or have taken by now, all together."""
        return sum(f.seconds(now) for f in self.flows)

    @property
    def techniques(self) -> tuple[str, ...]:
        """How its flows were refreshed, where that is told."""
        return tuple(f.technique for f in self.flows if f.technique)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an update, or a part of it, did not come to its end.

    Attributes:
        dataset: None for what ended the update itself.
        condition: The stable name of the error, as `CAST_INVALID_INPUT`; None where it has none.
        message: The first exception's whole text, hint included.
        exceptions: Class and message of it and its causes, the outermost first.
        causes: The datasets because of which this one was skipped; none where it is a cause itself.
    """

    message: str
    dataset: str | None = None
    flow: str | None = None
    condition: str | None = None
    exceptions: tuple[tuple[str, str], ...] = ()
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateSummary:
    """An update in a list.

    Attributes:
        mode: `update`, `full_refresh`, `selection` or `continuous`.
        cause: USER_ACTION or RETRY_ON_FAILURE (§5.4).
        ended_at: None while it runs; for a lost one the time of its last event.
    """

    id: str
    status: Status
    started_at: datetime | None = None
    ended_at: datetime | None = None
    user: str | None = None
    cause: str | None = None
    mode: str = "update"

    def seconds(self, now: datetime) -> float | None:
        """How long it took, or has taken by now."""
        return ((self.ended_at or now) - self.started_at).total_seconds() if self.started_at else None


@dataclass(frozen=True)
class UpdateState:
    """An update as its events tell it; empty before the first.

    Attributes:
        host: Where it ran.
        runtime: Versions of Spark, Delta and Python.
        refresh: The tables that were named to be refreshed, and `full_refresh` those to be reset.
        configuration: Of the pipeline, secrets redacted.
        phases: The states that it went through, each with its beginning.
        datasets: By their full names, each after all that it reads.
        steps: The plan's, also for tables that have no definition any more.
        exceptions: What ended the update itself, class and message.
        events: All of them, in their order.
        seen_at: The time of the last event.
    """

    summary: UpdateSummary
    pipeline: str = ""
    host: str | None = None
    runtime: str | None = None
    refresh: tuple[str, ...] = ()
    full_refresh: tuple[str, ...] = ()
    configuration: Mapping[str, str] = field(default_factory=dict[str, str])
    phases: tuple[tuple[Status, datetime], ...] = ()
    datasets: Mapping[str, DatasetState] = field(default_factory=dict[str, DatasetState])
    steps: tuple[PlanStep, ...] = ()
    exceptions: tuple[tuple[str, str], ...] = ()
    events: tuple[LogEvent, ...] = ()
    seen_at: datetime | None = None

    @property
    def id(self) -> str:
        """The whole id; pages show its first six characters, addresses have eight."""
        return self.summary.id

    @property
    def status(self) -> Status:
        """Where the update stands."""
        return self.summary.status

    @cached_property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """What is read, and the dataset that reads it, outside tables included."""
        return tuple((source, d.name) for d in self.datasets.values() for source in d.inputs)

    @cached_property
    def outside(self) -> tuple[str, ...]:
        """What is read and is no dataset of the pipeline."""
        return tuple(dict.fromkeys(s for s, _ in self.edges if s not in self.datasets))

    @cached_property
    def readers(self) -> Mapping[str, tuple[str, ...]]:
        """The datasets that read a name directly."""
        readers: dict[str, list[str]] = {}
        for source, reader in self.edges:
            readers.setdefault(source, []).append(reader)
        return {name: tuple(all_of) for name, all_of in readers.items()}

    def steps_of(self, name: str) -> tuple[PlanStep, ...]:
        """What the plan had for a dataset."""
        return tuple(step for step in self.steps if step.dataset == name)

    def upstream(self, name: str) -> tuple[str, ...]:
        """All that a dataset is made of, the nearest first."""
        return reached(name, lambda n: self.datasets[n].inputs if n in self.datasets else ())

    def downstream(self, name: str) -> tuple[str, ...]:
        """All that is made of it, the nearest first."""
        return reached(name, lambda n: self.readers.get(n, ()))

    @cached_property
    def failures(self) -> tuple[Failure, ...]:
        """What went wrong: causes in the order of the graph, then consequences; or what ended all."""
        states = self.datasets.values()
        causes = [_failure(d.name, f) for d in states for f in d.flows if f.status is Status.FAILED]
        failed = {cause.dataset for cause in causes}
        skipped = (d for d in states if d.status is Status.SKIPPED)
        follow = [Failure("", d.name, causes=self._among(failed, d.name)) for d in skipped]
        own = [Failure(text, exceptions=((kind, text),)) for kind, text in self.exceptions]
        return (*causes, *follow, *(own if not causes else ()))

    def _among(self, failed: set[str | None], name: str) -> tuple[str, ...]:
        return tuple(n for n in self.upstream(name) if n in failed)

    @cached_property
    def tally(self) -> Mapping[Status, int]:
        """How many datasets stand where, in the order of `Status`."""
        counts = {s: sum(d.status is s for d in self.datasets.values()) for s in Status}
        return {status: count for status, count in counts.items() if count}


_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_.]+)\]")


def condition_of(text: str) -> str | None:
    """The stable name that an error's text begins with, in brackets.

    >>> condition_of("[CAST_INVALID_INPUT] The value 'x' can't be cast.")
    'CAST_INVALID_INPUT'
    """
    match = _CONDITION.match(text)
    return match[1] if match else None


def _failure(dataset: str, flow: FlowState) -> Failure:
    text = flow.exceptions[0][1] if flow.exceptions else ""
    return Failure(text, dataset, flow.name, condition_of(text), flow.exceptions)
