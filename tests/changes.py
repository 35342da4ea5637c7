"""What batches of changes come to, computed on frames: no stream, no table, one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from weir.define.registry import Registry, collecting, freeze
from weir.model.definitions import ChangesFlow
from weir.model.names import Namespace
from weir.run.flow.changes.flow import shape_of
from weir.run.frames.changes.events import events_of
from weir.run.frames.changes.history import compact, shown_columns, visible
from weir.run.frames.changes.layout import sequence_type

Rows = Sequence[Mapping[str, Any]]


def batches_of(spark: SparkSession, *batches: Rows) -> list[DataFrame]:
    """Frames with the columns of all of them."""
    rows = [{**row, "batch": n} for n, batch in enumerate(batches) for row in batch]
    together = spark.createDataFrame(pa.Table.from_pylist(rows))
    return [together.filter(f"batch = {n}").drop("batch") for n in range(len(batches))]


def shown(
    source: str, target: str, batches: Sequence[DataFrame], configuration: Mapping[str, str] | None = None
) -> list[tuple[Any, ...]]:
    """The rows of a target after batches that came one after the other.

    Args:
        source: Declares it, with a single flow.
    """
    registry = Registry()
    with collecting(registry):
        exec(source, {})  # noqa: S102 - the pipeline of a test
    pipeline, problems = freeze(registry, "p", Namespace(), configuration or {})
    assert problems == ()
    (flow,) = (f for f in pipeline.flows if f.target.endswith(f".{target}"))
    assert isinstance(flow, ChangesFlow)
    shape = shape_of([flow], configuration or {})

    def memory(number: int, batch: DataFrame) -> DataFrame:
        events = events_of(batch, flow.changes, sequence_type(batch, flow.changes), flow.name)
        return compact(events.withColumn("at", F.timestamp_seconds(F.lit(number))), shape)

    known = reduce(DataFrame.unionByName, (memory(n, batch) for n, batch in enumerate(batches)))
    rows = visible(known, shape)
    return sorted((tuple(row) for row in rows.select(*shown_columns(rows, shape)).collect()), key=str)
