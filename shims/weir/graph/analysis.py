"""What calling a query function told, and the graph that comes of it: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from weir.model.definitions import Dataset, DatasetKind, Flow, Sink, Table, View
from weir.model.problems import Problem

_OUTLIVES_DELETES = frozenset({"skipchangecommits", "readchangefeed", "readchangedata"})
_GOES_ON = _OUTLIVES_DELETES | {"ignorechanges", "ignorefiledeletion"}


@dataclass(frozen=True, slots=True)
class StreamRead:
    """A table that a flow reads as a stream, itself or through views.

    Attributes:
        options: The names of the reader's options that are true, in lower case.
    """

    name: str
    options: frozenset[str] = frozenset()

    def takes(self, condition: str) -> bool:
        """Does the stream go on over a commit that Delta else refuses with this condition (§4.4)?"""
        deletes = frozenset({"ignoredeletes"} if condition.endswith("DELETE") else ())
        return bool(self.options & (_GOES_ON | deletes))

    @property
    def outlives_deletes(self) -> bool:
        """Does it go on over deletes of rows, without reading again the rows beside them?"""
        return bool(self.options & _OUTLIVES_DELETES)


@dataclass(frozen=True, slots=True)
class AnalyzedQuery:
    """The function returned a frame whose schema is known.

    Attributes:
        inputs: Full names of what it reads directly: datasets, views and outside tables.
        schema: The frame's StructType; the graph never looks into it.
        complete: The flow aggregates without a watermark: it must rewrite its table (§4.8).
        problems: What is wrong with rules or output mode, though the schema is known.
        sequence: The type of the sequence of a flow of changes.
        streams: The tables that it reads as streams, also those below views.
        notices: What of the function has no effect here.
    """

    inputs: frozenset[str]
    schema: Any
    streaming: bool
    complete: bool = False
    problems: tuple[Problem, ...] = ()
    sequence: Any = None
    streams: tuple[StreamRead, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalysisDeferred:
    """The function looks at data: it is called once its inputs exist.

    Attributes:
        streaming: What the frame is that it returned all the same, or what its existing table says.
    """

    inputs: frozenset[str]
    reason: str
    streaming: bool = False


@dataclass(frozen=True, slots=True)
class AnalysisFailed:
    """The function failed: by itself (`problem`), or because a dataset that it reads has failed.

    Attributes:
        more: What else is wrong, beside `problem`.
    """

    inputs: frozenset[str]
    problem: Problem | None = None
    more: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalysisPending:
    """The function reads a dataset that is not resolved yet: resolve it, then call again."""

    dataset: str


Analysis = AnalyzedQuery | AnalysisDeferred | AnalysisFailed


@dataclass(frozen=True, slots=True)
class ResolvedFlow:
    """A flow and what its analysis told."""

    flow: Flow
    analysis: AnalyzedQuery | AnalysisDeferred

    @property
    def streaming(self) -> bool:
        """Does the flow read incrementally?"""
        return self.analysis.streaming


@dataclass(frozen=True, slots=True)
class _Resolution:
    """A dataset whose kind is decided; its schema is None while a flow is deferred."""

    dataset: Dataset
    flows: tuple[ResolvedFlow, ...]
    schema: Any = None

    @property
    def name(self) -> str:
        """The dataset's identity."""
        return self.dataset.name

    @property
    def kind(self) -> DatasetKind:
        """Streaming table, materialized view, view or sink."""
        return self.dataset.kind

    @property
    def inputs(self) -> frozenset[str]:
        """What its flows read, views as themselves."""
        return frozenset[str]().union(*(f.analysis.inputs for f in self.flows))

    @property
    def streaming(self) -> bool:
        """Does the dataset stream: a streaming table, or a view over a stream?"""
        return any(f.streaming for f in self.flows)


@dataclass(frozen=True, slots=True)
class ResolvedView(_Resolution):
    """A view: its schema is its query's."""

    dataset: View


@dataclass(frozen=True, slots=True)
class ResolvedSink(_Resolution):
    """A sink, which has no schema."""

    dataset: Sink


@dataclass(frozen=True, slots=True)
class ResolvedTable(_Resolution):
    """A streaming table or a materialized view."""

    dataset: Table


ResolvedDataset = ResolvedView | ResolvedSink | ResolvedTable


@dataclass(frozen=True)
class Graph:
    """The resolved datasets, each after all that it reads.

    Attributes:
        outside: Full names of all that was read and is no dataset of the pipeline, whether it exists or not.
    """

    datasets: Mapping[str, ResolvedDataset]
    problems: tuple[Problem, ...] = ()
    failed: frozenset[str] = field(default_factory=frozenset)
    outside: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def targets(self) -> Mapping[str, ResolvedTable | ResolvedSink]:
        """What flows write into."""
        return {n: d for n, d in self.datasets.items() if not isinstance(d, ResolvedView)}

    @property
    def notices(self) -> tuple[str, ...]:
        """What of the functions has no effect here, each told once."""
        flows = (flow for dataset in self.datasets.values() for flow in dataset.flows)
        known = [flow.analysis.notices for flow in flows if isinstance(flow.analysis, AnalyzedQuery)]
        return tuple(dict.fromkeys(notice for notices in known for notice in notices))

    def readers_of(self, name: str) -> tuple[str, ...]:
        """The datasets that read one directly."""
        return tuple(self._readers.get(name, ()))

    def upstream_tables(self, name: str) -> frozenset[str]:
        """The tables that a dataset reads, through views."""
        return self._upstream[name]

    @cached_property
    def _readers(self) -> Mapping[str, list[str]]:
        readers: dict[str, list[str]] = {}
        for dataset in self.datasets.values():
            for source in dataset.inputs:
                readers.setdefault(source, []).append(dataset.name)
        return readers

    @cached_property
    def _upstream(self) -> Mapping[str, frozenset[str]]:
        """Of every dataset, in the graph's order: what a view reads is known before its readers ask."""
        upstream: dict[str, frozenset[str]] = {}
        for dataset in self.datasets.values():
            known = [self.datasets[source] for source in dataset.inputs if source in self.datasets]
            tables = frozenset(d.name for d in known if not isinstance(d, ResolvedView))
            views = (upstream[d.name] for d in known if isinstance(d, ResolvedView))
            upstream[dataset.name] = tables.union(*views)
        return upstream


class Analyzer(Protocol):
    """Calls user code and looks at frames: the only way in which the graph touches Spark."""

    def analyze(
        self, flow: Flow, dataset: Dataset, resolved: Mapping[str, ResolvedDataset], failed: AbstractSet[str]
    ) -> Analysis | AnalysisPending:
        """Call a flow's function on empty frames."""
        ...

    def schema_of(self, dataset: Dataset, flows: tuple[ResolvedFlow, ...]) -> tuple[Any, tuple[Problem, ...]]:
        """The final schema of a table: declared, existing and produced columns together."""
        ...
