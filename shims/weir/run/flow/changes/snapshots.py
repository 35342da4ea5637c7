"""Snapshots: the difference to what the target shows becomes events, whose sequence is the version (§3.8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
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
from weir.model.versions import DECIMAL_DIGITS, DECIMAL_PLACES, Version, from_text, kind_of, to_text
from weir.run.flow.changes.apply import Target, record, show
from weir.run.frames.changes.events import or_refused, struct_of
from weir.run.frames.changes.history import DELETE, MARK, UPSERT, compared, is_op
from weir.run.frames.changes.layout import change_problems, selected, target_schema
from weir.run.frames.schemas import cast, nullable_type
from weir.run.lake.failpoints import BETWEEN_COMMITS, reached
from weir.run.lake.storage import open_table

Versioned = tuple[DataFrame, Version]
Write = Callable[[DataFrame, Callable[[], None]], None]


class Snapshots:
    """The snapshots of one flow into its target."""

    def __init__(
        self, session: SparkSession, flow: AutoCdcFlow, target: Target, app: str, write: Write
    ) -> None:
        """Apply the snapshots of a flow.

        Args:
            app: Under which application id they are recorded.
            write: Calls what writes the differences of a snapshot, and counts what was read for it.
        """
        self.session = session
        self.write = write
        self.flow = flow
        self.changes = flow.changes
        self.target = target
        self.app = app

    def latest(self) -> tuple[int, Any]:
        """The number and the version of the snapshot that was applied last; (-1, None) if none was."""
        memory = open_table(Path(self.target.memory))
        written = memory.transaction_version(self.app) if memory else None
        if written is None:
            return -1, None
        known = self.session.read.format("delta").load(self.target.memory)
        text = F.col("version") if "version" in known.columns else F.lit(None).cast("string")
        marks = known.filter(is_op(MARK) & (F.col("flow") == self.app))
        version, seq = marks.agg(F.max_by(text, "batch"), F.max("seq")).collect()[0]
        return written, from_text(version) if version else seq

    def finish(self, number: int) -> None:
        """Show what a killed update recorded and may not have shown."""
        shown = self._shown_file()
        if number >= 0 and not (shown.exists() and int(shown.read_text(encoding="utf-8")) >= number):
            self._show(number)

    def apply(self, snapshot: DataFrame, version: Any, number: int) -> None:
        """Apply one snapshot under its version."""
        events = self._events(snapshot, version)
        self.write(snapshot, lambda: record(events, number, self.target, self.app))
        reached(BETWEEN_COMMITS)
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
        while (answer := ask(latest)) is not None:
            snapshot, version = self._versioned(answer)
            self._comes_after(version, latest)
            if problems := change_problems(snapshot, self.flow, self.changes):
                raise WeirError(*problems)
            sequence = self.session.range(1).select(_sequence(version).alias("v")).schema["v"].dataType
            ready(target_schema(snapshot.schema, self.changes, sequence))
            number, latest = number + 1, version
            self.apply(snapshot, version, number)
        if latest is None:
            raise WeirError(_problem(
                self.flow, "FIRST_SNAPSHOT_EMPTY", "returned None before it gave any",
                "return the first snapshot and its version when the latest version is None",
            ))  # fmt: skip

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
        key = cast(F.struct(*(F.col(quoted(k)) for k in self.changes.keys)), types["key"])
        old = cast(F.struct(*(F.col(quoted(n)).alias(n) for n in names)), types["row"])
        both = wanted.join(shown.select(key.alias("key"), old.alias("old")), "key", "full")
        differs = F.col("old").isNull() | ~compared(both, "row").eqNullSafe(compared(both, "old"))
        op = F.when(F.col("row").isNull(), DELETE).when(differs, UPSERT)
        changed = both.withColumn("op", op).filter("op IS NOT NULL").select("key", "op", "row")
        mark = self.session.range(1).select(
            cast(F.lit(None), changed.schema["key"].dataType).alias("key"), F.lit(MARK).alias("op"),
            cast(F.lit(None), changed.schema["row"].dataType).alias("row"),
        )  # fmt: skip
        kept = F.lit(None).cast("array<string>").alias("kept")
        text = F.when(is_op(MARK), to_text(version)).alias("version")
        return changed.unionByName(mark).select(
            "key", _sequence(version).alias("seq"), "op", "row", kept, text
        )

    def _rows(self, snapshot: DataFrame) -> DataFrame:
        """`key` and `row` of a snapshot, in which each key stands once."""
        columns = selected(snapshot.schema, self.changes)
        rows = snapshot.select(
            struct_of(snapshot, self.changes.keys).alias("key"), struct_of(snapshot, columns).alias("row")
        )
        null = reduce(lambda a, b: a | b, (F.col("key").getField(k).isNull() for k in self.changes.keys))
        once = rows.groupBy("key").agg(F.count(F.lit(1)).alias("n"), F.first("row").alias("row"))
        wrong = F.when(null, "NULL_KEY_IN_SNAPSHOT").when(F.col("n") > 1, "DUPLICATE_KEY")
        shown = F.to_json("key", {"ignoreNullFields": "false"})
        return or_refused(once, wrong, shown, self.flow.name).drop("n")

    def _versioned(self, answer: Any) -> Versioned:
        match answer:
            case (DataFrame() as snapshot, version) if kind_of(version) and not snapshot.isStreaming:
                return snapshot, version
        raise WeirError(_problem(
            self.flow, "INVALID_SNAPSHOT", f"returned {answer!r}",
            "return (batch DataFrame, version) or None; versions are numbers, text, dates or times",
        ))  # fmt: skip

    def _comes_after(self, version: Any, latest: Any) -> None:
        if latest is None:
            return
        fault = f"returned version {version!r} after {latest!r}"
        if kind_of(version) != kind_of(latest):
            hint = f"versions keep their type: a {kind_of(latest)}, as before"
            raise WeirError(_problem(self.flow, "INVALID_SNAPSHOT_VERSION_TYPE", fault, hint))
        if not _instant(version) > _instant(latest):
            raise WeirError(_problem(self.flow, "OUT_OF_ORDER_SNAPSHOT", fault, "versions must ascend"))


def next_time(latest: Any) -> dt.datetime:
    """The version of a snapshot that has none of its own: now, but after the latest whatever clocks say."""
    now = dt.datetime.now(dt.UTC)
    return max(now, _instant(latest) + dt.datetime.resolution) if isinstance(latest, dt.datetime) else now


def _instant(version: Any) -> Any:
    """Python compares the wall clocks of times in one zone, also where these are set back."""
    return version.astimezone(dt.UTC) if kind_of(version) == "time with a zone" else version


def _sequence(version: Version) -> Column:
    """A version as Spark keeps it; a time without a zone is in the session's."""
    match version:
        case dt.datetime():
            return F.lit(_instant(version).isoformat(" ")).cast("timestamp")
        case Decimal():
            return F.lit(f"{version:f}").cast(f"decimal({DECIMAL_DIGITS}, {DECIMAL_PLACES})")
        case int():
            return F.lit(version).cast("bigint")
    return F.lit(version)


def _problem(flow: AutoCdcFlow, condition: str, what: str, hint: str) -> Problem:
    message = f"The source of the snapshots of `{flow.name}` {what}."
    return Problem(f"APPLY_CHANGES_FROM_SNAPSHOT_ERROR.{condition}", message, flow.origin, hint)
