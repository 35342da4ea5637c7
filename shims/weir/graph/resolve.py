"""Names to edges: each flow is called on empty frames; what it reads is resolved before it.

A read of a dataset that is not resolved yet ends the call, that dataset comes first, and the function is
called again: no recursion through user code, and a cycle shows itself with its whole path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from weir.graph.analysis import (
    AnalysisDeferred,
    AnalysisFailed,
    Analyzed,
    Analyzer,
    Graph,
    Pending,
    ResolvedDataset,
    ResolvedFlow,
    ResolvedSink,
    ResolvedTable,
    ResolvedView,
)
from weir.graph.validate import check_dataset
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
from weir.model.problems import Problem


@dataclass
class _State:
    pipeline: Pipeline
    analyzer: Analyzer
    resolved: dict[str, ResolvedDataset] = field(default_factory=dict)
    flows: dict[str, Analyzed | AnalysisDeferred] = field(default_factory=dict)
    causes: dict[str, Problem] = field(default_factory=dict)
    consequences: dict[str, frozenset[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    read: set[str] = field(default_factory=set)

    @property
    def failed(self) -> frozenset[str]:
        return frozenset(self.causes) | frozenset(self.consequences)


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
    state = _State(pipeline, analyzer)
    for name in pipeline.datasets if wanted is None else wanted:
        _visit(name, state)
    outside = frozenset(state.read - set(pipeline.datasets))
    return Graph(state.resolved, tuple(_problems(state)), state.failed, outside)


def _visit(name: str, state: _State) -> None:
    path = [name]
    while path:
        if path[-1] in state.resolved or path[-1] in state.failed:
            path.pop()
            continue
        pending = _resolve_one(state.pipeline.datasets[path[-1]], state)
        if pending is None:
            path.pop()
        elif pending in path:
            _cycle(path[path.index(pending) :], state)
        else:
            path.append(pending)


def _resolve_one(dataset: Dataset, state: _State) -> str | None:
    """Analyse the flows of a dataset; gives the dataset that must come first, if one must."""
    flows: list[ResolvedFlow] = []
    for flow in state.pipeline.flows_into(dataset.name):
        analysis = state.flows.get(flow.name) or state.analyzer.analyze(
            flow, dataset, state.resolved, state.failed
        )
        if isinstance(analysis, Pending):
            return analysis.dataset
        state.read |= analysis.inputs
        if isinstance(analysis, AnalysisFailed):
            _fail(dataset, analysis, state)
            return None
        state.flows[flow.name] = analysis
        flows.append(ResolvedFlow(flow, analysis))
    _settle(dataset, tuple(flows), state)
    return None


def _settle(dataset: Dataset, flows: tuple[ResolvedFlow, ...], state: _State) -> None:
    decided = _decided(dataset, flows)
    problems = list(check_dataset(decided, flows))
    for flow in flows:
        if isinstance(flow.analysis, Analyzed):
            problems.extend(flow.analysis.problems)
    schema = None
    if not problems and all(isinstance(f.analysis, Analyzed) for f in flows):
        schema, found = state.analyzer.schema_of(decided, flows)
        problems.extend(found)
    if problems:
        state.causes[dataset.name] = problems[0]
        state.problems.extend(problems[1:])
        return
    state.resolved[dataset.name] = _resolved(decided, flows, schema)


def _decided(dataset: Dataset, flows: tuple[ResolvedFlow, ...]) -> Dataset:
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


def _fail(dataset: Dataset, analysis: AnalysisFailed, state: _State) -> None:
    if analysis.problem is not None:
        state.causes[dataset.name] = analysis.problem
    else:
        state.consequences[dataset.name] = analysis.inputs & state.failed


def _cycle(members: list[str], state: _State) -> None:
    """One problem for the whole cycle, at the flow of its first member."""
    path = " -> ".join(f"`{m}`" for m in (*members, members[0]))
    places = ", ".join(f"{m} at {_flow(m, state).origin}" for m in members)
    problem = Problem(
        "PIPELINE_GRAPH_CYCLE",
        f"Circular dependencies are not supported in a pipeline: {path}.",
        _flow(members[0], state).origin,
        f"remove one of these reads: {places}",
    )
    state.causes[members[0]] = problem
    for member in members[1:]:
        state.consequences[member] = frozenset({members[0]})


def _flow(dataset: str, state: _State) -> Flow:
    return state.pipeline.flows_into(dataset)[0]


def _problems(state: _State) -> list[Problem]:
    """Causes once each, with the datasets that failed because of them."""
    taken: dict[Problem, list[str]] = {}
    for name, problem in state.causes.items():
        same = next((p for p in taken if _same(p, problem)), problem)
        taken.setdefault(same, [])
        if same is not problem:
            taken[same].append(name)
    for name in state.consequences:
        cause = state.causes.get(_root(name, state.consequences))
        if cause is not None and cause.condition != "PIPELINE_GRAPH_CYCLE":
            taken[next(p for p in taken if _same(p, cause))].append(name)
    return [p.with_consequences(names) for p, names in taken.items()] + state.problems


def _same(one: Problem, other: Problem) -> bool:
    """The same outside table missing for two readers is one problem."""
    return (one.condition, one.message, one.hint) == (other.condition, other.message, other.hint)


def _root(name: str, consequences: Mapping[str, frozenset[str]]) -> str:
    while name in consequences:
        name = min(consequences[name])
    return name
