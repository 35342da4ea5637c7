"""What the user's sources define: datasets, flows, expectations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from weir.model.changes import Changes, Feed
from weir.model.governance import Protection
from weir.model.names import Namespace
from weir.model.origin import Origin


class Action(StrEnum):
    """What happens to a row that breaks a rule (specification §2.1)."""

    WARN = "warn"
    DROP = "drop"
    FAIL = "fail"


class Kind(StrEnum):
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
class Sink:
    """Where flows write outside of the pipeline (§1.7).

    Attributes:
        format: What Spark writes with: delta, kafka, a Python data source; `foreach_batch` for a handler.
        handler: Called with each micro-batch and its number.
    """

    format: str
    options: Mapping[str, str] = field(default_factory=dict)
    handler: Callable[[Any, int], Any] | None = None

    def option(self, name: str) -> str | None:
        """An option, whose name has no case."""
        return next((v for o, v in self.options.items() if o.lower() == name.lower()), None)

    @property
    def table(self) -> str | None:
        """The table outside of the pipeline that a delta sink writes into."""
        return self.option("tableName") if self.format == "delta" else None


@dataclass(frozen=True, slots=True)
class Dataset:
    """What shall exist: a table or a temporary view; or a sink, which nothing reads.

    Attributes:
        spark_conf: Holds for each flow into it that does not say otherwise.
    """

    name: str
    kind: Kind
    origin: Origin
    comment: str | None = None
    schema: Any = None
    table_properties: Mapping[str, str] = field(default_factory=dict)
    partition_cols: tuple[str, ...] = ()
    cluster_by: tuple[str, ...] = ()
    private: bool = False
    expectations: tuple[Expectation, ...] = ()
    spark_conf: Mapping[str, str] = field(default_factory=dict)
    sink: Sink | None = None
    protection: Protection = field(default_factory=Protection)

    def counting(self) -> tuple[Expectation, ...]:
        """The rules that Databricks counts: all but `fail` (§2.4)."""
        return tuple(e for e in self.expectations if e.action is not Action.FAIL)


@dataclass(frozen=True, slots=True)
class Flow:
    """How a dataset gets its rows: a query function, called anew for every analysis and every run.

    Attributes:
        append: It has a name of its own, not its target's.
        changes: The rows are changes to apply, not rows to append.
    """

    name: str
    target: str
    function: Callable[[], Any]
    origin: Origin
    once: bool = False
    append: bool = False
    update: bool = False
    spark_conf: Mapping[str, str] = field(default_factory=dict)
    comment: str | None = None
    changes: Changes | None = None

    @property
    def session_conf(self) -> Mapping[str, str]:
        """What of its configuration is for Spark, not for the pipeline."""
        return {k: v for k, v in self.spark_conf.items() if not k.startswith("pipelines.")}

    @property
    def gives_versions(self) -> bool:
        """Is its function one that gives the snapshot after a version (§3.8)?"""
        return self.changes is not None and self.changes.feed is Feed.VERSIONS


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


@dataclass(frozen=True, slots=True)
class Pipeline:
    """All that the sources define, names qualified.

    Attributes:
        deprecations: Databricks' code of what is used though it is deprecated (§6.3) -> what to tell.
    """

    name: str
    namespace: Namespace
    datasets: Mapping[str, Dataset]
    flows: tuple[Flow, ...]
    configuration: Mapping[str, str] = field(default_factory=dict)
    hooks: tuple[Hook, ...] = ()
    deprecations: Mapping[str, str] = field(default_factory=dict)

    def flows_into(self, dataset: str) -> tuple[Flow, ...]:
        """The flows that write into a dataset, in the order of their definition."""
        return tuple(f for f in self.flows if f.target == dataset)
