"""From the events of keys to the rows that a target shows: frames in, frames out, in any order of arrival.

An event is `key`, `seq`, `op` (u upsert, d delete, t truncate, s snapshot mark), `row` (all selected columns
of an upsert), `kept`, and `at`, when it arrived. `kept` lists the columns and fields that an upsert leaves as
they were; after `ALL_BUT`, those that it writes, so that it leaves alone what its source had not yet. SCD
type 2 has `untracked`, the columns whose change makes no version, as they were when the event arrived.
The rows of a key depend on the set of its events alone, so that late, shuffled and repeated batches end
in the same table (specification §3.3, §3.4). Of events with the same key and sequence, which Databricks
leaves undefined, a delete wins over an upsert, what arrived first over what came later, and in one batch
the later row over the earlier, as was seen at Databricks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StructType, VariantType

from weir.model.changes import END_AT, HISTORY, START_AT, Columns
from weir.model.names import fold, quoted_path
from weir.run.frames.schemas import cast

UPSERT, DELETE, TRUNCATE, MARK = "u", "d", "t", "s"
ALL_BUT = "*"
PLACE = "place"  # of an event within its batch


@dataclass(frozen=True, slots=True)
class Shape:
    """How the events of a target become its rows.

    Attributes:
        partial: Some upserts leave columns as they were.
        nested: Leaving as they were goes down into the fields of structs.
        truncates: There may be truncate events.
        closing_marks: Show a row without a start where a delete came later than one that follows it.
    """

    keys: tuple[str, ...]
    scd_type: int
    tracked: Columns
    partial: bool = False
    nested: bool = False
    truncates: bool = False
    closing_marks: bool = False


def is_op(*ops: str) -> Column:
    """Is the event one of these?"""
    return F.col("op").isin(*ops)


def visible(events: DataFrame, shape: Shape) -> DataFrame:
    """The rows of the keys of some events: `key`, `row`, and for SCD type 2 `start` and `end`.

    Args:
        events: All events of the keys, and all truncates.
        shape: The target's.
    """
    if shape.scd_type == HISTORY:
        return _versions(events, shape)
    return _folded_rows(events, shape) if shape.partial else _latest_rows(events, shape)


def compact(events: DataFrame, shape: Shape) -> DataFrame:
    """The events that can still matter, with the same columns: for what comes later, nothing changes."""
    if shape.scd_type == HISTORY:
        return _distinct(events)
    if shape.partial:
        return _last_writers(_distinct(events), shape)
    return _first(events, _by_key(), F.desc("seq"))


def last_marks(events: DataFrame) -> DataFrame:
    """The newest mark of a snapshot of each flow, with the same columns."""
    newest = Window.partitionBy("flow").orderBy(F.desc("batch"))
    marks = events.filter(is_op(MARK)).withColumn("n", F.row_number().over(newest))
    return marks.filter("n = 1").drop("n")


def _by_key() -> WindowSpec:
    return Window.partitionBy("key")


def _in_order() -> WindowSpec:
    return _by_key().orderBy("seq")


def _distinct(events: DataFrame) -> DataFrame:
    """One event a key and sequence."""
    return _first(events, Window.partitionBy("key", "seq"))


def _first(events: DataFrame, window: WindowSpec, *order: Column) -> DataFrame:
    """The first event of each window: deletes before upserts, what arrived first before what came later."""
    later = [F.desc(PLACE)] if PLACE in events.columns else []
    ordered = window.orderBy(*order, is_op(DELETE).desc(), F.col("at").asc(), *later)
    return events.withColumn("n", F.row_number().over(ordered)).filter("n = 1").drop("n")


# SCD type 1


def _latest_rows(events: DataFrame, shape: Shape) -> DataFrame:
    """Every upsert writes a whole row: the latest one shows, unless something removed it later."""
    upsert, delete = F.when(is_op(UPSERT), F.col("seq")), F.when(is_op(DELETE), F.col("seq"))
    rank = F.when(is_op(UPSERT), F.struct(F.col("seq"), -F.unix_micros("at")))
    folded = events.filter(is_op(UPSERT, DELETE)).groupBy("key").agg(
        F.max(upsert).alias("seq"), F.max(delete).alias("floor"), F.max_by("row", rank).alias("row")
    )  # fmt: skip
    living = folded.filter("seq IS NOT NULL AND (floor IS NULL OR seq > floor)")
    return _after_truncates(living, events, shape).select("key", "row")


def _after_truncates(rows: DataFrame, events: DataFrame, shape: Shape) -> DataFrame:
    """What the latest truncate leaves: rows of its own sequence or a later one."""
    if not shape.truncates:
        return rows
    latest = events.filter(is_op(TRUNCATE)).agg(F.max("seq").alias("cleared"))
    return rows.crossJoin(latest).filter("cleared IS NULL OR seq >= cleared").drop("cleared")


def _living(events: DataFrame, shape: Shape) -> DataFrame:
    """The upserts that come after the last delete of their key and the last truncate."""
    floor = F.max(F.when(is_op(DELETE), F.col("seq"))).over(_by_key())
    upserts = events.withColumn("floor", floor).filter(is_op(UPSERT))
    return _after_truncates(upserts.filter("floor IS NULL OR seq > floor"), events, shape)


def _folded_rows(events: DataFrame, shape: Shape) -> DataFrame:
    """Upserts write some columns only: each column shows what its last writer wrote."""
    leaves = _leaves(events, shape)
    wrote = [F.max_by(leaf.value, F.when(leaf.written, F.col("seq"))).alias(leaf.cell) for leaf in leaves]
    folded = _living(_distinct(events), shape).groupBy("key").agg(*wrote)
    return folded.select("key", _rebuilt(events, shape).alias("row"))


def _last_writers(events: DataFrame, shape: Shape) -> DataFrame:
    """The last delete of each key, what came after it and wrote a column last, and truncates."""
    floor = F.max(F.when(is_op(DELETE), F.col("seq"))).over(_by_key())
    wrote = [
        F.col("seq") == F.max(F.when(leaf.written & is_op(UPSERT), F.col("seq"))).over(_by_key())
        for leaf in _leaves(events, shape)
    ]
    last = reduce(lambda a, b: a | b, (F.coalesce(w, F.lit(False)) for w in wrote))
    matters = (is_op(DELETE) & (F.col("seq") == F.col("floor"))) | is_op(TRUNCATE, MARK)
    matters |= is_op(UPSERT) & last & (F.col("floor").isNull() | (F.col("seq") > F.col("floor")))
    marked = events.withColumn("floor", floor).withColumn("matters", matters)
    return marked.filter("matters").drop("floor", "matters")


# SCD type 2


def _versions(events: DataFrame, shape: Shape) -> DataFrame:
    """Each run of upserts with the same tracked columns is a version, closed by what comes next."""
    if "untracked" not in events.columns:  # of a memory that is from before they were kept
        events = events.withColumn("untracked", F.lit(None).cast("array<string>"))
    ordered = _distinct(events.filter(is_op(UPSERT, DELETE)))
    if shape.partial:
        ordered = _filled(ordered, shape)
    follows = F.coalesce(F.lag("op").over(_in_order()) == F.lit(UPSERT), F.lit(False))
    ordered = ordered.withColumn("before", F.lag("row").over(_in_order()))
    opens = F.when(follows & is_op(UPSERT) & ~_differs(ordered, shape), 0).otherwise(1)
    numbered = ordered.withColumn("opens", opens).withColumn("run", F.sum("opens").over(_in_order()))
    runs = numbered.groupBy("key", "run", "op").agg(
        F.min("seq").alias("start"), F.max_by("row", "seq").alias("row")
    )
    ended = runs.withColumn("end", F.lead("start").over(_by_key().orderBy("start")))
    shown = ended.filter(is_op(UPSERT)).select("key", "row", "start", "end")
    return shown.unionByName(_closing_marks(ordered)) if shape.closing_marks else shown


def _closing_marks(ordered: DataFrame) -> DataFrame:
    """What Databricks was seen to leave of a version's end that a late delete before it took over."""
    before, arrived = F.lag("op").over(_in_order()), F.lag("at").over(_in_order())
    last_row = F.last(F.when(is_op(UPSERT), F.col("row")), ignorenulls=True).over(_in_order())
    late = is_op(DELETE) & (before == F.lit(DELETE)) & (arrived > F.col("at"))
    marked = ordered.withColumn("late", late).withColumn("row", last_row)
    closing = marked.filter("late AND row IS NOT NULL")
    return closing.select("key", "row", cast(F.lit(None), closing.schema["seq"].dataType).alias("start"),
                       F.col("seq").alias("end"))  # fmt: skip


def _filled(ordered: DataFrame, shape: Shape) -> DataFrame:
    """Upserts as whole rows: what they leave as it was comes from the ones before, since the last delete."""
    life = F.sum(F.when(is_op(DELETE), 1).otherwise(0)).over(_in_order())
    before = Window.partitionBy("key", "life").orderBy("seq")
    cells = {
        leaf.cell: F.last(F.when(leaf.written, F.struct(leaf.value.alias("v"))), ignorenulls=True)
        .over(before)
        .getField("v")
        for leaf in _leaves(ordered, shape)
    }
    filled = ordered.withColumn("life", life).withColumns(cells)
    row = F.when(is_op(UPSERT), _rebuilt(ordered, shape))
    return filled.withColumn("row", row).drop("life", *cells)


def _differs(events: DataFrame, shape: Shape) -> Column:
    """Does an upsert change a tracked column of the row before it?"""
    row: Any = events.schema["row"].dataType
    keys = {fold(k) for k in shape.keys}
    passed = F.coalesce("untracked", untracked(events, shape))
    differences = (
        ~F.array_contains(passed, fold(n)) & ~_value("row", row, n).eqNullSafe(_value("before", row, n))
        for n in row.names if fold(n) not in keys
    )  # fmt: skip
    return reduce(lambda a, b: a | b, differences, F.lit(False))


def untracked(events: DataFrame, shape: Shape) -> Column:
    """The columns whose change makes no version, in lower case."""
    row: Any = events.schema["row"].dataType
    tracked = set(shape.tracked.of(row.names))
    return F.array(*(F.lit(fold(n)) for n in row.names if n not in tracked)).cast("array<string>")


def _value(side: str, row: StructType, name: str) -> Column:
    return comparable(_field(side, name), row[name].dataType)


# Columns and the fields of structs, as far as an upsert can leave them as they were


@dataclass(frozen=True, slots=True)
class _Leaf:
    path: tuple[str, ...]
    cell: str

    @property
    def value(self) -> Column:
        return _field("row", *self.path)

    @property
    def written(self) -> Column:
        listed = F.transform(F.coalesce("kept", F.array().cast("array<string>")), F.lower)
        ways = (fold(quoted_path(self.path[: n + 1])) for n in range(len(self.path)))
        return F.array_contains(listed, ALL_BUT) == F.arrays_overlap(listed, F.array(*map(F.lit, ways)))


def _leaves(events: DataFrame, shape: Shape) -> list[_Leaf]:
    row: Any = events.schema["row"].dataType
    return [_Leaf(path, f"cell{i}") for i, path in enumerate(leaf_paths(row, nested=shape.nested))]


def leaf_paths(row: StructType, *, nested: bool, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The columns of a row, or with `nested` the fields that structs end in."""
    for field in row.fields:
        if nested and isinstance(field.dataType, StructType) and field.dataType.fields:
            yield from leaf_paths(field.dataType, nested=True, before=(*before, field.name))
        else:
            yield (*before, field.name)


def _rebuilt(events: DataFrame, shape: Shape) -> Column:
    """The row out of its cells."""
    row: Any = events.schema["row"].dataType
    cells = {leaf.path: F.col(leaf.cell) for leaf in _leaves(events, shape)}
    return F.struct(*(_cell(f, (), cells).alias(f.name) for f in row.fields))


def _cell(field: Any, before: tuple[str, ...], cells: dict[tuple[str, ...], Column]) -> Column:
    path = (*before, field.name)
    if path in cells:
        return cells[path]
    fields = [_cell(f, path, cells).alias(f.name) for f in field.dataType.fields]
    below = [cell.isNotNull() for p, cell in cells.items() if p[: len(path)] == path]
    return F.when(reduce(lambda a, b: a | b, below), F.struct(*fields))


def comparable(value: Column, kind: DataType) -> Column:
    """A value that `<=>` takes: maps and variants can't be compared as they are.

    Maps become their entries in the order of keys. JSON is for variants alone: it rounds times.
    """
    match kind:
        case VariantType():
            return F.to_json(F.struct(value))
        case MapType():

            def entry(of: Column) -> Column:
                key, inner = of.getField("key"), comparable(of.getField("value"), kind.valueType)
                return F.struct(comparable(key, kind.keyType).alias("key"), inner.alias("value"))

            return F.array_sort(F.transform(F.map_entries(value), entry))
        case ArrayType() if _has_map(kind):
            return F.transform(value, lambda element: comparable(element, kind.elementType))
        case StructType() if _has_map(kind):
            fields = (comparable(value.getField(f.name), f.dataType).alias(f.name) for f in kind.fields)
            return F.when(value.isNotNull(), F.struct(*fields))
        case _:
            return value


def compared(frame: DataFrame, side: str) -> Column:
    """A struct column of a frame, for `<=>`."""
    row: Any = frame.schema[side].dataType
    return F.struct(*(comparable(_field(side, n), row[n].dataType) for n in row.names))


def _has_map(kind: Any) -> bool:
    if isinstance(kind, (MapType, VariantType)):
        return True
    if isinstance(kind, StructType):
        return any(_has_map(f.dataType) for f in kind.fields)
    return _has_map(kind.elementType) if hasattr(kind, "elementType") else False


def _field(first: str, *path: str) -> Column:
    return reduce(lambda column, name: column.getField(name), path, F.col(first))


def shown_columns(rows: DataFrame, shape: Shape) -> list[Column]:
    """The columns of the target from the result of `visible`."""
    row: Any = rows.schema["row"].dataType
    columns = [_field("row", n).alias(n) for n in row.names]
    ends = [F.col("start").alias(START_AT), F.col("end").alias(END_AT)]
    return columns + (ends if shape.scd_type == HISTORY else [])
