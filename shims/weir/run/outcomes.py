"""From what flows did to what is reported: results of datasets, details of events."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from weir.define.load import is_users
from weir.graph.analysis import Graph, ResolvedDataset
from weir.model.definitions import Action, Expectation, Kind
from weir.model.events import Event, flow_progress
from weir.model.problems import WeirError
from weir.model.results import DatasetResult, RuleResult, State
from weir.plan.steps import Plan, Step, Verb
from weir.run.attempt import FlowOutcome, ViewCounts, error_chain, error_text
from weir.run.changes.events import refusal
from weir.run.quality import Counts, RuleCount, first_line
from weir.run.stream_errors import source_refused

_JAVA_FRAME = re.compile(r"\s+at |\s*\.\.\. \d+ more|\s*JVM stacktrace:")
NO_CLASS = "java.lang.ClassNotFoundException"  # below an unknown data source; says nothing
Outcomes = Mapping[str, FlowOutcome]


def dataset_results(
    graph: Graph, plan: Plan, outcomes: Outcomes, skipped: set[str], seconds: Mapping[str, float]
) -> tuple[DatasetResult, ...]:
    """One result a dataset, in the order of the graph."""
    found: list[DatasetResult] = []
    for dataset in graph.datasets.values():
        if dataset.kind is Kind.VIEW:
            found.append(_view_result(dataset, outcomes))
        elif dataset.name in plan.excluded:
            found.append(DatasetResult(dataset.name, str(dataset.kind), State.EXCLUDED))
        else:
            found.append(_table_result(dataset, outcomes, skipped, seconds))
    return tuple(found)


def _table_result(
    dataset: ResolvedDataset, outcomes: Outcomes, skipped: set[str], seconds: Mapping[str, float]
) -> DatasetResult:
    names = [f.flow.name for f in dataset.flows]
    ended = [outcomes[n] for n in names if n in outcomes]
    counts = [o.counts for o in ended if o.counts is not None]
    errors = [(o, o.error) for o in ended if o.error is not None]
    state = State.COMPLETED
    if errors:
        state = State.FAILED
    elif any(n in skipped for n in names):
        state = State.SKIPPED
    elif ended and all(o.step.verb is Verb.SKIP for o in ended):
        state = State.NO_OP
    total = sum(counts[1:], counts[0]) if counts else None
    untracked = _untracked(dataset)
    return DatasetResult(
        dataset.name,
        str(dataset.kind),
        state,
        None if untracked else total.rows if total else 0,
        None if untracked else sum(o.written for o in ended),
        None if untracked else total.dropped if total else 0,
        sum(seconds.get(n, 0.0) for n in names),
        tuple(_rules(dataset.dataset.expectations, total, None)),
        "\n".join(error_message(o) for o, _ in errors) or None,
        any(o.violation is not None for o, _ in errors),
    )


def _untracked(dataset: ResolvedDataset) -> bool:
    """What a handler does with its batches is its own: nothing is known of it (§1.7)."""
    return dataset.dataset.sink is not None and dataset.dataset.sink.handler is not None


def _view_result(dataset: ResolvedDataset, outcomes: Outcomes) -> DatasetResult:
    """A view's rules once per reading flow; its rows as the flow saw them that read most."""
    reads = [(n, v.counts) for n, o in outcomes.items() for v in o.views if v.view == dataset.name]
    rules = [r for n, c in reads for r in _rules(dataset.dataset.expectations, c, n)]
    most = max((c for _, c in reads), key=lambda c: c.rows, default=None)
    return DatasetResult(
        dataset.name, str(dataset.kind), State.COMPLETED,
        rows_in=most.rows if most else None, rows_dropped=most.dropped if most else None,
        expectations=tuple(rules),
    )  # fmt: skip


def _rules(rules: tuple[Expectation, ...], counts: Counts | None, reader: str | None) -> Iterator[RuleResult]:
    seen: Iterator[RuleCount] = iter(counts.rules if counts else ())
    for rule in rules:
        counted = None if rule.action is Action.FAIL else next(seen, RuleCount(0, 0))
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
    return _told(error, outcome.step.dataset) if error else ""


def _told(error: BaseException, dataset: str) -> str:
    """The sentence in the chain of an error's causes that says most."""
    if (refused := refusal(error_text(error))) is not None:
        return refused
    chain = [(c, m) for c, m in error_chain(error) if c != NO_CLASS]
    for _, message in reversed(chain):
        if "Traceback (most recent call last)" in message:
            return python_error(message)
    innermost = chain[-1][1] or chain[0][1]
    if refused := source_refused(innermost, dataset):
        return refused
    return first_line(error) if len(chain) == 1 else innermost.strip().splitlines()[0]


def python_error(message: str) -> str:
    """An exception in a Python function that Spark's workers ran: the user's frames, then what it says."""
    text = re.sub(r"\s*SQLSTATE: \w+;?.*$", "", message.strip())
    lines = [line for line in text.splitlines() if line.strip()]
    frames = [
        line.strip() for line in lines
        if (match := re.match(r'\s*File "(.+?)", line \d+', line)) and is_users(match[1])
    ]  # fmt: skip
    told = [line for line in lines if not _JAVA_FRAME.match(line)]
    return "\n".join([told[-1].removeprefix(": "), *(f"  at {frame}" for frame in reversed(frames))])


def metrics_of(outcome: FlowOutcome, graph: Graph) -> Iterator[Mapping[str, Any]]:
    """The details of the RUNNING events that carry numbers: one a micro-batch (§2.6).

    The counts of inlined views come with the last one: they belong to the reading flow.
    """
    dataset = graph.datasets[outcome.step.dataset]
    changed = list(outcome.changes or ())
    for position, counts in enumerate(outcome.batches):
        views = outcome.views if position == len(outcome.batches) - 1 else ()
        rows = None if _untracked(dataset) else counts.rows - counts.dropped
        metrics: dict[str, int | None] = {"num_output_rows": rows}
        if outcome.changes is not None:  # which has no num_output_rows (§3.7)
            upserted, deleted = changed.pop(0) if changed else (0, 0)
            metrics = {"num_upserted_rows": upserted, "num_deleted_rows": deleted}
        yield {"metrics": metrics, "data_quality": _data_quality(dataset, counts, views)}


def _data_quality(dataset: ResolvedDataset, counts: Counts, views: tuple[ViewCounts, ...]) -> dict[str, Any]:
    rules = [(dataset.name, dataset.dataset.counting(), counts)]
    rules += [(v.view, v.rules, v.counts) for v in views]
    return {
        "dropped_records": sum(c.dropped for _, _, c in rules),
        "expectations": [
            {
                "name": rule.name,
                "dataset": name,
                "passed_records": seen.passed,
                "failed_records": seen.failed,
            }
            for name, expectations, c in rules
            for rule, seen in zip(expectations, c.rules, strict=True)
        ],
    }


def reported(step: Step, outcome: FlowOutcome, level: str | None = None) -> Event:
    """The event that ends a flow, or an attempt at it."""
    name = step.flow_name
    if outcome.error is None:
        return flow_progress(step.dataset, name, "COMPLETED")
    text = error_message(outcome)
    chain = ((type(outcome.error).__name__, text), *error_chain(outcome.error))
    return flow_progress(step.dataset, name, "FAILED", level or "ERROR", error=chain)
