"""What of a record does not fit its columns, as JSON with the file's path: the rescued data (§7.4).

Spark reads the files with the columns that are known, and those that are not as further ones. It keeps the
text of a record in which a value does not fit, and of one that it can't read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, MapType, NumericType, StringType, StructField, StructType

from weir.model.names import quoted

UNREADABLE = "_corrupt_record"
FieldOf = Callable[[str], Column]


def column(name: str) -> Column:
    """A column by its name, whatever signs it holds."""
    return F.col(quoted(name))


def kept(value: Column, known: Any, read: Any) -> Column:
    """What is known of a value that was read with more."""
    if known == read:
        return value
    if isinstance(known, StructType) and isinstance(read, StructType):
        types = {f.name: f.dataType for f in read}
        fields = [kept(value.getField(f.name), f.dataType, types[f.name]).alias(f.name) for f in known]
        return F.when(value.isNotNull(), F.struct(*fields))
    if isinstance(known, ArrayType) and isinstance(read, ArrayType):
        return F.transform(value, lambda item: kept(item, known.elementType, read.elementType))
    if isinstance(known, MapType) and isinstance(read, MapType):
        if known.keyType != read.keyType:
            value = F.transform_keys(value, lambda key, _: kept(key, known.keyType, read.keyType))
        return F.transform_values(value, lambda _, item: kept(item, known.valueType, read.valueType))
    if not _is_like(known, read):
        return F.lit(None).cast(known)
    return F.when(_fits(value, known, read), value.try_cast(known))


def _is_like(known: Any, read: Any) -> bool:
    """Can a value of one type be one of the other? Of numbers, it can; a number is no text, nor a date."""
    return known == read or (isinstance(known, NumericType) and isinstance(read, NumericType))


def _fits(value: Column, known: Any, read: Any) -> Column:
    """Is a value that was read in another type the same in the known one?"""
    if not _is_like(known, read):
        return value.isNull()
    return value.eqNullSafe(value.try_cast(known).cast(read))


def extra(field_of: FieldOf, known: StructType, read: StructType) -> dict[str, Column]:
    """What was read beyond the known columns, by the names of the top fields."""
    types = {f.name: f.dataType for f in known}
    values = ((f.name, _extra(field_of(f.name), types.get(f.name), f.dataType)) for f in read)
    return {name: value for name, value in values if value is not None}


def _extra(value: Column, known: Any, read: Any) -> Column | None:
    if known is None:
        return value
    if isinstance(known, StructType) and isinstance(read, StructType):
        fields = extra(value.getField, known, read)
        return _struct(fields) if fields else None
    if isinstance(known, ArrayType) and isinstance(read, ArrayType):
        inner = _extra_of_items(value, known.elementType, read.elementType)
        return None if inner is None else F.when(F.exists(inner, lambda item: item.isNotNull()), inner)
    if isinstance(known, MapType) and isinstance(read, MapType):
        return _extra_of_map(value, known.valueType, read.valueType)
    return None if known == read else F.when(~_fits(value, known, read), value)


def _extra_of_items(value: Column, known: Any, read: Any) -> Column | None:
    if _extra(value, known, read) is None:
        return None
    return F.transform(value, lambda item: _sure(_extra(item, known, read)))


def _extra_of_map(value: Column, known: Any, read: Any) -> Column | None:
    if _extra(value, known, read) is None:
        return None
    wrong = F.map_filter(value, lambda _, item: _sure(_extra(item, known, read)).isNotNull())
    items = F.transform_values(wrong, lambda _, item: _sure(_extra(item, known, read)))
    return F.when(F.size(items) > 0, items)


def _sure(value: Column | None) -> Column:
    return F.lit(None) if value is None else value


def _struct(fields: dict[str, Column]) -> Column:
    """A struct of fields; NULL where all of them are."""
    there = reduce(Column.__or__, (value.isNotNull() for value in fields.values()))
    return F.when(there, F.struct(*(value.alias(name) for name, value in fields.items())))


def record_of(text: Column) -> Column:
    """A JSON record, of which the text is kept, as a variant."""
    return F.from_json(text, "variant")


def is_unreadable(record: Column) -> Column:
    """Is it no record: neither can it be read, nor is it something else than an object?"""
    return ~F.coalesce(F.startswith(F.schema_of_variant(record), F.lit("OBJECT")), F.lit(False))


def of_json(
    field_of: FieldOf, text: Column, record: Column, known: StructType, read: StructType, *, marks: bool
) -> Column:
    """The rescued data of a JSON record, without the file's path.

    Args:
        field_of: Gives a field of the record as it was read.
        text: The record, where something in it did not fit.
        record: The same as a variant.
        known: The columns.
        read: The columns and what was read besides.
        marks: A record that can't be read is rescued as a whole.
    """
    more = extra(field_of, known, read)
    whole = json_object({UNREADABLE: text}) if marks else F.lit(None).cast("string")
    # Spark answers no query on the text of records alone: a column has a part in it, and none in the result.
    first = field_of(read.names[0])
    whole = F.coalesce(F.when(first.isNull(), whole), whole)
    fields = dict[str, Column]()
    for field in known:
        item = _item(record, field.name)
        wrong = _misfits(field_of(field.name), item, field.dataType)
        if field.name in more:
            wrong = more[field.name].isNotNull() if wrong is None else wrong | more[field.name].isNotNull()
        if wrong is not None:
            fields[field.name] = F.when(wrong, item)
    fields |= {f.name: _item(record, f.name) for f in read if f.name not in known.names}
    # What Spark takes for wrong, and a variant not, is rescued as a whole, such as bytes that are no UTF-8.
    of_bad = F.when(is_unreadable(record), whole).otherwise(F.coalesce(json_object(fields), whole))
    return F.when(text.isNotNull(), of_bad).otherwise(json_object(more))


def _item(record: Column, name: str) -> Column:
    if "'" in name:  # which paths can't hold
        fields = F.try_variant_get(record, "$", "map<string,variant>")
        return F.try_element_at(fields, F.lit(name))
    return F.try_variant_get(record, f"$['{name}']", "variant")


def _misfits(read: Column, value: Column, kind: Any) -> Column | None:
    """Is a value there that was not read, or not all of it? None where any value fits."""
    if isinstance(kind, StringType):
        return None
    wrong = read.isNull() & value.isNotNull() & ~F.is_variant_null(value)
    for field in kind if isinstance(kind, StructType) else ():
        inner = _misfits(read.getField(field.name), _item(value, field.name), field.dataType)
        wrong = wrong if inner is None else wrong | inner
    if isinstance(kind, ArrayType) and isinstance(kind.elementType, (ArrayType, MapType, StructType)):
        items = F.try_variant_get(value, "$", "array<variant>")
        both = F.zip_with(read, items, lambda one, item: _sure(_misfits(one, item, kind.elementType)))
        wrong = wrong | F.coalesce(F.exists(both, lambda item: item), F.lit(False))
    return F.coalesce(wrong, F.lit(False))


def of_csv(
    field_of: FieldOf,
    text: Column,
    known: StructType,
    read: StructType,
    options: dict[str, str],
    *,
    marks: bool,
) -> Column:
    """The rescued data of a CSV record, without the file's path.

    Args:
        field_of: Gives a field of the record as it was read.
        text: The record, where something in it did not fit.
        known: The columns.
        read: The columns of the file, in its order.
        options: Those of the format.
        marks: Values beyond the last column are rescued with the record as a whole.
    """
    names = {f.name for f in known}
    texts = [*(f"{quoted(f.name)} STRING" for f in read), "`` STRING".replace("``", "`__weir_surplus`")]
    plain = F.from_csv(text, ", ".join(texts), options)
    fields: dict[str, Column] = {}
    for field in read:
        if field.name not in names:
            fields[field.name] = field_of(field.name)
        elif field.dataType != StringType():
            fields[field.name] = F.when(field_of(field.name).isNull(), plain.getField(field.name))
    if marks:
        fields[UNREADABLE] = F.when(plain.getField("__weir_surplus").isNotNull(), text)
    return json_object(fields)


def of_others(field_of: FieldOf, text: Column | None, known: StructType, read: StructType) -> Column:
    """The rescued data of a record of another format, without the file's path."""
    whole = {} if text is None else {UNREADABLE: text}
    return json_object({**extra(field_of, known, read), **whole})


def json_object(fields: dict[str, Column]) -> Column:
    """A JSON object of the fields that are not NULL; NULL if all are."""
    return F.to_json(_struct(fields)) if fields else F.lit(None).cast("string")


def joined(one: Column, other: Column) -> Column:
    """Two JSON objects as one; NULL if both are."""
    both = F.concat(
        one.substr(F.lit(1), F.length(one) - 1), F.lit(","), other.substr(F.lit(2), F.length(other))
    )
    return F.coalesce(both, one, other)


def with_path(data: Column, path: Column) -> Column:
    """Rescued data with the path of its file."""
    place = F.to_json(F.struct(path.alias("_file_path")))
    return F.when(data.isNotNull(), joined(data, place))


def fields_like(schema: StructType, names: Iterable[str], kind: Any) -> StructType:
    """The columns of a file by its names: those that are known with their types, others with one type."""
    known = {f.name: f for f in schema}
    folded = {f.name.lower(): f.name for f in schema}
    return StructType(
        [known.get(n) or known.get(folded.get(n.lower(), "")) or StructField(n, kind) for n in names]
    )
