"""The steps of an update, as data. Building them reads the state of tables and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, Protocol

from weir.graph.analysis import (
    AnalysisDeferred,
    Graph,
    ResolvedDataset,
    ResolvedFlow,
    ResolvedSink,
    ResolvedTable,
    ResolvedView,
)
from weir.model.definitions import (
    AutoCdcFlow,
    Dataset,
    MaterializedView,
    OnceFlow,
    Pipeline,
    SnapshotFlow,
    StreamingTable,
    Table,
    View,
    gives_versions,
)
from weir.model.names import Ends, by_ends, fold, meant
from weir.model.problems import Problem, WeirError, closest
from weir.model.refresh import RefreshDecision
from weir.model.settings import Selection


class Setup(StrEnum):
    """What makes a table ready."""

    DROP = "drop"
    DEACTIVATE = "deactivate"
    RESET = "reset"
    CREATE = "create"
    ALTER = "alter"


class Verb(StrEnum):
    """What moves rows, or says why none move."""

    STREAM = "stream"
    COMPLETE = "complete"
    ONCE = "once"
    CHANGE = "change"
    REFRESH = "refresh"
    SKIP = "skip"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing to do with a table before rows move; it waits for nothing.

    Attributes:
        generation: The checkpoint generation after the step.
        breaks: The condition with which streams from the table fail after it, whatever their options.
    """

    flow: ClassVar[None] = None
    after: ClassVar[frozenset[str]] = frozenset()
    verb: Setup
    dataset: str
    why: str
    generation: int = 0
    breaks: str | None = None

    def __str__(self) -> str:
        return f"{self.verb} {self.dataset}"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do with a flow into a table.

    Attributes:
        flow: None for a table that is left out.
        generation: The checkpoint generation of the flow.
        after: The tables that must be up to date before.
        anew: A full refresh: it runs though nothing has changed.
        refresh: How a materialized view is refreshed; None where the run decides.
    """

    verb: Verb
    dataset: str
    why: str
    flow: str | None = None
    generation: int = 0
    after: frozenset[str] = frozenset()
    anew: bool = False
    refresh: RefreshDecision | None = None

    @property
    def flow_name(self) -> str:
        """The flow that the step runs: the table's own where it names none."""
        return self.flow or self.dataset

    def __str__(self) -> str:
        through = f" by {self.flow}" if self.flow and self.flow != self.dataset else ""
        return f"{self.verb} {self.dataset}{through}"


@dataclass(frozen=True)
class Plan:
    """All steps: first tables are made ready, then flows run, each after all that it reads."""

    steps: tuple[SetupStep | Step, ...]
    notices: tuple[str, ...] = ()

    @cached_property
    def setup(self) -> tuple[SetupStep, ...]:
        """The steps that make tables ready."""
        return tuple(s for s in self.steps if isinstance(s, SetupStep))

    @cached_property
    def flows(self) -> tuple[Step, ...]:
        """The steps that move rows, and those that say why none move."""
        return tuple(s for s in self.steps if isinstance(s, Step) and s.verb is not Verb.EXCLUDE)

    @cached_property
    def excluded(self) -> frozenset[str]:
        """The tables that the request left out."""
        return frozenset(s.dataset for s in self.steps if s.verb is Verb.EXCLUDE)


class ExistingTable(Protocol):
    """What a plan asks of a table that exists."""

    @property
    def generation(self) -> int:
        """How often it was reset."""
        ...


class StateReader(Protocol):
    """What a plan may know of the world; reading only."""

    def state(self, name: str) -> ExistingTable | None:
        """The table as it is, if it exists."""
        ...

    def has_checkpoint(self, flow: str, generation: int) -> bool:
        """Did the flow run in this generation?"""
        ...

    def was_run(self, name: str, flow: str, generation: int) -> bool:
        """Did a once flow land in this generation?"""
        ...

    def has_ended(self, flow: str, generation: int) -> bool:
        """Did a once flow that streams come to its end in this generation?"""
        ...

    def sink_generation(self, flow: str) -> int:
        """How often a flow into a sink was reset, from its checkpoints."""
        ...

    def difference(self, dataset: ResolvedTable) -> str | None:
        """How an existing table differs from its definition, in words; None if it does not."""
        ...

    def reset_breaks(self, dataset: ResolvedTable) -> str | None:
        """The condition with which streams from a table fail once it is reset, whatever their options."""
        ...


def resets(pipeline: Pipeline, selection: Selection) -> tuple[frozenset[str], tuple[str, ...]]:
    """The tables that a request resets, and what is said about those it may not reset (§4.5).

    Raises:
        WeirError: A table was named that does not exist, or that must not be reset.
    """
    tables = {n: d for n, d in pipeline.datasets.items() if not isinstance(d, View)}
    named = full_names(tables, selection.refresh | selection.full_refresh)
    protected = {n for n, d in tables.items() if is_protected(d)}
    refused = sorted(protected & frozenset(named[n] for n in selection.full_refresh))
    if refused:
        raise WeirError(*(_protected(n, pipeline) for n in refused))
    if not selection.full_refresh_all:
        return frozenset(named[n] for n in selection.full_refresh), ()
    notices = ()
    if protected:
        listed = ", ".join(sorted(protected))
        notices = (
            "Skipping full refresh on some tables because pipelines.reset.allowed was set to false: "
            f"{listed}",
        )
    return frozenset(tables) - protected, notices


def is_protected(dataset: Dataset) -> bool:
    """Must the table keep its history, whatever is asked for?"""
    properties = dataset.table_properties if isinstance(dataset, Table) else dict[str, str]()
    return properties.get("pipelines.reset.allowed", "true").lower() == "false"


def selected(pipeline: Pipeline, selection: Selection) -> frozenset[str] | None:
    """The tables that a request names; None for all."""
    if selection.everything or selection.full_refresh_all:
        return None
    named = full_names(pipeline.datasets, selection.refresh | selection.full_refresh)
    return frozenset(named.values())


def full_names(tables: Mapping[str, object], wanted: frozenset[str]) -> dict[str, str]:
    """Each wanted name as the full name of a table: the last parts suffice where they are unique.

    Raises:
        WeirError: A name means none of the tables, or several.
    """
    names: dict[str, str] = {}
    problems: list[Problem] = []
    ends: Ends = by_ends(tables) if wanted else {}
    for name in sorted(wanted):
        hits = meant(name, ends)
        if len(hits) == 1:
            names[name] = hits[0]
        else:
            problems.append(_not_selectable(name, hits, tables))
    if problems:
        raise WeirError(*problems)
    return names


def _not_selectable(name: str, hits: list[str], tables: Mapping[str, object]) -> Problem:
    if hits:
        return Problem(
            "AMBIGUOUS_DATASET_NAME",
            f"`{name}` means several tables.",
            None,
            f"one of {', '.join(hits)}",
        )
    return Problem(
        "DATASET_NOT_FOUND",
        f"The pipeline has no table `{name}`.",
        None,
        closest(fold(name), tables) or f"its tables are: {', '.join(tables)}",
    )


def _protected(name: str, pipeline: Pipeline) -> Problem:
    return Problem(
        "RESET_NOT_ALLOWED",
        f"`{name}` must not be reset: its property pipelines.reset.allowed is false.",
        pipeline.datasets[name].origin,
        "remove the property first; a full refresh loses the table's history",
    )


def build(pipeline: Pipeline, graph: Graph, selection: Selection, state: StateReader) -> Plan:
    """Decide what an update does.

    Args:
        pipeline: The definitions.
        graph: The resolved graph, without problems.
        selection: Which tables to refresh or reset.
        state: What exists.

    Raises:
        WeirError: The selection names what does not exist or must not be reset.
    """
    to_reset, notices = resets(pipeline, selection)
    chosen = selected(pipeline, selection)
    setup: list[SetupStep] = []
    flows: list[Step] = []
    for dataset in graph.datasets.values():
        if isinstance(dataset, ResolvedView):
            continue
        if chosen is not None and dataset.name not in chosen:
            flows.append(Step(Verb.EXCLUDE, dataset.name, "not selected"))
            continue
        reset = dataset.name in to_reset
        generations, before = _beginning(dataset, state, reset=reset)
        setup.extend(before)
        steps = (_flow_step(dataset, f, graph, generations[f.flow.name], state) for f in dataset.flows)
        flows.extend(replace(s, anew=reset) for s in steps)
    return Plan((*setup, *flows), notices)


def _beginning(
    dataset: ResolvedTable | ResolvedSink, state: StateReader, *, reset: bool
) -> tuple[Mapping[str, int], list[SetupStep]]:
    """The checkpoint generation of each flow, and what is done before they run.

    Flows into a sink come and go, and nothing but its own checkpoint tells how far each has come. One that
    is empty is left by a reset that was killed: it is one for all flows.
    """
    names = [f.flow.name for f in dataset.flows]
    if isinstance(dataset, ResolvedSink):
        known = {name: state.sink_generation(name) for name in names}
        empty = max((n for name, n in known.items() if not state.has_checkpoint(name, n)), default=0)
        known = {name: max(n, empty) for name, n in known.items()}
        begun = {name for name, n in known.items() if reset and state.has_checkpoint(name, n)}
        generations = {name: n + (name in begun) for name, n in known.items()}
        again = SetupStep(Setup.RESET, dataset.name, "full refresh", max(generations.values(), default=0))
        return generations, [again] if begun else []
    existing, steps = state.state(dataset.name), list[SetupStep]()
    generation = existing.generation if existing else 0
    if existing is not None and isinstance(dataset.dataset, StreamingTable) and reset:
        generation += 1
        breaks = state.reset_breaks(dataset)
        steps.append(SetupStep(Setup.RESET, dataset.name, "full refresh", generation, breaks))
    steps.extend(_prepare(dataset, state, generation, reset=reset))
    return dict.fromkeys(names, generation), steps


def _prepare(
    table: ResolvedTable, state: StateReader, generation: int, *, reset: bool
) -> Iterator[SetupStep]:
    if table.schema is None:
        return
    if state.state(table.name) is None:
        yield SetupStep(Setup.CREATE, table.name, "does not exist yet", generation)
        return
    difference = state.difference(table)
    if difference and not reset:
        yield SetupStep(Setup.ALTER, table.name, difference, generation)


def _flow_step(
    dataset: ResolvedDataset,
    resolved: ResolvedFlow,
    graph: Graph,
    generation: int,
    state: StateReader,
) -> Step:
    flow = resolved.flow
    after = frozenset[str]()
    for source in resolved.analysis.inputs:
        known = graph.datasets.get(source)
        if known is not None:
            view = isinstance(known, ResolvedView)
            after |= graph.upstream_tables(source) if view else frozenset({source})
    if isinstance(flow, AutoCdcFlow):
        verb, why = _change(dataset, flow, generation, state)
    else:
        verb, why = _move(dataset, resolved, generation, state)
    return Step(verb, dataset.name, why, flow.name, generation, after)


DONE = (Verb.SKIP, "has been processed by a previous update")


def _move(
    dataset: ResolvedDataset, resolved: ResolvedFlow, generation: int, state: StateReader
) -> tuple[Verb, str]:
    """How a flow moves rows, and why so."""
    flow, analysis = resolved.flow, resolved.analysis
    if isinstance(flow, OnceFlow):
        done = state.was_run(dataset.name, flow.name, generation)
        return DONE if done else (Verb.ONCE, "reads a batch a single time")
    if isinstance(analysis, AnalysisDeferred):
        return Verb.REFRESH, analysis.reason
    if isinstance(dataset.dataset, MaterializedView):
        return Verb.REFRESH, "recomputes its query unless its inputs are unchanged"
    why = _where_it_starts(dataset, flow.name, generation, state)
    if analysis.complete:
        return Verb.COMPLETE, f"aggregates without a watermark; {why}"
    return Verb.STREAM, why


def _change(
    dataset: ResolvedDataset, flow: AutoCdcFlow, generation: int, state: StateReader
) -> tuple[Verb, str]:
    """How a flow of changes goes about it (§3)."""
    if isinstance(flow, SnapshotFlow):
        return (
            Verb.CHANGE,
            f"applies what differs from {'snapshots' if gives_versions(flow) else 'a snapshot'}",
        )
    if flow.once and state.has_ended(flow.name, generation):
        return DONE
    return Verb.CHANGE, f"applies changes; {_where_it_starts(dataset, flow.name, generation, state)}"


def _where_it_starts(dataset: ResolvedDataset, flow: str, generation: int, state: StateReader) -> str:
    exists = isinstance(dataset, ResolvedSink) or state.state(dataset.name) is not None
    if exists and state.has_checkpoint(flow, generation):  # a dropped table leaves checkpoints behind
        return "continues at its checkpoint"
    return "has no checkpoint yet: reads all there is"
