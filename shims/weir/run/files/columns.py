"""Columns of files against those that are known: what is new, and what is merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    FractionalType,
    IntegerType,
    IntegralType,
    MapType,
    NumericType,
    StringType,
    StructField,
    StructType,
)

DIGITS = 38  # of a decimal, at most
_APART = (
    NumericType,
    BooleanType,
    StructType,
    ArrayType,
    MapType,
)  # nothing else can be read as one of these


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a source.

    Attributes:
        data: Those within the files.
        partitions: Those from the names of folders.
    """

    data: StructType
    partitions: StructType = field(default_factory=StructType)


def unknown(known: StructType, given: StructType) -> Iterator[str]:
    """The fields of files that the known columns have not, whatever their case; nested ones with dots."""
    for path, like in _differences(known, given):
        if like is None:
            yield ".".join(path)


def in_other_case(known: StructType, given: StructType) -> Iterator[tuple[str, str]]:
    """Known columns, each with a field of the files that differs from it in case alone."""
    for path, like in _differences(known, given):
        if like is not None:
            yield ".".join((*path[:-1], like)), ".".join(path)


def _differences(known: StructType, given: StructType) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Fields that are not known, each with the known one that differs from it in case alone."""
    exact, folded = {f.name: f for f in known}, {f.name.lower(): f.name for f in known}
    for field_ in given:
        same = exact.get(field_.name)
        if same is not None:
            one, other = _structs(same.dataType, field_.dataType)
            yield from (((field_.name, *path), like) for path, like in _differences(one, other))
        else:
            yield (field_.name,), folded.get(field_.name.lower())


def _structs(one: Any, other: Any) -> tuple[StructType, StructType]:
    """The structs within two types, as far as both have them in the same place."""
    while (inner := _within(one, other)) is not None:
        one, other = inner
    if isinstance(one, StructType) and isinstance(other, StructType):
        return one, other
    return StructType(), StructType()


def _within(one: Any, other: Any) -> tuple[DataType, DataType] | None:
    """What two arrays hold, or two maps; a map is an object in the files, with its keys as fields."""
    if isinstance(one, ArrayType) and isinstance(other, ArrayType):
        return one.elementType, other.elementType
    if isinstance(one, MapType) and isinstance(other, MapType):
        return one.valueType, other.valueType
    if isinstance(one, MapType) and isinstance(other, StructType) and other.fields:
        return one.valueType, reduce(_wider, (f.dataType for f in other))
    return None


def grown(known: StructType, given: StructType, new: DataType | None = None) -> StructType:
    """The known columns, their types as they are, with the new ones behind them.

    Args:
        known: What there is.
        given: What files have.
        new: The type of what is new; None for that which it has in the files.
    """
    fields = {f.name: f for f in known}
    for field_ in given:
        name = field_.name
        if name not in fields:
            fields[name] = StructField(name, new if new is not None else field_.dataType)
        else:
            fields[name] = StructField(
                name, _grown(fields[name].dataType, field_.dataType, new), fields[name].nullable,
                fields[name].metadata,
            )  # fmt: skip
    return StructType(list(fields.values()))


def _grown(known: Any, given: Any, new: DataType | None) -> DataType:
    if isinstance(known, StructType) and isinstance(given, StructType):
        return grown(known, given, new)
    inner = _within(known, given)
    if inner is None:
        return known
    kind = _grown(*inner, new)
    if isinstance(known, ArrayType):
        return ArrayType(kind, known.containsNull)
    return MapType(known.keyType, kind) if isinstance(known, MapType) else known


def merged(schemas: Iterable[StructType]) -> StructType:
    """The columns of files that were inferred apart, in the order in which they come: types grow wider."""
    fields: dict[str, StructField] = {}
    for schema in schemas:
        for one in schema:
            known = fields.get(one.name)
            kind = one.dataType if known is None else _wider(known.dataType, one.dataType)
            fields[one.name] = StructField(one.name, kind)
    return StructType(list(fields.values()))


def _wider(one: Any, other: Any) -> DataType:
    if one == other:
        return one
    if isinstance(one, StructType) and isinstance(other, StructType):
        return merged([one, other])
    if isinstance(one, ArrayType) and isinstance(other, ArrayType):
        return ArrayType(_wider(one.elementType, other.elementType), one.containsNull or other.containsNull)
    if isinstance(one, MapType) and isinstance(other, MapType):
        return MapType(_wider(one.keyType, other.keyType), _wider(one.valueType, other.valueType))
    return _wider_number(one, other)


def _wider_number(one: Any, other: Any) -> DataType:
    """The number that holds both; a text where they are no numbers."""
    if isinstance(one, IntegralType) and isinstance(other, IntegralType):
        return max(one, other, key=_bits)
    if isinstance(one, DecimalType) and isinstance(other, DecimalType):
        scale = max(one.scale, other.scale)
        digits = max(one.precision - one.scale, other.precision - other.scale) + scale
        return DecimalType(digits, scale) if digits <= DIGITS else DoubleType()
    numbers = isinstance(one, NumericType) and isinstance(other, NumericType)
    fraction = isinstance(one, FractionalType) or isinstance(other, FractionalType)
    return DoubleType() if numbers and fraction else StringType()


def _bits(kind: IntegralType) -> int:
    return ("tinyint", "smallint", "int", "bigint").index(kind.simpleString())


def holds(wide: Any, narrow: Any) -> bool:
    """Can each value of the narrow type in files be read as one of the wide type, without a loss?"""
    if isinstance(wide, StructType) and isinstance(narrow, StructType):
        kinds = {f.name: f.dataType for f in wide}
        return all(f.name in kinds and holds(kinds[f.name], f.dataType) for f in narrow)
    if isinstance(wide, ArrayType) and isinstance(narrow, ArrayType):
        return holds(wide.elementType, narrow.elementType)
    if isinstance(wide, MapType) and isinstance(narrow, MapType):
        return holds(wide.keyType, narrow.keyType) and holds(wide.valueType, narrow.valueType)
    if isinstance(narrow, IntegralType) and isinstance(wide, (IntegralType, DoubleType)):
        return _bits(narrow) <= (_bits(wide) if isinstance(wide, IntegralType) else _bits(IntegerType()))
    if isinstance(narrow, DecimalType) and isinstance(wide, DecimalType):
        digits = wide.precision - wide.scale >= narrow.precision - narrow.scale
        return digits and wide.scale >= narrow.scale
    return wide == narrow or (isinstance(narrow, FloatType) and isinstance(wide, DoubleType))


def widened(known: StructType, given: StructType) -> StructType:
    """The known columns with types that also hold what files have, as far as there is one."""
    types = {f.name: f.dataType for f in given}
    fields = []
    for one in known:
        other = types.get(one.name, one.dataType)
        both = _wider(one.dataType, other)
        fits = holds(both, one.dataType) and holds(both, other)
        fields.append(StructField(one.name, both if fits else one.dataType, one.nullable, one.metadata))
    return StructType(fields)


def as_in_files(known: StructType, given: StructType) -> StructType:
    """The known columns with the types of files where theirs can't be read from these."""
    types = {f.name: f.dataType for f in given}
    return StructType(
        [StructField(f.name, _as_in_files(f.dataType, types.get(f.name, f.dataType))) for f in known]
    )


def _as_in_files(known: Any, given: Any) -> DataType:
    if isinstance(known, StructType) and isinstance(given, StructType):
        return as_in_files(known, given)
    if isinstance(known, ArrayType) and isinstance(given, ArrayType):
        return ArrayType(_as_in_files(known.elementType, given.elementType), known.containsNull)
    if isinstance(known, MapType) and isinstance(given, MapType):
        key, value = (_as_in_files(getattr(known, of), getattr(given, of)) for of in ("keyType", "valueType"))
        return MapType(key, value, known.valueContainsNull)
    # Bytes can be read as a text, and a time without a zone as one with it.
    others = not any(isinstance(kind, _APART) for kind in (known, given))
    return known if others or holds(known, given) else given


def as_texts(schema: StructType) -> StructType:
    """The same columns, each a text."""
    return StructType([StructField(f.name, StringType()) for f in schema])


def without(schema: StructType, names: Iterable[str]) -> StructType:
    """The columns but for some, whatever the case of their names."""
    left_out = {name.lower() for name in names}
    return StructType([f for f in schema if f.name.lower() not in left_out])


def first_of_each(schema: StructType) -> StructType:
    """Of fields that differ in case alone, the first is a column, or a field of one."""
    fields = dict[str, StructField]()
    for one in schema:
        kind = _first_of_each(one.dataType)
        fields.setdefault(one.name.lower(), StructField(one.name, kind, one.nullable, one.metadata))
    return StructType(list(fields.values()))


def _first_of_each(kind: Any) -> DataType:
    if isinstance(kind, ArrayType):
        return ArrayType(_first_of_each(kind.elementType), kind.containsNull)
    return first_of_each(kind) if isinstance(kind, StructType) else kind
