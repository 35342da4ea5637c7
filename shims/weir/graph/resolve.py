"""Names to edges: each flow is called on empty frames; what it reads is resolved before it.

A read of a dataset that is not resolved yet ends the call, and the function is called again once that
dataset is there: no recursion through user code. Who waits for itself in the end is part of a cycle.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from weir.graph.analysis import (
    AnalysisDeferred,
    AnalysisFailed,
    AnalysisPending,
    AnalyzedQuery,
    Analyzer,
    Graph,
    ResolvedDataset,
    ResolvedFlow,
    ResolvedSink,
    ResolvedTable,
    ResolvedView,
)
from weir.graph.validate import check_dataset
from weir.graph.walk import each_after
from weir.model.definitions import (
    Dataset,
    Flow,
    MaterializedView,
    Pipeline,
    Sink,
    StreamingTable,
    Table,
    View,
)
from weir.model.origin import Origin
from weir.model.problems import Problem

MISSING = frozenset({"TABLE_OR_VIEW_NOT_FOUND", "PATH_NOT_FOUND", "STREAM_NOT_FOUND"})
Same = tuple[str, str, str | None, Origin | None]


@dataclass
class _State:
    """What is known so far.

    Attributes:
        places: Dataset -> its place in the order of definition.
        ready: A heap of the datasets to call: those that were called least come first, so that one that
            reads a thousand others is called again when they are there, not after each of them.
        waiting: Dataset -> the one that its function asked for.
        waited_for: The same, backwards.
        roots: Dataset that failed because of others -> the first of them that failed by itself.
    """

    pipeline: Pipeline
    analyzer: Analyzer
    places: Mapping[str, int]
    ready: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])
    calls: Counter[str] = field(default_factory=Counter)
    waiting: dict[str, str] = field(default_factory=dict[str, str])
    waited_for: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    resolved: dict[str, ResolvedDataset] = field(default_factory=dict[str, ResolvedDataset])
    flows: dict[str, AnalyzedQuery | AnalysisDeferred] = field(
        default_factory=dict[str, AnalyzedQuery | AnalysisDeferred]
    )
    failed: set[str] = field(default_factory=set[str])
    causes: dict[str, Problem] = field(default_factory=dict[str, Problem])
    roots: dict[str, str] = field(default_factory=dict[str, str])
    more: dict[str, list[Problem]] = field(default_factory=dict[str, list[Problem]])
    read: set[str] = field(default_factory=set[str])

    def call(self, name: str) -> None:
        """Put a dataset in line."""
        heapq.heappush(self.ready, (self.calls[name], self.places[name], name))
        self.calls[name] += 1

    def wait(self, name: str, other: str) -> None:
        """A dataset is called again when another one is there."""
        self.waiting[name] = other
        self.waited_for.setdefault(other, []).append(name)
        if other not in self.calls:
            self.call(other)

    def end(self, name: str) -> None:
        """A dataset is resolved, or has failed: who waits for it is called again."""
        for reader in self.waited_for.pop(name, ()):
            if self.waiting.pop(reader, None) is not None:
                self.call(reader)


def resolve(pipeline: Pipeline, analyzer: Analyzer, wanted: Iterable[str] | None = None) -> Graph:
    """Resolve all datasets of a pipeline.

    Args:
        pipeline: The definitions.
        analyzer: Calls the query functions.
        wanted: Only these and what they read.

    Returns:
        The graph of what could be resolved, in an order in which every dataset stands after all that it
        reads, with every problem: causes first, each naming the datasets it took along.
    """
    names = tuple(dict.fromkeys(pipeline.datasets if wanted is None else wanted))
    state = _State(pipeline, analyzer, {name: place for place, name in enumerate(pipeline.datasets)})
    for name in names:
        state.call(name)
    while state.ready or state.waiting:
        if not state.ready:
            _cycle(_circle(state.waiting), state)
            continue
        _, _, name = heapq.heappop(state.ready)
        pending = _resolve_one(pipeline.datasets[name], state)
        if pending is None:
            state.end(name)
        else:
            state.wait(name, pending)
    outside = frozenset(state.read - set(pipeline.datasets))
    return Graph(_ordered(names, state), tuple(_problems(state)), frozenset(state.failed), outside)


def _ordered(names: tuple[str, ...], state: _State) -> Mapping[str, ResolvedDataset]:
    """Each dataset after all that it reads, else in the order of definition."""

    def inputs(name: str) -> Iterable[str]:
        known = (n for n in state.resolved[name].inputs if n in state.resolved)
        return sorted(known, key=state.places.__getitem__)

    resolved = (n for n in (*names, *state.resolved) if n in state.resolved)
    return {name: state.resolved[name] for name in each_after(resolved, inputs)}


def _circle(waiting: Mapping[str, str]) -> list[str]:
    """The members of a cycle, each of which waits for the next."""
    path: dict[str, None] = {}
    here = next(iter(waiting))
    while here not in path:
        path[here] = None
        here = waiting[here]
    members = [*path]
    return members[members.index(here) :]


def _resolve_one(dataset: Dataset, state: _State) -> str | None:
    """Analyse the flows of a dataset; gives the dataset that must come first, if one must."""
    flows: list[ResolvedFlow] = []
    for flow in state.pipeline.flows_into(dataset.name):
        analysis = state.flows.get(flow.name) or state.analyzer.analyze(
            flow, dataset, state.resolved, state.failed
        )
        if isinstance(analysis, AnalysisPending):
            return analysis.dataset
        state.read |= analysis.inputs
        if isinstance(analysis, AnalysisFailed):
            _fail(dataset.name, analysis.problem or min(analysis.inputs & state.failed), state)
            state.more[dataset.name] = [*analysis.more]
            return None
        state.flows[flow.name] = analysis
        flows.append(ResolvedFlow(flow, analysis))
    _settle(dataset, tuple(flows), state)
    return None


def _settle(dataset: Dataset, flows: tuple[ResolvedFlow, ...], state: _State) -> None:
    dataset = decided(dataset, flows)
    problems = list(check_dataset(dataset, flows))
    for flow in flows:
        if isinstance(flow.analysis, AnalyzedQuery):
            problems.extend(flow.analysis.problems)
    schema = None
    if not problems and all(isinstance(f.analysis, AnalyzedQuery) for f in flows):
        schema, conflicts = state.analyzer.schema_of(dataset, flows)
        problems.extend(conflicts)
    if problems:
        _fail(dataset.name, problems[0], state)
        state.more[dataset.name] = problems[1:]
        return
    state.resolved[dataset.name] = _resolved(dataset, flows, schema)


def decided(dataset: Dataset, flows: tuple[ResolvedFlow, ...]) -> Dataset:
    """What `@dlt.table` is, its query tells (§1.3)."""
    if type(dataset) is not Table:
        return dataset
    kind = StreamingTable if any(f.streaming for f in flows) else MaterializedView
    return kind(**{f.name: getattr(dataset, f.name) for f in fields(dataset)})


def _resolved(dataset: Dataset, flows: tuple[ResolvedFlow, ...], schema: Any) -> ResolvedDataset:
    match dataset:
        case Table():
            return ResolvedTable(dataset, flows, schema)
        case Sink():
            return ResolvedSink(dataset, flows)
        case View():
            return ResolvedView(dataset, flows, schema)


def _fail(name: str, because: Problem | str, state: _State) -> None:
    """A dataset failed by itself, or because another one has."""
    state.failed.add(name)
    if isinstance(because, Problem):
        state.causes[name] = because
    else:
        state.roots[name] = state.roots.get(because, because)


def _cycle(members: list[str], state: _State) -> None:
    """One problem for the whole cycle, at the flow of its first member."""
    path = " -> ".join(f"`{m}`" for m in (*members, members[0]))
    places = ", ".join(f"{m} at {_flow(m, state).origin}" for m in members)
    problem = Problem(
        CYCLE,
        f"Circular dependencies are not supported in a pipeline: {path}.",
        _flow(members[0], state).origin,
        f"remove one of these reads: {places}",
    )
    for member in members:
        _fail(member, problem if member == members[0] else members[0], state)
        del state.waiting[member]
    for member in members:
        state.end(member)


CYCLE = "PIPELINE_GRAPH_CYCLE"


def _flow(dataset: str, state: _State) -> Flow:
    return state.pipeline.flows_into(dataset)[0]


def _problems(state: _State) -> list[Problem]:
    """Causes once each, with the datasets that failed because of them."""
    causes: dict[Same, Problem] = {}
    taken: dict[Same, list[str]] = {}
    for name in sorted(state.causes, key=state.places.__getitem__):
        problem = state.causes[name]
        if causes.setdefault(_same(problem), problem) is not problem:
            taken.setdefault(_same(problem), []).append(name)
    for name, root in state.roots.items():
        cause = state.causes[root]
        if cause.condition != CYCLE:
            taken.setdefault(_same(cause), []).append(name)
    more: dict[Same, Problem] = {}
    for name in sorted(state.more, key=state.places.__getitem__):
        for problem in state.more[name]:
            if _same(problem) not in causes:
                more.setdefault(_same(problem), problem)
    return [*(p.with_consequences(taken.get(same, ())) for same, p in causes.items()), *more.values()]


def _same(problem: Problem) -> Same:
    """The same outside table missing for two readers is one problem; a mistake made twice is two."""
    place = None if problem.condition in MISSING else problem.origin
    return problem.condition, problem.message, problem.hint, place
