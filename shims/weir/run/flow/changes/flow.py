"""One flow of changes in an update: where its target and its memory lie, and when these are tidied up."""

from __future__ import annotations

import datetime as dt
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType

from weir.model.changes import TOMBSTONE_SECONDS, Changes
from weir.model.definitions import AutoCdcFlow, Flow, Table
from weir.model.problems import Problem, WeirError
from weir.run.flow.changes.apply import TRUNCATED, Target
from weir.run.frames import schemas
from weir.run.frames.changes.history import DELETE, MARK, Shape, compact, is_op, last_marks
from weir.run.frames.changes.layout import common_type
from weir.run.lake.failpoints import reached
from weir.run.lake.overwrite import overwriting
from weir.run.lake.storage import Storage, open_table

CLOSING_MARKS = "pipelines.weir.scd2ClosingMarks"
FILES_BEFORE_COMPACTION = 50
TWO_DAYS = 172_800


def shape_of(flows: Sequence[Flow], configuration: Mapping[str, str]) -> Shape:
    """The shape of a target, for all flows into it."""
    changes = [f.changes for f in flows if isinstance(f, AutoCdcFlow)]
    first: Changes = changes[0]
    return Shape(
        first.keys, first.scd_type, first.tracked,
        any(c.partial for c in changes), any(c.ignore_nulls is not None for c in changes),
        any(c.truncates is not None for c in changes),
        configuration.get(CLOSING_MARKS, "false").lower() == "true",
    )  # fmt: skip


def target_of(storage: Storage, dataset: str, generation: int, shape: Shape) -> Target:
    """The paths of a target; one that was truncated stays so, whatever its definition says now."""
    memory = storage.changes(dataset, generation)
    truncates = shape.truncates or (memory / TRUNCATED).exists()
    return Target(str(memory), str(storage.table(dataset)), replace(shape, truncates=truncates))


def sequence_of(
    storage: Storage, dataset: str, generation: int | None, types: Iterable[DataType]
) -> DataType | None:
    """The type of the sequences of a target: that of its memory once it has one.

    Args:
        generation: Whose memory; None for one that starts anew.
        types: The types of the flows into it.

    Returns:
        None if they don't fit together.
    """
    memory = None if generation is None else open_table(storage.changes(dataset, generation))
    if memory is None:
        return common_type(types)
    known = schemas.from_json(memory.schema().to_json())["seq"].dataType
    return known if common_type([known, *types]) == known else None


def refuse_lost_memory(target: Target, dataset: str, flow: AutoCdcFlow) -> None:
    """Refuse a target whose rows nothing explains: new changes would put them away.

    Raises:
        WeirError: It has rows and no memory.
    """
    table = open_table(Path(target.table))
    if table is not None and table.file_uris() and open_table(Path(target.memory)) is None:
        raise WeirError(Problem(
            "AUTOCDC_INVALID_STATE.CHANGES_NOT_FOUND",
            f"`{dataset}` has rows, but the changes that made them are not in {target.memory} any more.",
            flow.origin,
            f"put that folder back, or start over: weir run --full-refresh {dataset}",
        ))  # fmt: skip


class AppliedRows:
    """Rows that the commits of a flow changed in its target, read from the target's log."""

    def __init__(self, table: Path) -> None:
        self.table = table
        target = open_table(table)
        self.before = -1 if target is None else target.version()
        self.waiting: list[tuple[int, int]] = []

    def next(self) -> tuple[int, int]:
        """(upserted, deleted) of the next batch."""
        if not self.waiting:
            self.waiting = self.new()
        return self.waiting.pop(0) if self.waiting else (0, 0)

    def new(self) -> list[tuple[int, int]]:
        """(upserted, deleted) of each commit since the last look."""
        target = open_table(self.table)
        if target is None or target.version() == self.before:
            return []
        commits = target.history(target.version() - self.before)
        newer = [c for c in commits if c["version"] > self.before]
        self.before = target.version()
        return [_changed(c.get("operationMetrics") or {}) for c in reversed(newer)]


class AppliedRowsInTurn(AppliedRows):
    """Counts of a flow beside which others apply changes to the same target: their batches take turns."""

    def next(self) -> tuple[int, int]:
        """(upserted, deleted) of the next batch."""
        return self.waiting.pop(0) if self.waiting else (0, 0)

    def in_turn(
        self, each: Callable[[DataFrame, int], None], then: Callable[[], object]
    ) -> Callable[[DataFrame, int], None]:
        """Apply batches by a function while no other flow writes into the target."""

        def apply(batch: DataFrame, number: int) -> None:
            with _turn[self.table]:
                self.new()  # what other flows have committed
                each(batch, number)
                self.waiting.append(next(iter(self.new()), (0, 0)))
                then()

        return apply


_turn: dict[Path, threading.Lock] = defaultdict(threading.Lock)


def _changed(metrics: Mapping[str, Any]) -> tuple[int, int]:
    def number(*names: str) -> int:
        return sum(int(metrics.get(n, 0)) for n in names)

    if "numTargetRowsInserted" in metrics:
        upserted = number("numTargetRowsInserted", "numTargetRowsUpdated")
        return upserted, number("numTargetRowsDeleted")
    return number("numOutputRows"), 0


def tidy(session: SparkSession, target: Target, dataset: Table) -> str | None:
    """Fold a memory of many files into what can still matter, without tombstones past their time (§3.3).

    Args:
        session: Does the work.
        target: Whose memory.
        dataset: The target; its properties say how long tombstones are kept, in seconds.

    Returns:
        What went wrong, as a sentence: the rows are written, and the next update tidies up.
    """
    try:
        _fold(session, target, dataset.table_properties)
    except Exception as error:  # noqa: BLE001 - of Spark, of delta-rs, of the disk
        what = str(error).partition("\n")[0]
        return f"the changes behind {dataset.name} could not be folded, the next update tries again: {what}"
    return None


def _fold(session: SparkSession, target: Target, properties: Mapping[str, str]) -> None:
    memory = open_table(Path(target.memory))
    if memory is None or len(memory.file_uris()) <= FILES_BEFORE_COMPACTION:
        return
    known = session.read.format("delta").load(target.memory)
    rows = compact(known.filter(~is_op(MARK)), target.shape).unionByName(last_marks(known))
    if target.shape.scd_type == 1:
        seconds = int(properties.get(TOMBSTONE_SECONDS, TWO_DAYS))
        oldest = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)
        rows = rows.filter(~is_op(DELETE) | (F.col("at") >= F.lit(oldest)))
    reached("memory-folded")
    overwriting(rows).save(target.memory)
    DeltaTable(target.memory).vacuum(0, dry_run=False, enforce_retention_duration=False)
