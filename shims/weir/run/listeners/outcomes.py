"""From what flows did to what is reported: results of datasets, details of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weir.graph.analysis import Graph, ResolvedDataset, ResolvedSink, ResolvedTable, ResolvedView
from weir.model.counts import Counts, total, total_rows
from weir.model.definitions import Action, Expectation
from weir.model.events import Event, flow_progress
from weir.model.problems import WeirError
from weir.model.results import DatasetResult, RuleResult, State
from weir.model.tracebacks import summary
from weir.plan.steps import Plan, Step, Verb
from weir.run.flow.attempt import Batch, FlowOutcome, ViewCounts, causes_of, error_chain, error_text
from weir.run.flow.stream_errors import source_refused
from weir.run.frames.changes.events import refusal
from weir.run.frames.quality import first_line

NO_CLASS = "java.lang.ClassNotFoundException"  # below an unknown data source; says nothing
CHANGED = ("num_upserted_rows", "num_deleted_rows")
Outcomes = Mapping[str, FlowOutcome]


@dataclass
class FlowEnds:
    """How flows ended, by their names.

    Attributes:
        skipped: Something that they read has failed.
        stopped: The update was asked to end before they had.
        seconds: How long they ran.
    """

    outcomes: dict[str, FlowOutcome] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    seconds: dict[str, float] = field(default_factory=dict)


def dataset_results(graph: Graph, plan: Plan, flows: FlowEnds) -> tuple[DatasetResult, ...]:
    """One result a dataset, in the order of the graph."""
    results: list[DatasetResult] = []
    for dataset in graph.datasets.values():
        if isinstance(dataset, ResolvedView):
            results.append(view_result(dataset, flows.outcomes))
        elif dataset.name in plan.excluded:
            results.append(DatasetResult(dataset.name, str(dataset.kind), State.EXCLUDED))
        else:
            results.append(table_result(dataset, flows))
    return tuple(results)


def table_result(dataset: ResolvedTable | ResolvedSink, flows: FlowEnds) -> DatasetResult:
    """The result of what flows write into."""
    names = [f.flow.name for f in dataset.flows]
    ended = [flows.outcomes[n] for n in names if n in flows.outcomes]
    counts = total(o.counts for o in ended)
    errors = [(o, o.error) for o in ended if o.error is not None]
    state = State.COMPLETED
    if errors:
        state = State.FAILED
    elif not flows.skipped.isdisjoint(names):
        state = State.SKIPPED
    elif not flows.stopped.isdisjoint(names):
        state = State.STOPPED
    elif ended and all(o.step.verb is Verb.SKIP for o in ended):
        state = State.NO_OP
    untracked = _untracked(dataset)
    moved = None if untracked else counts
    return DatasetResult(
        dataset.name,
        str(dataset.kind),
        state,
        moved.rows if moved else None,
        None if untracked else total_rows(o.written for o in ended),
        moved.dropped if moved else None,
        sum(flows.seconds.get(n, 0.0) for n in names),
        tuple(_rules(dataset.dataset.expectations, counts, None)),
        _errors([o for o, _ in errors]),
        any(o.violation is not None for o, _ in errors),
        {o.step.flow_name: o.violation.rules for o, _ in errors if o.violation is not None},
    )


def _errors(failed: Sequence[FlowOutcome]) -> str | None:
    """What went wrong; of several flows, each is named."""
    if len(failed) < 2:  # noqa: PLR2004 - several
        return error_message(failed[0]) if failed else None
    return "\n".join(f"{o.step.flow_name}: {error_message(o)}" for o in failed)


def _untracked(dataset: ResolvedDataset) -> bool:
    """What a handler does with its batches is its own: nothing is known of it (§1.7)."""
    return isinstance(dataset, ResolvedSink) and dataset.dataset.handler is not None


def view_result(dataset: ResolvedDataset, outcomes: Outcomes) -> DatasetResult:
    """A view's rules once per reading flow; its rows as the flow saw them that read most."""
    reads = [(n, v.counts) for n, o in outcomes.items() for v in o.views if v.view == dataset.name]
    rules = [r for n, c in reads for r in _rules(dataset.dataset.expectations, c, n)]
    known = [c for _, c in reads if c is not None]
    most = max(known, key=lambda c: c.rows) if known and len(known) == len(reads) else None
    return DatasetResult(
        dataset.name, str(dataset.kind), State.COMPLETED,
        rows_in=most.rows if most else None, rows_dropped=most.dropped if most else None,
        expectations=tuple(rules),
    )  # fmt: skip


def _rules(rules: tuple[Expectation, ...], counts: Counts | None, reader: str | None) -> Iterator[RuleResult]:
    for rule in rules:
        counted = None if counts is None or rule.action is Action.FAIL else counts.of(rule.name)
        yield RuleResult(
            rule.name, rule.text, str(rule.action),
            counted.passed if counted else None, counted.failed if counted else None, reader,
        )  # fmt: skip


def error_message(outcome: FlowOutcome) -> str:
    """What went wrong, in one line where there is one."""
    error = outcome.error
    if outcome.violation is not None:
        return outcome.violation.text(outcome.step.flow_name)
    if isinstance(error, WeirError):
        return str(error)
    return _text(error, outcome.step.dataset) if error else ""


def _text(error: BaseException, dataset: str) -> str:
    """The sentence in the chain of an error's causes that says most."""
    if (refused := refusal(error_text(error))) is not None:
        return refused
    causes = [cause for cause in causes_of(error) if cause.name != NO_CLASS]
    if refused := source_refused(causes[-1].message, dataset):
        return refused
    return first_line(error) if len(causes) == 1 else summary(causes)


def metrics_of(dataset: ResolvedDataset, batch: Batch) -> Mapping[str, Any]:
    """The details of the RUNNING event that carries a batch's numbers (§2.6); None where one is unknown.

    A flow of changes has no `num_output_rows` (§3.7).
    """
    if batch.changes is not None:
        metrics: dict[str, int | None] = dict(zip(CHANGED, batch.changes, strict=True))
    else:
        metrics = {"num_output_rows": None if _untracked(dataset) else batch.written}
    own = ViewCounts(dataset.name, tuple(r.name for r in dataset.dataset.counting()), batch.counts)
    return {"metrics": metrics, "data_quality": _data_quality((own, *batch.views))}


def _data_quality(counted: tuple[ViewCounts, ...]) -> dict[str, Any]:
    """Databricks leaves out what it did not count; `uncounted` says so, for sums over several batches."""
    known = [(c.view, c.rules, c.counts) for c in counted if c.counts is not None]
    unknown = [c for c in counted if c.counts is None]
    uncounted = [{"name": rule, "dataset": c.view} for c in unknown for rule in c.rules]
    return {
        "dropped_records": None if unknown else sum(counts.dropped for _, _, counts in known),
        "expectations": [
            {
                "name": rule,
                "dataset": name,
                "passed_records": counts.of(rule).passed,
                "failed_records": counts.of(rule).failed,
            }
            for name, rules, counts in known
            for rule in rules
        ],
        **({"uncounted": uncounted} if uncounted else {}),
    }


def failed_event(step: Step, outcome: FlowOutcome, error: BaseException, level: str) -> Event:
    """The event of a flow, or of an attempt at it, that failed."""
    chain = ((type(error).__name__, error_message(outcome)), *error_chain(error))
    return flow_progress(step.dataset, step.flow_name, "FAILED", level, error=chain)
