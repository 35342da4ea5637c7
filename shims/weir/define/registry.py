"""The collector that is open while sources load. Outside of a load, definitions are made and not kept."""

from __future__ import annotations

import json
import warnings
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from weir.define.reading import reader
from weir.model import pace
from weir.model.changes import KEYS, SCD_TYPE, Changes
from weir.model.definitions import (
    ChangesFlow,
    Dataset,
    Expectation,
    Flow,
    Hook,
    Pipeline,
    PublishedView,
    Sink,
    SnapshotFlow,
    StreamingTable,
    Table,
    UpdateFlow,
    View,
)
from weir.model.governance import PROPERTY, Function, problems_of
from weir.model.names import BadNameError, Namespace, fold, is_full, split
from weir.model.origin import Origin, here
from weir.model.problems import DefinitionError, Problem, closest

D = TypeVar("D", bound=Dataset)
_current: ContextVar[Registry | None] = ContextVar("registry", default=None)


@dataclass
class Registry:
    """Datasets, flows and event hooks in the order of their definition, names as written.

    Attributes:
        closed: All sources have been loaded.
        unloaded: Sources that failed, in full or in part.
        notices: What sources do that has no effect here -> the sentence for the user.
        deprecations: What is used though it is deprecated: Databricks' code (§6.3) -> what to tell.
    """

    datasets: list[Dataset] = field(default_factory=list[Dataset])
    flows: list[Flow] = field(default_factory=list[Flow])
    hooks: list[Hook] = field(default_factory=list[Hook])
    deprecations: dict[str, str] = field(default_factory=dict[str, str])
    problems: list[Problem] = field(default_factory=list[Problem])
    unloaded: list[Path] = field(default_factory=list[Path])
    notices: dict[str, str] = field(default_factory=dict[str, str])
    closed: bool = False

    def add_expectations(self, dataset: D, rules: tuple[Expectation, ...]) -> D:
        """Put rules before those of a dataset that is registered already; gives the new dataset."""
        changed = replace(dataset, expectations=rules + dataset.expectations)
        for position in reversed(range(len(self.datasets))):  # it was registered a moment ago
            if self.datasets[position] is dataset:
                self.datasets[position] = changed
                break
        return changed


def current() -> Registry:
    """The open registry, or one that nobody keeps.

    Raises:
        DefinitionError: Called by a query function, or by a thread when the sources have been loaded.
    """
    registry = _current.get()
    if registry is None and reader.get() is None:
        return Registry()
    if registry is None or registry.closed:
        raise wrong(
            "GRAPH_ELEMENT_DEFINED_OUTSIDE_OF_DECLARATIVE_PIPELINE",
            "A dataset or flow is defined after the sources were loaded.",
            here(),
            "define it at the top level of a source file, and join the threads that do so",
        )
    return registry


@contextmanager
def collecting(registry: Registry) -> Generator[Registry]:
    """Definitions made in this block go to the registry."""
    token = _current.set(registry)
    try:
        yield registry
    finally:
        _current.reset(token)
        registry.closed = True


def freeze(
    registry: Registry, name: str, namespace: Namespace, configuration: Mapping[str, str],
    functions: Mapping[str, Function] | None = None,
) -> tuple[Pipeline, tuple[Problem, ...]]:  # fmt: skip
    """Qualify all names and find what contradicts itself.

    Args:
        functions: Those that masks and row filters may call; None if they are not known.

    Returns:
        The pipeline without what is wrong, and the problems, those of the load first.
    """
    problems = list(registry.problems)
    datasets: dict[str, Dataset] = {}
    for dataset in registry.datasets:
        known = _qualified(dataset, namespace, problems)
        if known is None:
            continue
        if known.name in datasets:
            problems.append(_twice("dataset", known.name, known.origin, datasets[known.name].origin))
            continue
        problems.extend(_rule_names(known))
        datasets[known.name] = known
    tables = [d for d in datasets.values() if isinstance(d, Table)]
    problems.extend(p for t in tables for p in problems_of(t.name, t.protection, functions, t.origin))
    problems.extend(_sink_problems(datasets, namespace))
    flows: dict[str, Flow] = {}
    for written in registry.flows:
        flow = _attach(written, datasets, namespace, problems)
        if flow is None:
            continue
        if flow.name not in flows:
            flows[flow.name] = flow
        elif not any(p.origin == flow.origin for p in problems):
            problems.append(_twice("flow", flow.name, flow.origin, flows[flow.name].origin))
    problems.extend(pace.problems(configuration))
    problems.extend(p for d in tables for p in pace.problems(d.table_properties, d.origin))
    problems.extend(p for f in flows.values() for p in pace.problems(f.spark_conf, f.origin))
    pipeline = Pipeline(
        name, namespace, _remembering(datasets, flows.values()), tuple(flows.values()), dict(configuration),
        tuple(registry.hooks), dict(registry.deprecations),
    )  # fmt: skip
    return pipeline, tuple(problems)


def _remembering(datasets: Mapping[str, Dataset], flows: Iterable[Flow]) -> dict[str, Dataset]:
    """A target of changes carries its keys and SCD type as properties, and is cheap to merge into."""
    changes: dict[str, Changes] = {}
    for flow in flows:
        if isinstance(flow, (ChangesFlow, SnapshotFlow)):
            changes.setdefault(flow.target, flow.changes)
    return {n: _target(d, changes[n]) if n in changes else d for n, d in datasets.items()}


def _target(dataset: Dataset, changes: Changes) -> Dataset:
    if not isinstance(dataset, Table):
        return dataset
    own = {SCD_TYPE: str(changes.scd_type), KEYS: json.dumps([fold(k) for k in changes.keys])}
    properties = {"delta.enableDeletionVectors": "true", **dataset.table_properties, **own}
    return replace(dataset, table_properties=properties)


def _qualified(dataset: Dataset, names: Namespace, problems: list[Problem]) -> Dataset | None:
    try:
        if isinstance(dataset, Table):
            return _qualified_table(dataset, names)
        if isinstance(dataset, PublishedView):
            return replace(dataset, name=names.table(dataset.name))
        name = names.view(dataset.name)
    except BadNameError as error:
        problems.append(_bad_name(error, dataset.origin))
        return None
    if len(split(name)) > 1:
        what, prefix = ("temporary view", "TEMP_VIEW") if isinstance(dataset, View) else ("sink", "SINK")
        condition = f"{prefix}_NAME_TOO_MANY_NAME_PARTS"
        problems.append(
            Problem(
                condition,
                f"The {dataset.kind} `{dataset.name}` has a name of several parts.",
                dataset.origin,
                f"a {what} belongs to no schema: give it a single name",
            )
        )
        return None
    return replace(dataset, name=name)


def _qualified_table(table: Table, names: Namespace) -> Table:
    """Raises BadNameError."""
    protection = table.protection.renamed(names.table)
    text = protection.to_text()
    properties = {**table.table_properties, **({PROPERTY: text} if text else {})}
    return replace(table, name=names.table(table.name), protection=protection, table_properties=properties)


def _attach(
    flow: Flow, datasets: dict[str, Dataset], names: Namespace, problems: list[Problem]
) -> Flow | None:
    """Qualify a flow's name and target; a target that does not exist is a problem."""
    try:
        candidates = (names.view(flow.target), names.table(flow.target))
        name = "" if flow.name == flow.target else names.flow(flow.name)
    except BadNameError as error:
        _tell_once(_bad_name(error, flow.origin), problems)
        return None
    target = next((c for c in candidates if c in datasets), None)
    if target is None:
        _tell_once(_no_target(flow, datasets), problems)
        return None
    dataset = datasets[target]
    if isinstance(flow, UpdateFlow) and not _takes_updates(dataset):
        problems.append(_no_update(flow, dataset))
        return None
    conf = {**(dataset.spark_conf if isinstance(dataset, StreamingTable) else {}), **flow.spark_conf}
    return replace(flow, name=name or target, target=target, spark_conf=conf)


def _tell_once(problem: Problem, problems: list[Problem]) -> None:
    """A flow whose dataset is wrong adds nothing: both were written in one place."""
    if not any(p.origin == problem.origin for p in problems):
        problems.append(problem)


def _bad_name(error: BadNameError, origin: Origin) -> Problem:
    hint = "write catalog.schema.table, with backquotes around odd characters"
    return Problem("INVALID_IDENTIFIER", f"{error}.", origin, hint)


def _no_target(flow: Flow, datasets: Mapping[str, Dataset]) -> Problem:
    return Problem(
        "PIPELINE_FLOW_TARGET_NOT_FOUND",
        f"The flow `{flow.name}` writes into `{flow.target}`, which is not defined.",
        flow.origin,
        closest(flow.target, datasets)
        or f"declare it with {flow.origin.wording('dlt.create_streaming_table', 'CREATE STREAMING TABLE')}",
    )


def _sink_problems(datasets: Mapping[str, Dataset], names: Namespace) -> Iterator[Problem]:
    """Sinks that share a name with a table, or write into one of the pipeline (§1.7)."""
    for sink in [d for d in datasets.values() if isinstance(d, Sink)]:
        table = datasets.get(names.table(sink.name))
        if table is not None:
            yield _twice("dataset", sink.name, sink.origin, table.origin)
        yield from _delta_problems(sink, datasets, names)


def _delta_problems(sink: Sink, datasets: Mapping[str, Dataset], names: Namespace) -> Iterator[Problem]:
    written = sink.table
    if written is None:
        return
    if not is_full(written):
        yield Problem(
            "DELTA_SINK_TABLE_NOT_QUALIFIED",
            f"The sink `{sink.name}` writes into `{written}`, which is not a name of three parts.",
            sink.origin,
            "write catalog.schema.table",
        )
    elif names.table(written) in datasets:
        yield Problem(
            "DELTA_SINK_INTO_PIPELINE_TABLE",
            f"The sink `{sink.name}` writes into `{written}`, a table of this pipeline.",
            sink.origin,
            f"let the flow append to it: @dlt.append_flow(target={written!r})",
        )


def _takes_updates(target: Dataset) -> bool:
    """Only a sink, and none of Delta's, can be written in output mode update (§1.3)."""
    return isinstance(target, Sink) and target.format != "delta"


def _no_update(flow: Flow, target: Dataset) -> Problem:
    what = "a delta sink" if isinstance(target, Sink) else "no sink"
    return Problem(
        "UPDATE_FLOW_TARGET_NOT_SUPPORTED",
        f"The update flow `{flow.name}` writes into `{target.name}`, which is {what}.",
        flow.origin,
        "use @dlt.append_flow, or let a foreach_batch_sink merge the rows",
    )


def _twice(what: str, name: str, origin: Origin, first: Origin) -> Problem:
    kind = "OUTPUT" if what == "dataset" else "FLOW"
    return Problem(
        f"PIPELINE_DUPLICATE_IDENTIFIERS.{kind}",
        f"Cannot redefine {what} `{name}`: it is defined at {first} already.",
        origin,
        "give one of the two another name",
    )


def _rule_names(dataset: Dataset) -> Iterator[Problem]:
    seen: set[str] = set()
    for rule in dataset.expectations:
        if rule.name in seen:
            yield Problem(
                "DUPLICATE_EXPECTATION",
                f"`{dataset.name}` has two expectations named `{rule.name}`.",
                rule.origin,
                "names of expectations are unique within a dataset",
            )
        seen.add(rule.name)


def warn(sentence: str, origin: Origin) -> None:
    """Tell what has no effect, where it was written."""
    warnings.warn_explicit(sentence, UserWarning, origin.file, origin.line)


def wrong(condition: str, message: str, origin: Origin, hint: str) -> DefinitionError:
    """A decorator or function was called wrongly."""
    return DefinitionError(Problem(condition, message, origin, hint))
