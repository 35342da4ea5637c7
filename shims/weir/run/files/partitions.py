"""Columns from the names of folders: which there are, and their types, by Spark's rules (§7.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote

from pyspark.sql.types import (
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    TimestampType,
)

from weir.run.files.columns import DIGITS

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DOUBLE = re.compile(rf"({_NUMBER.pattern})[dDfF]?|[+-]?(NaN|Infinity)")  # as Java writes them
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(rf"{_DATE.pattern} [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9])?")


def partition_names(base: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The columns in the names of folders below a base: none where files do not agree on them."""
    names = {tuple(name for name, _ in partitions_of(base, path)) for path in paths}
    return names.pop() if len(names) == 1 else ()


def partitions_of(base: str, path: str) -> Iterator[tuple[str, str]]:
    """`/base/a=1/b=x/file` has the columns a and b."""
    for part in path.removeprefix(base).split("/")[:-1]:
        name, sign, value = part.partition("=")
        if sign and name:
            yield name, value


def values_by_name(base: str, paths: Iterable[str]) -> Mapping[str, set[str]]:
    """The values that each column from the names of folders has."""
    values: dict[str, set[str]] = {}
    for path in paths:
        for name, value in partitions_of(base, path):
            values.setdefault(name, set()).add(value)
    return values


def kind_of(texts: Iterable[str]) -> DataType:
    """The type that holds all values of a column.

    >>> kind_of(["1", "__HIVE_DEFAULT_PARTITION__"]), kind_of(["20250101123000", "1"]), kind_of(["1", "x"])
    (IntegerType(), LongType(), StringType())
    """
    kinds = {_kind_of(text) for text in texts if text not in {"", HIVE_NULL}}
    if len(kinds) == 1:
        return kinds.pop()
    if not kinds - {IntegerType(), LongType()}:
        return LongType() if kinds else StringType()
    decimals = [_as_decimal(kind) for kind in kinds]
    whole = [kind for kind in decimals if kind is not None]
    if len(whole) == len(kinds):
        return max(whole, key=lambda kind: kind.precision)
    if kinds == {IntegerType(), DoubleType()}:
        return DoubleType()
    return TimestampType() if kinds == {DateType(), TimestampType()} else StringType()


def _as_decimal(kind: DataType) -> DecimalType | None:
    """The decimal that holds whole numbers of a type."""
    if isinstance(kind, DecimalType):
        return kind
    return {IntegerType(): DecimalType(10, 0), LongType(): DecimalType(20, 0)}.get(kind)


def _kind_of(text: str) -> DataType:
    if _WHOLE.fullmatch(text):
        number = int(text)
        if -(2**31) <= number < 2**31:
            return IntegerType()
        if -(2**63) <= number < 2**63:
            return LongType()
    if digits := _digits(text):
        return DecimalType(digits, 0)
    if _DOUBLE.fullmatch(text):
        return DoubleType()
    return _day_or_time(unquote(text))


def _digits(text: str) -> int | None:
    """How many digits a number has that is written without a fraction, if a decimal holds them."""
    if not _NUMBER.fullmatch(text):
        return None
    with suppress(InvalidOperation):
        _, digits, exponent = Decimal(text).as_tuple()
        if isinstance(exponent, int) and exponent >= 0 and len(digits) + exponent <= DIGITS:
            return len(digits) + exponent
    return None


def _day_or_time(text: str) -> DataType:
    with suppress(ValueError):
        if _TIME.fullmatch(text) and datetime.fromisoformat(text):
            return TimestampType()
        if _DATE.fullmatch(text) and date.fromisoformat(text):
            return DateType()
    return StringType()
