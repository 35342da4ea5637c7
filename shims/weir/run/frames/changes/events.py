"""From a source's rows to events: `key`, `seq`, `op`, `row`, `kept`. What is no change fails the flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StructType

from weir.model.changes import Changes
from weir.model.definitions import ChangesFlow
from weir.model.names import fold, quoted, quoted_path
from weir.model.problems import Problem
from weir.run.frames.changes.history import ALL_BUT, DELETE, TRUNCATE, UPSERT, leaf_paths
from weir.run.frames.changes.layout import expression, selected
from weir.run.frames.marks import carried, raised
from weir.run.frames.quality import first_line
from weir.run.frames.schemas import cast

MARK = "WEIR-CHANGE "


def events_of(df: DataFrame, changes: Changes, sequence: DataType, flow: str) -> DataFrame:
    """The events in a frame of change rows (specification §3.2).

    Args:
        df: The source's rows, batch or streaming.
        changes: What they mean.
        sequence: The type in which the target keeps sequences.
        flow: The flow's name, for messages.
    """
    op = F.when(_says(df, changes.truncates), TRUNCATE).when(_says(df, changes.deletes), DELETE)
    op = op.otherwise(UPSERT)
    columns = selected(df.schema, changes)
    events = df.select(
        F.when(op != TRUNCATE, struct_of(df, changes.keys)).alias("key"),
        cast(expression(changes.sequence_by, df), sequence).alias("seq"),
        op.alias("op"),
        F.when(op == UPSERT, struct_of(df, columns)).alias("row"),
        F.when(op == UPSERT, _kept(df, changes)).alias("kept"),
        _wrong(df, changes, op).alias("wrong"),
    )
    shown = F.to_json(F.struct("key", "seq", "op", "row"), {"ignoreNullFields": "false"})
    return or_refused(events, F.col("wrong"), shown, flow).drop("wrong")


def event_problems(df: DataFrame, flow: ChangesFlow, sequence: DataType) -> Iterator[Problem]:
    """What else keeps a source that fits its declaration from giving events."""
    try:
        _ = events_of(df, flow.changes, sequence, flow.name).schema
    except PySparkException as error:
        yield Problem(
            error.getCondition() or "INVALID_EXPRESSION",
            f"The changes of the flow `{flow.name}` can't be read from its source: {first_line(error)}",
            flow.origin,
            "check its expressions in a select on the source",
        )


def or_refused(rows: DataFrame, wrong: Column, shown: Column, flow: str) -> DataFrame:
    """The same rows; one that is wrong fails the job that reads it, see `refusal`.

    Args:
        rows: Any rows.
        wrong: Which of the refusals a row is; NULL for none.
        shown: The row as text.
        flow: The flow's name.
    """
    refused = raised(MARK, F.struct(wrong.alias("what"), F.lit(flow).alias("flow"), shown.alias("row")))
    return rows.filter(F.when(wrong.isNull(), True).otherwise(refused.isNull()))


_REFUSALS = {
    "NULL_KEY": ("AUTOCDC_MICROBATCH_VALIDATION.NULL_KEY", "has NULL in a key"),
    "NULL_SEQUENCE": ("AUTOCDC_MICROBATCH_VALIDATION.NULL_SEQUENCE", "has no sequence"),
    "OUTSIDE_WHERE": ("AUTOCDC_MICROBATCH_VALIDATION.OUTSIDE_WHERE", "does not satisfy `where`"),
    "NULL_KEY_IN_SNAPSHOT": ("APPLY_CHANGES_FROM_SNAPSHOT_ERROR.NULL_KEY", "has NULL in a key"),
    "DUPLICATE_KEY": (
        "APPLY_CHANGES_FROM_SNAPSHOT_ERROR.DUPLICATE_KEY_VIOLATION",
        "occurs twice in a snapshot",
    ),
}


def refusal(text: str) -> str | None:
    """What an error's text says of a row that was refused, as a sentence; None if it says nothing of one."""
    details = carried(MARK, text, "what", "flow", "row")
    if details is None or details["what"] not in _REFUSALS:
        return None
    (condition, what), flow, row = _REFUSALS[details["what"]], details["flow"], details["row"]
    return f"[{condition}] A row of flow '{flow}' {what}; nothing was written. The row: {row}"


def _says(df: DataFrame, condition: Any) -> Column:
    return F.lit(False) if condition is None else F.coalesce(expression(condition, df), F.lit(False))


def struct_of(df: DataFrame, names: tuple[str, ...]) -> Column:
    """Columns of a frame in one, spelled as the frame spells them."""
    known = {fold(n): n for n in df.columns}
    return F.struct(*(F.col(quoted(known[fold(n)])).alias(known[fold(n)]) for n in names))


def _wrong(df: DataFrame, changes: Changes, op: Column) -> Column:
    """The name of what is wrong with a change; NULL if nothing is. A truncate has no key (§3.3)."""
    known = {fold(n): n for n in df.columns}
    keys = [F.col(quoted(known[fold(k)])).isNull() for k in changes.keys]
    no_key = (op != TRUNCATE) & reduce(lambda a, b: a | b, keys)
    outside = F.lit(False) if changes.where is None else ~_says(df, changes.where)
    sequence = expression(changes.sequence_by, df)
    return F.when(no_key, "NULL_KEY").when(sequence.isNull(), "NULL_SEQUENCE").when(outside, "OUTSIDE_WHERE")


def _kept(df: DataFrame, changes: Changes) -> Column:
    """What a change leaves as it was, or what it writes, after `ALL_BUT`."""
    row = StructType([df.schema[n] for n in selected(df.schema, changes)])
    if changes.columns_to_update is not None:
        named = F.transform(F.col(quoted(changes.columns_to_update)), F.lower)
        written = F.concat(named, _texts(map(fold, (*changes.keys, changes.columns_to_update))))
        listed = (F.when(F.array_contains(written, fold(n)), quoted(n)) for n in row.names)
        return F.when(named.isNotNull(), _texts([ALL_BUT, *listed]))
    if changes.ignore_nulls is not None:
        chosen = {fold(n) for n in changes.ignore_nulls.of(row.names)}
        leaves = [*leaf_paths(row, nested=True)]
        ignored = {p: _value(p).isNull() for p in leaves if fold(p[0]) in chosen}
        if changes.ignore_nulls.only is not None:
            return _texts(F.when(ignores, quoted_path(p)) for p, ignores in ignored.items())
        written = (F.when(~ignored.get(p, F.lit(False)), quoted_path(p)) for p in leaves)
        return _texts([ALL_BUT, *written])
    return F.lit(None).cast("array<string>")


def _texts(texts: Iterable[Column | str]) -> Column:
    """An array of those that are not NULL."""
    columns = (F.lit(text) if isinstance(text, str) else text for text in texts)
    return F.array_compact(F.array(*columns).cast("array<string>"))


def _value(path: tuple[str, ...]) -> Column:
    return reduce(lambda column, name: column.getField(name), path[1:], F.col(quoted(path[0])))
