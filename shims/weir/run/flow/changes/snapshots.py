"""Snapshots: the difference to what the target shows becomes events, whose sequence is the version (§3.8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from weir.model.changes import END_AT, HISTORY
from weir.model.definitions import AutoCdcFlow
from weir.model.folders import DELTA, folders
from weir.model.names import quoted
from weir.model.problems import Problem, WeirError
from weir.run.flow.changes.apply import Target, record, show
from weir.run.frames.changes.events import or_refused, struct_of
from weir.run.frames.changes.history import DELETE, MARK, UPSERT, compared
from weir.run.frames.changes.layout import selected, target_schema
from weir.run.frames.schemas import nullable_type
from weir.run.lake.failpoints import reached
from weir.run.lake.storage import open_table

Versioned = tuple[DataFrame, Any]
_VERSIONS = (int, str, float, bytes, dt.datetime, dt.date)


class Snapshots:
    """The snapshots of one flow into its target."""

    def __init__(self, session: SparkSession, flow: AutoCdcFlow, target: Target, app: str) -> None:
        self.session = session
        self.flow = flow
        self.changes = flow.changes
        self.target = target
        self.app = app

    def latest(self) -> tuple[int, Any]:
        """The number and the version of the snapshot that was applied last; (-1, None) if none was."""
        if open_table(Path(self.target.memory)) is None:
            return -1, None
        marks = self.session.read.format("delta").load(self.target.memory)
        last = marks.filter((F.col("op") == MARK) & (F.col("flow") == self.app)).agg(
            F.max("batch"), F.max("seq")
        )
        number, version = last.collect()[0]
        return (-1, None) if number is None else (number, version)

    def finish(self, number: int) -> None:
        """Show what a killed update recorded and may not have shown."""
        shown = self._shown_file()
        if number >= 0 and not (shown.exists() and int(shown.read_text(encoding="utf-8")) >= number):
            self._show(number)

    def apply(self, snapshot: DataFrame, version: Any, number: int) -> None:
        """Apply one snapshot under its version."""
        record(self._events(snapshot, version), number, self.target, self.app)
        reached("changes-recorded")
        self._show(number)
        reached("changes-shown")

    def apply_all(
        self, ask: Callable[[Any], Any], number: int, latest: Any, ready: Callable[[StructType], None]
    ) -> None:
        """Ask for the next snapshot until there is none.

        Args:
            ask: The user's function.
            number: The snapshot applied last.
            latest: Its version.
            ready: Told the columns of each snapshot before it is applied: makes the target fit.

        Raises:
            WeirError: It gives no snapshot with a version, or one that does not come after the latest.
        """
        while (found := ask(latest)) is not None:
            snapshot, version = self._versioned(found)
            self._comes_after(version, latest)
            sequence = self.session.range(1).select(_sequence(version).alias("v")).schema["v"].dataType
            ready(target_schema(snapshot.schema, self.changes, sequence))
            number, latest = number + 1, version
            self.apply(snapshot, version, number)

    def _show(self, number: int) -> None:
        show(self.session, self.target, (F.col("flow") == self.app) & (F.col("batch") == number))
        file = self._shown_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(number), encoding="utf-8")

    def _shown_file(self) -> Path:
        return Path(self.target.memory).joinpath(*folders(f"_shown_{self.flow.name}", sign=DELTA))

    def _events(self, snapshot: DataFrame, version: Any) -> DataFrame:
        """One event for each key that the snapshot adds, changes or no longer has, and a mark."""
        wanted = self._rows(snapshot)
        shown = self.session.read.format("delta").load(self.target.table)
        if self.changes.scd_type == HISTORY:
            shown = shown.filter(f"{END_AT} IS NULL")
        names = wanted.schema["row"].dataType.names  # pyright: ignore[reportAttributeAccessIssue]
        types = {side: nullable_type(wanted.schema[side].dataType) for side in ("key", "row")}
        key = F.struct(*(F.col(quoted(k)) for k in self.changes.keys)).cast(types["key"])
        old = F.struct(*(F.col(quoted(n)).alias(n) for n in names)).cast(types["row"])
        both = wanted.join(shown.select(key.alias("key"), old.alias("old")), "key", "full")
        differs = F.col("old").isNull() | ~compared(both, "row").eqNullSafe(compared(both, "old"))
        op = F.when(F.col("row").isNull(), DELETE).when(differs, UPSERT)
        changed = both.withColumn("op", op).filter("op IS NOT NULL").select("key", "op", "row")
        mark = self.session.range(1).select(
            F.lit(None).cast(changed.schema["key"].dataType).alias("key"), F.lit(MARK).alias("op"),
            F.lit(None).cast(changed.schema["row"].dataType).alias("row"),
        )  # fmt: skip
        kept = F.lit(None).cast("array<string>").alias("kept")
        return changed.unionByName(mark).select("key", _sequence(version).alias("seq"), "op", "row", kept)

    def _rows(self, snapshot: DataFrame) -> DataFrame:
        """`key` and `row` of a snapshot, in which each key stands once."""
        columns = selected(snapshot.schema, self.changes)
        rows = snapshot.select(
            struct_of(snapshot, self.changes.keys).alias("key"), struct_of(snapshot, columns).alias("row")
        )
        null = reduce(lambda a, b: a | b, (F.col("key").getField(k).isNull() for k in self.changes.keys))
        once = rows.groupBy("key").agg(F.count(F.lit(1)).alias("n"), F.first("row").alias("row"))
        wrong = F.when(null, "NULL_KEY_IN_SNAPSHOT").when(F.col("n") > 1, "DUPLICATE_KEY")
        return or_refused(once, wrong, F.to_json("key"), self.flow.name).drop("n")

    def _versioned(self, found: Any) -> Versioned:
        match found:
            case (DataFrame() as snapshot, version) if _is_version(version):
                return snapshot, version
        raise WeirError(_problem(
            self.flow, "INVALID_SNAPSHOT", f"returned {found!r}",
            "return (DataFrame, version) or None; versions are numbers, text, dates or times",
        ))  # fmt: skip

    def _comes_after(self, version: Any, latest: Any) -> None:
        try:
            if latest is None or version > latest:
                return
        except TypeError:
            pass
        found = f"returned version {version!r} after {latest!r}"
        raise WeirError(_problem(self.flow, "OUT_OF_ORDER_SNAPSHOT", found, "versions must ascend"))


def _sequence(version: Any) -> Column:
    return F.lit(version).cast("bigint") if isinstance(version, int) else F.lit(version)


def _is_version(value: Any) -> bool:
    return isinstance(value, _VERSIONS) or type(value).__name__ == "Decimal"


def _problem(flow: AutoCdcFlow, condition: str, what: str, hint: str) -> Problem:
    message = f"The source of the snapshots of `{flow.name}` {what}."
    return Problem(f"APPLY_CHANGES_FROM_SNAPSHOT_ERROR.{condition}", message, flow.origin, hint)
