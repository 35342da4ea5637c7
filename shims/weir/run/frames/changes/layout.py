"""What a flow of changes makes of its source's columns, and what can't be made of them (§3.1, §3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ByteType,
    DataType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StructField,
    StructType,
    TimestampType,
    VariantType,
)

from weir.model.changes import END_AT, HISTORY, START_AT, Changes, Feed
from weir.model.definitions import Flow
from weir.model.names import quoted
from weir.model.problems import Problem, closest
from weir.run.frames.quality import first_line
from weir.run.frames.schemas import nullable_type

_WIDER = (ByteType(), ShortType(), IntegerType(), LongType(), FloatType(), DoubleType())


def expression(value: Any, names: Iterable[str]) -> Column:
    """A column from what the user wrote: a Column, a column's name, or SQL text."""
    if not isinstance(value, str):
        return value
    known = next((n for n in names if n.lower() == value.strip("`").lower()), None)
    return F.expr(value) if known is None else F.col(quoted(known))


def selected(schema: StructType, changes: Changes) -> tuple[str, ...]:
    """The source columns that reach the target, keys included."""
    return changes.columns.of(schema.names)


def sequence_type(df: DataFrame, changes: Changes) -> DataType:
    """The type of the sequence, which is that of `__START_AT` and `__END_AT`."""
    if changes.feed is not Feed.STREAM:
        return TimestampType()
    column = expression(changes.sequence_by, df.columns)
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
    found = [*_unknown_columns(df, flow, changes), *_unselected_keys(df, flow, changes)]
    found += [*_reserved(df, flow, changes), *_keys_without_order(df, flow, changes)]
    return found or [*_unreadable(df, flow, changes)]


def _unknown_columns(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    known = {n.lower() for n in df.columns}
    ignored = changes.ignore_nulls.named() if changes.ignore_nulls else ()
    named = (*changes.keys, *changes.columns.named(), *changes.tracked.named(), *ignored)
    for name in dict.fromkeys((*named, *filter(None, [changes.columns_to_update]))):
        if name.lower() not in known:
            yield Problem(
                "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA",
                f"The flow `{flow.name}` names the column `{name}`, which its source does not have.",
                flow.origin,
                closest(name, df.columns) or f"its columns are: {', '.join(df.columns)}",
            )


def _unselected_keys(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    chosen = {n.lower() for n in selected(df.schema, changes)}
    for name in changes.keys:
        if name.lower() in {n.lower() for n in df.columns} - chosen:
            yield Problem(
                "AUTOCDC_KEY_NOT_IN_SELECTED_SCHEMA",
                f"The key `{name}` of the flow `{flow.name}` is not among the columns of its target.",
                flow.origin,
                "take it into column_list, or out of except_column_list",
            )


def _reserved(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    reserved = {START_AT.lower(), END_AT.lower()} if changes.scd_type == HISTORY else set()
    for name in selected(df.schema, changes):
        if name.lower() in reserved:
            yield Problem(
                "AUTOCDC_RESERVED_COLUMN_NAME_CONFLICT",
                f"The source of `{flow.name}` has a column `{name}`: SCD type 2 adds one of that name.",
                flow.origin,
                "rename it in a view, or leave it out with except_column_list",
            )


def _keys_without_order(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    names = {n.lower(): n for n in df.columns}
    for key in (names[k.lower()] for k in changes.keys if k.lower() in names):
        if not _orderable(df.schema[key].dataType):
            yield Problem("AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_KEY",
                          f"The key `{key}` of `{flow.name}` is a {df.schema[key].dataType.simpleString()}.",
                          flow.origin, "choose keys that can be compared")  # fmt: skip


def _unreadable(df: DataFrame, flow: Flow, changes: Changes) -> Iterator[Problem]:
    """Expressions that the source does not resolve, and a sequence without an order."""
    given = {
        "sequence_by": changes.sequence_by, "where": changes.where,
        "apply_as_deletes": changes.deletes, "apply_as_truncates": changes.truncates,
    }  # fmt: skip
    failed = False
    for argument, value in given.items():
        try:
            _ = value is None or df.select(expression(value, df.columns)).schema
        except PySparkException as error:
            failed = True
            yield Problem(
                error.getCondition() or "INVALID_EXPRESSION",
                f"{argument} of the flow `{flow.name}` does not fit its source: {first_line(error)}",
                flow.origin,
                f"the source's columns are: {', '.join(df.columns)}",
            )
    if not failed and not _orderable(sequence_type(df, changes)):
        yield Problem("AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_SEQUENCE",
                      f"The sequence of `{flow.name}` has no order.", flow.origin,
                      "sequence by numbers, text, dates or times, or a struct of these")  # fmt: skip


def _orderable(kind: Any) -> bool:
    if isinstance(kind, StructType):
        return all(_orderable(f.dataType) for f in kind.fields)
    if hasattr(kind, "elementType"):
        return _orderable(kind.elementType)
    return not isinstance(kind, (MapType, VariantType))
