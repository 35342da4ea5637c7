"""What an update does to streams that its user may not expect, told before data is touched.

A stream whose source was changed or is about to be (§4.4, §4.5), a flow that was renamed (§4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Protocol

from weir.graph.analysis import AnalyzedQuery, Graph, ResolvedDataset, ResolvedFlow, StreamRead
from weir.model.definitions import Pipeline, StreamingTable
from weir.model.names import for_shell
from weir.model.problems import Problem, WeirError
from weir.plan.steps import ExistingTable, Plan, Setup, Step, Verb, is_protected

CHANGED = "DELTA_SOURCE_TABLE_IGNORE_CHANGES"
DELETED = "DELTA_SOURCE_IGNORE_DELETE"
RETYPED = "DELTA_SCHEMA_CHANGED_WITH_VERSION"
ANOTHER = "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE"


@dataclass(frozen=True, slots=True)
class Break:
    """Why a stream can't go on where it stands.

    Attributes:
        condition: That of the error with which Delta will refuse.
        what: The commit, in words; empty for another table under the old name.
    """

    condition: str
    source: str
    what: str = ""


class Past(Protocol):
    """What foresight asks of checkpoints and logs; reading only."""

    def state(self, name: str) -> ExistingTable | None:
        """The table as it is, if it exists."""
        ...

    def has_checkpoint(self, flow: str, generation: int) -> bool:
        """Did the flow run in this generation?"""
        ...

    def flows_that_wrote(self, table: str, generation: int) -> tuple[str, ...]:
        """The flows with a checkpoint of this generation whose rows are in the table."""
        ...

    def breaks(self, flow: str, generation: int, reads: tuple[StreamRead, ...]) -> tuple[Break, ...]:
        """What is in the way of a stream, from its checkpoint on."""
        ...


@dataclass(frozen=True, slots=True)
class _Stream:
    """A streaming flow that goes on at a checkpoint."""

    dataset: ResolvedDataset
    name: str
    reads: tuple[StreamRead, ...]
    generation: int


def foreseen(plan: Plan, pipeline: Pipeline, graph: Graph, past: Past) -> Plan:
    """The plan with a notice for each stream that will fail, or that reads again what it has read.

    Raises:
        WeirError: A table is reset that a protected one streams from.
    """
    resets = {s.dataset: s.breaks for s in plan.setup if s.verb is Setup.RESET}
    problems = tuple(_unresettable(graph, resets.keys()))
    if problems:
        raise WeirError(*problems)
    streams = [s for d in graph.datasets.values() if d.name not in resets for s in _streams(d, past)]
    run = frozenset(s.flow_name for s in plan.flows)
    running = [s for s in streams if s.name in run]
    notices = (
        *_renamed(plan, pipeline, past),
        *(n for s in running for n in _broken(s, past)),
        *_recomputed(running, plan, past),
        *_reset_above(streams, graph, resets),
    )
    return replace(plan, notices=(*plan.notices, *notices))


def cure(condition: str, table: str) -> str:
    """What to do about a source that is no longer what a stream knows."""
    over = f"start over: weir run --full-refresh {for_shell(table)}"
    if condition in {CHANGED, DELETED}:
        return (
            "leave such commits out (.option('skipChangeCommits', 'true') on the reader), "
            f"read the change feed (readChangeFeed), or {over}"
        )
    if condition == ANOTHER:
        return f"read the table that it has read until now, or {over}"
    return f"run again; if a column was dropped, renamed or has another type, {over}"


def _flow_reads(flow: ResolvedFlow) -> tuple[StreamRead, ...]:
    return flow.analysis.streams if isinstance(flow.analysis, AnalyzedQuery) else ()


def _streams(dataset: ResolvedDataset, past: Past) -> Iterator[_Stream]:
    existing = past.state(dataset.name) if isinstance(dataset.dataset, StreamingTable) else None
    for flow in dataset.flows if existing else ():
        name, reads = flow.flow.name, _flow_reads(flow)
        if existing and reads and past.has_checkpoint(name, existing.generation):
            yield _Stream(dataset, name, reads, existing.generation)


def _renamed(plan: Plan, pipeline: Pipeline, past: Past) -> Iterator[str]:
    """A new flow into a table that holds rows of one that is gone."""
    known = {f.name for f in pipeline.flows}
    for step in plan.flows:
        existing = past.state(step.dataset)
        if step.verb is not Verb.STREAM or existing is None or existing.generation != step.generation:
            continue
        if past.has_checkpoint(step.flow_name, step.generation):
            continue
        for old in past.flows_that_wrote(step.dataset, step.generation):
            if old not in known:
                yield (
                    f"The flow {step.flow_name} has no checkpoint; {step.dataset} holds rows of the flow "
                    f"{old}, which is no longer defined. If it was renamed, all that it has read is read "
                    f'again and appended: keep the old name (name="{old}"), or start over: '
                    f"weir run --full-refresh {for_shell(step.dataset)}"
                )


def _broken(stream: _Stream, past: Past) -> Iterator[str]:
    """The log of a source says that the flow will fail in this update."""
    for obstacle in past.breaks(stream.name, stream.generation, stream.reads):
        what = f"{obstacle.what} of its source {obstacle.source} changes rows that it has read"
        if obstacle.condition == ANOTHER:
            what = f"its source {obstacle.source} is a different table from the one that it has read"
        yield (
            f"The flow {stream.name} will fail ({obstacle.condition}): {what}. "
            f"To fix it: {cure(obstacle.condition, stream.dataset.name)}"
        )


def _recomputed(streams: Iterable[_Stream], plan: Plan, past: Past) -> Iterator[str]:
    """A source is a table that this update writes anew; a view whose inputs are unchanged is left alone."""
    rewritten = {s.dataset for s in plan.flows if s.verb in {Verb.REFRESH, Verb.COMPLETE}}
    always = {s.dataset for s in plan.flows if s.verb is Verb.COMPLETE or s.anew or _must_recompute(s)}
    for stream, read in ((s, r) for s in streams for r in s.reads):
        if read.name in rewritten and not read.takes(CHANGED) and past.state(read.name):
            batch = stream.dataset.dataset.origin.wording("dlt.read", "without STREAM")
            if_changed = "" if read.name in always else " if its inputs have changed"
            yield (
                f"The flow {stream.name} will fail ({CHANGED}): it streams from {read.name}, which this "
                f"update recomputes{if_changed}. To fix it: read it as a batch ({batch}), or "
                f"{cure(CHANGED, stream.dataset.name)}"
            )


def _must_recompute(step: Step) -> bool:
    return step.refresh is not None and step.refresh.issue is not None


def _reset_above(streams: Iterable[_Stream], graph: Graph, resets: Mapping[str, str | None]) -> Iterator[str]:
    """A source is reset and the stream is not."""
    hit = [(s, r) for s in streams for r in s.reads if r.name in resets]
    everything = for_shell(*sorted({*resets} | _below(resets, graph))) if hit else ""
    for stream, read in hit:
        condition = resets[read.name] or (None if read.takes(DELETED) else DELETED)
        what = f"will fail ({condition})" if condition else "will get all rows again"
        yield (
            f"The flow {stream.name} {what}: it streams from {read.name}, which is reset. "
            f"Reset what reads it, too: weir run --full-refresh {everything}"
        )


def _below(resets: Iterable[str], graph: Graph) -> set[str]:
    """The streaming tables that stream from these, at any distance; the graph's order is theirs."""
    below = set(resets)
    for dataset in graph.datasets.values():
        streams = any(r.name in below for f in dataset.flows for r in _flow_reads(f))
        if streams and isinstance(dataset.dataset, StreamingTable):
            below.add(dataset.name)
    return below


def _unresettable(graph: Graph, resets: AbstractSet[str]) -> Iterator[Problem]:
    for dataset in graph.datasets.values():
        if not isinstance(dataset.dataset, StreamingTable) or not is_protected(dataset.dataset):
            continue
        for source in sorted({r.name for f in dataset.flows for r in _flow_reads(f)} & resets):
            yield Problem(
                "INVALID_RESETTABLE_DEPENDENCY",
                f"`{source}` can't be reset: `{dataset.name}` streams from it, and its property "
                "pipelines.reset.allowed is false.",
                dataset.dataset.origin,
                f"set pipelines.reset.allowed to false for `{source}` too, or leave it out of the full "
                "refresh",
            )
