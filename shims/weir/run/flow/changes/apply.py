"""Two commits a batch: its events into the table's memory, then the target is brought in line with it.

The second commit is a difference, not a replay: of the keys of the batch, what the events say and what the
target shows. A failure between the two is mended by doing both again: the first is ignored by Delta, which
knows the batch's number, and the second finds what is left to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from weir.model.changes import END_AT, HISTORY, START_AT
from weir.model.names import fold, quoted
from weir.run.flow.checkpoints import app_of
from weir.run.frames.changes.history import (
    PLACE,
    TRUNCATE,
    Shape,
    compact,
    compared,
    is_op,
    shown_columns,
    untracked,
    visible,
)
from weir.run.frames.limits import ODD
from weir.run.frames.schemas import cast, fields_of
from weir.run.lake.failpoints import BETWEEN_COMMITS, reached
from weir.run.lake.paths import delta_at

TRUNCATED = "_truncated"  # beside the events of a target that could be truncated
KEY = "__weir_key"  # beside columns of the user's


@dataclass(frozen=True, slots=True)
class Target:
    """A table that changes are applied to: plain values, since Spark Connect sends them to a worker.

    Attributes:
        memory: The Delta table of its events.
        table: The Delta table that users read.
    """

    memory: str
    table: str
    shape: Shape


def apply_batch(events: DataFrame, number: int, target: Target, checkpoint: Path, prefix: str) -> None:
    """Apply a batch of events.

    Args:
        events: The result of `events_of`.
        number: The batch's number; applying a number again changes nothing.
        target: Where to.
        checkpoint: That of the stream.
        prefix: The flow and its generation.
    """
    apply_events(events, number, target, app_of(checkpoint, prefix))


def apply_events(events: DataFrame, number: int, target: Target, app: str) -> None:
    """Apply a batch of events under the name of who brings it."""
    session = events.sparkSession
    record(events, number, target, app)
    reached(BETWEEN_COMMITS)
    # A first batch is most of what many a flow ever does, and there is nothing yet to compare with.
    if number or not session.read.format("delta").load(target.table).isEmpty():
        show(session, target, (F.col("flow") == app) & (F.col("batch") == number))
    else:
        fill(session, target)
    reached("changes-shown")


def record(events: DataFrame, number: int, target: Target, app: str) -> None:
    """Commit the events of a batch.

    Args:
        app: Whose batch it is: Delta ignores a number that it has seen from the same one.
    """
    placed = events.withColumns({"at": F.current_timestamp(), PLACE: F.monotonically_increasing_id()})
    if target.shape.scd_type == HISTORY:
        placed = placed.withColumn("untracked", untracked(events, target.shape))
    rows = compact(placed, target.shape).drop(PLACE).withColumns({"flow": F.lit(app), "batch": F.lit(number)})
    writer = rows.write.format("delta").mode("append").option("mergeSchema", "true")
    if any(ODD & set(field.name) for _, field in fields_of(rows.schema)):
        writer = writer.option("delta.columnMapping.mode", "name")
    writer.option("txnAppId", app).option("txnVersion", str(number)).save(target.memory)
    if target.shape.truncates:
        Path(target.memory, TRUNCATED).touch()


def show(session: SparkSession, target: Target, changed: Column) -> None:
    """Bring the target in line for the keys of some events: all keys if one of them truncates."""
    memory = session.read.format("delta").load(target.memory)
    recent, shape = memory.filter(changed), target.shape
    everything = shape.truncates and not recent.filter(is_op(TRUNCATE)).isEmpty()
    keys = None if everything else recent.filter("key IS NOT NULL").select("key").distinct()
    known = memory if keys is None else memory.join(keys, "key", "left_semi")
    if keys is not None and shape.truncates:
        known = known.unionByName(memory.filter(is_op(TRUNCATE)))
    shown = session.read.format("delta").load(target.table)
    difference = _difference(visible(known, shape), shown, keys, shape).persist()
    try:
        _write(difference, target)
    finally:
        difference.unpersist()


def fill(session: SparkSession, target: Target) -> None:
    """Write what all events say into a target without rows."""
    rows = visible(session.read.format("delta").load(target.memory), target.shape)
    wanted = _wanted(rows, session.read.format("delta").load(target.table), target.shape)
    wanted.select("new.*").write.format("delta").mode("append").save(target.table)


def _wanted(rows: DataFrame, shown: DataFrame, shape: Shape) -> DataFrame:
    """The rows of a target from the result of `visible`: `key`, `id` (SCD type 2), `new`."""
    types = {fold(f.name): f.dataType for f in shown.schema.fields}
    plain = rows.select(F.col("key").alias(KEY), *shown_columns(rows, shape))  # which may be called `key`
    values = F.struct(*(cast(F.col(quoted(n)), types[fold(n)]).alias(n) for n in plain.columns[1:]))
    return plain.select(*_identity(shape, F.col(KEY)), values.alias("new"))


def _difference(rows: DataFrame, shown: DataFrame, keys: DataFrame | None, shape: Shape) -> DataFrame:
    """What to insert, update and delete: `key`, `id` (SCD type 2), `action`, `new`."""
    wanted = _wanted(rows, shown, shape)
    new: Any = wanted.schema["new"].dataType
    key_type = rows.schema["key"].dataType
    key = cast(F.struct(*(F.col(quoted(k)) for k in shape.keys)), key_type)
    old = F.struct(*(F.col(quoted(n)).alias(n) for n in new.names))
    current = shown.select(*_identity(shape, key), old.alias("old"))
    if keys is not None:
        current = current.join(keys, "key", "left_semi")
    both = wanted.join(current, current.columns[:-1], "full")
    differs = ~compared(both, "new").eqNullSafe(compared(both, "old"))
    action = F.when(F.col("old").isNull(), "insert").when(F.col("new").isNull(), "delete")
    return both.withColumn("action", action.when(differs, "update")).filter("action IS NOT NULL").drop("old")


def _identity(shape: Shape, key: Column) -> list[Column]:
    """What tells rows of the target apart (specification §3.4)."""
    start = F.coalesce(quoted(START_AT), quoted(END_AT)).alias("id")
    return [key.alias("key"), *([start] if shape.scd_type == HISTORY else [])]


def _write(difference: DataFrame, target: Target) -> None:
    actions = {row["action"] for row in difference.select("action").distinct().collect()}
    if actions == {"insert"}:
        difference.select("new.*").write.format("delta").mode("append").save(target.table)
    elif actions:
        # Over Connect each flow applies changes in a process of its own, and all share a session's names.
        view = f"__weir_changes_{uuid4().hex}"
        difference.createOrReplaceTempView(view)
        session = difference.sparkSession
        try:
            session.sql(_merge(difference, target, view)).collect()
        finally:
            session.catalog.dropTempView(view)


def _merge(difference: DataFrame, target: Target, view: str) -> str:
    row: Any = difference.schema["new"].dataType
    names = [quoted(n) for n in row.names]
    same = [f"t.{quoted(k)} = s.key.{quoted(k)}" for k in target.shape.keys]
    if target.shape.scd_type == HISTORY:
        same.append(f"coalesce(t.{START_AT}, t.{END_AT}) = s.id")
    return f"""
        MERGE INTO {delta_at(target.table)} t USING {view} s ON {" AND ".join(same)}
        WHEN MATCHED AND s.action = 'delete' THEN DELETE
        WHEN MATCHED THEN UPDATE SET {", ".join(f"t.{n} = s.new.{n}" for n in names)}
        WHEN NOT MATCHED THEN INSERT ({", ".join(names)}) VALUES ({", ".join(f"s.new.{n}" for n in names)})
    """
