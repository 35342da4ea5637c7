"""What the user's sources define: datasets, flows, expectations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar

from weir.model.changes import Changes, Feed
from weir.model.governance import Protection
from weir.model.names import Namespace
from weir.model.origin import Origin


class Action(StrEnum):
    """What happens to a row that breaks a rule (specification §2.1)."""

    WARN = "warn"
    DROP = "drop"
    FAIL = "fail"


class DatasetKind(StrEnum):
    """What a dataset is. TABLE is `@dlt.table` before its query told batch from stream (§1.3)."""

    TABLE = "table"
    STREAMING_TABLE = "streaming_table"
    MATERIALIZED_VIEW = "materialized_view"
    VIEW = "view"
    SINK = "sink"


@dataclass(frozen=True, slots=True)
class Expectation:
    """A rule on the rows of a dataset; `condition` is SQL text or a Spark Column."""

    name: str
    condition: Any
    action: Action
    origin: Origin

    @property
    def text(self) -> str:
        """The condition as a person reads it."""
        return self.condition if isinstance(self.condition, str) else str(self.condition)


@dataclass(frozen=True, slots=True)
class _Dataset:
    """What shall exist."""

    kind: ClassVar[DatasetKind]
    name: str
    origin: Origin
    comment: str | None = None
    expectations: tuple[Expectation, ...] = ()

    def counting(self) -> tuple[Expectation, ...]:
        """The rules that Databricks counts: all but `fail` (§2.4)."""
        return tuple(e for e in self.expectations if e.action is not Action.FAIL)


@dataclass(frozen=True, slots=True)
class View(_Dataset):
    """A temporary view: computed anew for every flow that reads it (§4.1)."""

    kind: ClassVar[DatasetKind] = DatasetKind.VIEW


@dataclass(frozen=True, slots=True)
class PublishedView(View):
    """CREATE VIEW of SQL: it has a schema like a table, and its query reads batches (§4.1)."""


@dataclass(frozen=True, slots=True)
class Sink(_Dataset):
    """Where flows write outside of the pipeline; nothing reads from it (§1.7).

    Attributes:
        format: What Spark writes with: delta, kafka, a Python data source; `foreach_batch` for a handler.
        handler: Called with each micro-batch and its number.
    """

    kind: ClassVar[DatasetKind] = DatasetKind.SINK
    format: str = ""
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    handler: Callable[[Any, int], Any] | None = None

    def option(self, name: str) -> str | None:
        """An option, whose name has no case."""
        return next((v for o, v in self.options.items() if o.lower() == name.lower()), None)

    @property
    def table(self) -> str | None:
        """The table outside of the pipeline that a delta sink writes into."""
        return self.option("tableName") if self.format == "delta" else None


@dataclass(frozen=True, slots=True)
class Table(_Dataset):
    """A Delta table. One that is neither of the two below is `@dlt.table` before its query was asked (§1.3).

    Attributes:
        schema: As the definition gives it: DDL text, a StructType, None.
        cluster_by: Columns, or fields nested in them, each with the names that lead to it.
    """

    kind: ClassVar[DatasetKind] = DatasetKind.TABLE
    schema: Any = None
    table_properties: Mapping[str, str] = field(default_factory=dict[str, str])
    partition_cols: tuple[str, ...] = ()
    cluster_by: tuple[tuple[str, ...], ...] = ()
    private: bool = False
    protection: Protection = field(default_factory=Protection)

    @property
    def layout(self) -> tuple[tuple[str, ...], ...]:
        """The columns, or fields nested in them, by which its files are arranged."""
        return (*((column,) for column in self.partition_cols), *self.cluster_by)


@dataclass(frozen=True, slots=True)
class StreamingTable(Table):
    """A table that flows append to, or apply changes to.

    Attributes:
        spark_conf: Holds for each flow into it that does not say otherwise.
    """

    kind: ClassVar[DatasetKind] = DatasetKind.STREAMING_TABLE
    spark_conf: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class MaterializedView(Table):
    """A table that equals its query at every refresh."""

    kind: ClassVar[DatasetKind] = DatasetKind.MATERIALIZED_VIEW


Dataset = View | Sink | Table


@dataclass(frozen=True, slots=True)
class _Flow:
    """How a dataset gets its rows: a query function, called anew for every analysis and every run.

    Attributes:
        name: Its target's where it has none of its own.
    """

    name: str
    target: str
    function: Callable[..., Any]
    origin: Origin
    spark_conf: Mapping[str, str] = field(default_factory=dict[str, str])
    comment: str | None = None

    @property
    def session_conf(self) -> Mapping[str, str]:
        """What of its configuration is for Spark, not for the pipeline."""
        return {k: v for k, v in self.spark_conf.items() if not k.startswith("pipelines.")}


class QueryFlow(_Flow):
    """The rows of a query: appended where it streams, else all rows of a materialized view."""


class OnceFlow(_Flow):
    """A batch that is appended a single time until the next full refresh (§4.7)."""


class UpdateFlow(_Flow):
    """What has changed of a stream's result, for a sink: output mode update (§1.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesFlow(_Flow):
    """A stream of changes to apply (§3.1).

    Attributes:
        once: It runs a single time until the next full refresh.
    """

    changes: Changes
    once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFlow(_Flow):
    """Snapshots, whose differences are changes to apply (§3.8)."""

    changes: Changes


AutoCdcFlow = ChangesFlow | SnapshotFlow
Flow = QueryFlow | OnceFlow | UpdateFlow | AutoCdcFlow


def runs_once(flow: Flow) -> bool:
    """Does it run a single time until the next full refresh?"""
    return isinstance(flow, OnceFlow) or (isinstance(flow, ChangesFlow) and flow.once)


def gives_versions(flow: Flow) -> bool:
    """Is its function asked for one snapshot after another, while the flow is executed (§3.8)?"""
    return isinstance(flow, SnapshotFlow) and flow.changes.feed is Feed.VERSIONS


@dataclass(frozen=True, slots=True)
class Hook:
    """A function that is told the events of an update; the pipeline's, in no graph (§6.7).

    Attributes:
        name: The function's name; several hooks may share one, each is called.
        limit: More consecutive failures than this disable it until the next update; None never does.
    """

    name: str
    function: Callable[[dict[str, Any]], Any]
    limit: int | None
    origin: Origin


@dataclass(frozen=True)
class Pipeline:
    """All that the sources define, names qualified.

    Attributes:
        deprecations: Databricks' code of what is used though it is deprecated (§6.3) -> what to tell.
    """

    name: str
    namespace: Namespace
    datasets: Mapping[str, Dataset]
    flows: tuple[Flow, ...]
    configuration: Mapping[str, str] = field(default_factory=dict[str, str])
    hooks: tuple[Hook, ...] = ()
    deprecations: Mapping[str, str] = field(default_factory=dict[str, str])

    def flows_into(self, dataset: str) -> tuple[Flow, ...]:
        """The flows that write into a dataset, in the order of their definition."""
        return tuple(self._by_target.get(dataset, ()))

    @cached_property
    def _by_target(self) -> Mapping[str, list[Flow]]:
        flows: dict[str, list[Flow]] = {}
        for flow in self.flows:
            flows.setdefault(flow.target, []).append(flow)
        return flows
