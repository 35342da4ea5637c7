"""What a flow of changes makes of its source's columns, and what can't be made of them (§3.1, §3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    ByteType,
    CalendarIntervalType,
    DataType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    ShortType,
    StructField,
    StructType,
    TimestampType,
    VariantType,
)

from weir.model.changes import END_AT, HISTORY, START_AT, Changes, Feed, worded
from weir.model.definitions import Flow
from weir.model.names import fold, quoted
from weir.model.problems import Problem, closest
from weir.run.frames.expressions import sql_column
from weir.run.frames.quality import first_line
from weir.run.frames.schemas import nullable_type
from weir.run.frames.storable import duplicates, is_stored, unstorable

_WIDER = (ByteType(), ShortType(), IntegerType(), LongType(), FloatType(), DoubleType())


def expression(value: Any, df: DataFrame) -> Column:
    """A column from what the user wrote: a Column, a column's name, or SQL text."""
    if not isinstance(value, str):
        return value
    known = next((n for n in df.columns if fold(n) == fold(value.strip("`"))), None)
    return sql_column(value, df) if known is None else F.col(quoted(known))


def selected(schema: StructType, changes: Changes) -> tuple[str, ...]:
    """The source columns that reach the target, keys included."""
    return changes.columns.of(schema.names)


def sequence_type(df: DataFrame, changes: Changes) -> DataType:
    """The type of the sequence, which is that of `__START_AT` and `__END_AT`."""
    if changes.feed is not Feed.STREAM:
        return TimestampType()
    column = expression(changes.sequence_by, df)
    return nullable_type(df.select(column.alias("seq")).schema["seq"].dataType)


def target_schema(source: StructType, changes: Changes, sequence: DataType) -> StructType:
    """The columns that a flow of changes writes."""
    fields = [StructField(source[n].name, source[n].dataType) for n in selected(source, changes)]
    if changes.scd_type == HISTORY:
        fields += [StructField(START_AT, sequence), StructField(END_AT, sequence)]
    return StructType(fields)


def with_sequence(schema: StructType, sequence: DataType | None) -> StructType:
    """The same schema with the sequence type that all flows into the target share."""
    ends = {START_AT, END_AT}
    if sequence is None:
        return schema
    return StructType([StructField(f.name, sequence) if f.name in ends else f for f in schema.fields])


def common_type(types: Iterable[DataType]) -> DataType | None:
    """The type that holds all sequences; None if there is none."""
    distinct = {t.simpleString(): t for t in types}
    if len(distinct) == 1:
        return next(iter(distinct.values()))
    if all(t in _WIDER for t in distinct.values()):
        return _WIDER[max(_WIDER.index(t) for t in distinct.values())]
    return None


def change_problems(df: DataFrame, flow: Flow, changes: Changes) -> list[Problem]:
    """What is wrong between a declaration of changes and its source."""
    if problems := [*duplicates(df.schema, f"The source of `{flow.name}`", flow.origin)]:
        return problems
    problems = [*_unknown_columns(df, flow, changes), *_unselected(df, flow, changes)]
    problems += [*_reserved(df, flow, changes), *_without_order(df, flow, changes)]
    problems = problems or [*_unreadable(df, flow, changes)]
    return problems or [*_unstored(df, flow, changes)]


def _unknown_columns(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    known = {fold(n) for n in df.columns}
    ignored = changes.ignore_nulls.named() if changes.ignore_nulls else ()
    named = (*changes.keys, *changes.columns.named(), *changes.tracked.named(), *ignored)
    for name in dict.fromkeys((*named, *filter(None, [changes.columns_to_update]))):
        if fold(name) not in known:
            yield Problem(
                "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA",
                f"The flow `{flow.name}` names the column `{name}`, which its source does not have.",
                flow.origin,
                closest(name, df.columns) or f"its columns are: {', '.join(df.columns)}",
            )


def _unselected(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    """Columns that are said to mean something in the target, and are not there."""
    left_out = {fold(n) for n in df.columns} - {fold(n) for n in selected(df.schema, changes)}
    ignored = changes.ignore_nulls.only if changes.ignore_nulls else None
    named = {
        "The key": ("AUTOCDC_KEY_NOT_IN_SELECTED_SCHEMA", changes.keys),
        "The tracked column": ("AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA", changes.tracked.only),
        f"The column in {worded('ignore_null_updates_column_list', flow.origin)}": (
            "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA",
            ignored,
        ),
    }
    for what, (condition, names) in named.items():
        for name in names or ():
            if fold(name) in left_out:
                yield Problem(
                    condition,
                    f"{what} `{name}` of the flow `{flow.name}` is not among the columns of its target.",
                    flow.origin,
                    f"add it to {worded('column_list', flow.origin)}, or remove it from "
                    f"{worded('except_column_list', flow.origin)}",
                )


def _reserved(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    for name in selected(df.schema, changes):
        if fold(name) in {fold(START_AT), fold(END_AT)}:
            yield Problem(
                "AUTOCDC_RESERVED_COLUMN_NAME_CONFLICT",
                f"The source of `{flow.name}` has a column `{name}`: the name is that of SCD type 2's own.",
                flow.origin,
                f"rename it in a view, or leave it out with {worded('except_column_list', flow.origin)}",
            )


def _without_order(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    """Keys that can't be compared, and a list of columns to update that is none."""
    types = {fold(f.name): f.dataType for f in df.schema.fields}
    for key in changes.keys:
        kind = types.get(fold(key))
        if kind is not None and not _has_order(kind):
            yield Problem("AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_KEY",
                          f"The key `{key}` of `{flow.name}` is a {kind.simpleString()}.",
                          flow.origin, "choose keys that can be compared")  # fmt: skip
    named = types.get(fold(changes.columns_to_update or ""))
    if named is not None and named.simpleString() != "array<string>":
        yield Problem(
            "NOT_EXPECTED_TYPE",
            f"{worded('columns_to_update', flow.origin)} of the flow `{flow.name}` is a column of the type "
            f"{named.simpleString()}.",
            flow.origin,
            "name a column with lists of names: array<string>",
        )


def _unreadable(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    """Expressions that the source does not resolve, that are no conditions, or not of one row."""
    given = {
        "sequence_by": changes.sequence_by, "where": changes.where,
        "apply_as_deletes": changes.deletes, "apply_as_truncates": changes.truncates,
    }  # fmt: skip
    for argument, value in given.items():
        try:
            if value is not None:
                column = expression(value, df)
                _ = df.filter(column.isNotNull() if argument == "sequence_by" else column).schema
        except PySparkException as error:
            yield Problem(
                error.getCondition() or "INVALID_EXPRESSION",
                f"{worded(argument, flow.origin)} of the flow `{flow.name}` does not fit its source: "
                f"{first_line(error)}",
                flow.origin,
                f"the source's columns are: {', '.join(df.columns)}",
            )


def _unstored(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    """A sequence without an order, and columns that no table can have."""
    sequence = sequence_type(df, changes)
    if not (_has_order(sequence) and is_stored(sequence)):
        yield Problem(
            "AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_SEQUENCE",
            f"The sequence of `{flow.name}`, a {sequence.simpleString()}, has no order.",
            flow.origin,
            "sequence by numbers, text, dates or times, or a struct of these",
        )
    else:
        columns = target_schema(df.schema, changes, sequence)
        yield from unstorable(columns, f"The source of `{flow.name}`", flow.origin)


def _has_order(kind: Any) -> bool:
    if isinstance(kind, StructType):
        return bool(kind.fields) and all(_has_order(f.dataType) for f in kind.fields)
    if isinstance(kind, ArrayType):
        return _has_order(kind.elementType)
    return not isinstance(kind, (MapType, VariantType, CalendarIntervalType, NullType))
