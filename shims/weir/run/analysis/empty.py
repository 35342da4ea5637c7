"""Frames without rows, on which query functions are called to learn what they give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType, TimestampType

from weir.graph.analysis import AnalyzedQuery, ResolvedDataset
from weir.model.definitions import Dataset, Flow, Table, View
from weir.run.code.call import DeferredRead, FailedRead, KnownView, PendingRead
from weir.run.code.reads import options_of
from weir.run.files.source import Memory
from weir.run.frames import schemas
from weir.run.frames.below import is_remote, java_of, without_rows
from weir.run.frames.fingerprint import tree_of
from weir.run.lake.world import World

# Operators through which the rows of a stream pass one by one: all that counts above them is the columns.
UNNAMED = "__weir"  # the name of a frame that has none
_ROW_BY_ROW = frozenset(
    ["Filter", "Generate", "Project", "StreamingRelation", "StreamingRelationV2", "SubqueryAlias"]
)
_OPERATOR = re.compile(r"^[\s:+\-~]*(\w+)", re.MULTILINE)  # a tilde marks what streams


class EmptyFrames:
    """Frames with the right schema and no rows.

    Attributes:
        stood_in: Was something else given for a view than what its function returns?
    """

    def __init__(
        self,
        world: World,
        resolved: Mapping[str, ResolvedDataset],
        failed: AbstractSet[str],
        streaming_views: Mapping[str, DataFrame] | None,
        resets: AbstractSet[str] = frozenset(),
    ) -> None:
        """Frames of what is resolved by now.

        Args:
            streaming_views: What stands in for them; None inlines all views.
            resets: Tables that start over.
        """
        self.session = world.session
        self.storage = world.storage
        self.pipeline = world.pipeline.name
        self.resets = resets
        self.given = world.outside.tables
        self.resolved = resolved
        self.failed = failed
        self.streaming_views = streaming_views
        self.stood_in = False

    def table(self, dataset: Table, spark_reader: Any, *, stream: bool) -> DataFrame:
        """An empty frame of a resolved table."""
        schema = self._known(dataset).schema
        if schema is None:  # one that is there already tells its own
            state = self.storage.state(dataset.name)
            if state is None:
                raise DeferredRead(dataset.name)
            schema = schemas.from_json(state.schema_json)
        return empty_frame(self.session, with_change_feed(schema, spark_reader), stream=stream)

    def other(self, name: str, spark_reader: Any, *, stream: bool) -> DataFrame | None:
        """An empty frame: Spark takes half a second to open a table, its log tells the schema in no time."""
        state = None if name in self.given or options_of(spark_reader) else self.storage.state(name)
        if state is None:
            return None
        return empty_frame(self.session, schemas.from_json(state.schema_json), stream=stream)

    def view(self, dataset: View, reader: Flow, *, stream: bool) -> KnownView | None:
        """A view as it was analysed: one that inlines a thousand is not called for each that reads it."""
        del stream
        known = self._known(dataset)
        flow, analysis = known.flows[0].flow, known.flows[0].analysis
        if self.streaming_views is None or not isinstance(analysis, AnalyzedQuery):
            return None
        if flow.session_conf != reader.session_conf:
            return None
        self.stood_in = True
        return KnownView(self._frame(dataset, analysis, self.streaming_views), analysis.streams)

    def _frame(
        self, dataset: View, analysis: AnalyzedQuery, streaming_views: Mapping[str, DataFrame]
    ) -> DataFrame:
        """What a stream is made of decides what can be done with it; for a batch the schema does."""
        if not analysis.streaming:
            return without_rows(self.session, analysis.schema)
        frame = streaming_views[dataset.name]
        return frame.toDF(*frame.columns)  # columns of its own for each read, else a join finds them twice

    def watch(self, df: DataFrame, dataset: View) -> None:
        """Rules change nothing about a schema."""

    def memory(self, flow: Flow) -> Memory:
        """The columns of files that a flow has learned, unless it starts over."""
        state = None if flow.target in self.resets else self.storage.state(flow.target)
        if state is None:
            return Memory()
        return Memory(self.storage.checkpoint(self.pipeline, flow.name, state.generation))

    def _known(self, dataset: Dataset) -> ResolvedDataset:
        if dataset.name in self.failed:
            raise FailedRead(dataset.name)
        known = self.resolved.get(dataset.name)
        if known is None:
            raise PendingRead(dataset.name)
        return known


def empty_frame(session: SparkSession, schema: StructType, *, stream: bool) -> DataFrame:
    """A frame without rows, batch or streaming, of any schema."""
    if not stream:
        return without_rows(session, schema)
    columns = [F.lit(None).cast(f.dataType).alias(f.name, metadata=f.metadata or {}) for f in schema.fields]
    # An alias is what no name reaches through: the source has columns of its own.
    return session.readStream.format("rate").load().select(*columns).alias(UNNAMED)


def stand_in(session: SparkSession, stream: DataFrame) -> DataFrame:
    """What is given for a view that returns a stream: no view is analysed with all that lies below it."""
    if is_remote(session):
        return stream
    _, java = java_of(stream)
    operators = _OPERATOR.findall(tree_of(java.queryExecution().analyzed()))
    row_by_row = operators and _ROW_BY_ROW.issuperset(operators)
    return empty_frame(session, stream.schema, stream=True) if row_by_row else stream


def with_change_feed(schema: StructType, spark_reader: Any) -> StructType:
    """The columns that `readChangeFeed` adds."""
    options = {k.lower(): str(v).lower() for k, v in options_of(spark_reader).items()}
    if options.get("readchangefeed") != "true":
        return schema
    feed = [("_change_type", StringType()), ("_commit_version", LongType())]
    added = [StructField(n, t) for n, t in (*feed, ("_commit_timestamp", TimestampType()))]
    return StructType([*schema.fields, *added])
