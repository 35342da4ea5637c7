"""A value that a test wrote, as a value of a column's type: exactly that, or an error that names it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
)

_BITS = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}
_TRUTH = {"true": True, "false": False}


def value_of(value: Any, kind: DataType, zone: str = "UTC") -> Any:
    """A value in a column's type.

    Args:
        value: Python's own value, or a text of it; of an array, a struct or a map, its JSON.
        zone: Where a time without a zone is, in a column that knows moments.

    Raises:
        ValueError: It is none.

    >>> value_of("2025-03-01", DateType()), value_of(1, DoubleType())
    (datetime.date(2025, 3, 1), 1.0)
    """
    if value is None:
        return None
    match kind:
        case ArrayType():
            return [value_of(v, kind.elementType, zone) for v in _parsed(value, list, tuple)]
        case MapType():
            pairs = dict(_parsed(value, Mapping, list)).items()
            return {value_of(k, kind.keyType, zone): value_of(v, kind.valueType, zone) for k, v in pairs}
        case StructType():
            return _struct(_parsed(value, Mapping), kind, zone)
        case TimestampType() | TimestampNTZType():
            return _moment(value, kind, ZoneInfo(zone))
        case VariantType():
            raise ValueError("a test gives no VARIANT: give rows for what makes it")
    read = next((f for types, f in _READ.items() if isinstance(kind, types)), None)
    return value if read is None else read(value, kind)


def _struct(fields: Mapping[str, Any], kind: StructType, zone: str) -> dict[str, Any]:
    names = {f.name.lower(): f.name for f in kind}
    unknown = [name for name in fields if name.lower() not in names]
    if unknown:
        raise ValueError(f"no field `{unknown[0]}`, only {', '.join(kind.names)}")
    given = {names[name.lower()]: value for name, value in fields.items()}
    return {f.name: value_of(given.get(f.name), f.dataType, zone) for f in kind}


def _parsed(value: Any, *kinds: type) -> Any:
    value = json.loads(value) if isinstance(value, str) else value
    if not isinstance(value, kinds):
        raise ValueError  # noqa: TRY004 - every value that does not fit is one kind of mistake
    return value


def _text(value: Any, _: DataType) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - see `_parsed`
    return value


def _whole(value: Any, kind: DataType) -> int:
    if isinstance(value, (bool, float)):
        raise ValueError  # noqa: TRY004 - see `_parsed`
    number, limit = int(value), 1 << (_BITS[type(kind)] - 1)
    if not -limit <= number < limit:
        raise ValueError
    return number


def _number(value: Any, _: DataType) -> float:
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - see `_parsed`
    return float(value)


def _decimal(value: Any, kind: Any) -> Decimal:
    try:
        number = Decimal(str(value))
        scaled = number.quantize(Decimal(1).scaleb(-kind.scale))
    except InvalidOperation as error:
        raise ValueError from error
    if isinstance(value, bool) or scaled != number or len(scaled.as_tuple().digits) > kind.precision:
        raise ValueError
    return scaled


def _truth(value: Any, _: DataType) -> bool:
    known = value if isinstance(value, bool) else _TRUTH.get(str(value).lower())
    if known is None:
        raise ValueError
    return known


def _day(value: Any, _: DataType) -> dt.date:
    if isinstance(value, str):
        return dt.date.fromisoformat(value)
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        raise ValueError  # noqa: TRY004 - see `_parsed`
    return value


def _bytes(value: Any, _: DataType) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


def _moment(value: Any, kind: DataType, zone: ZoneInfo) -> dt.datetime:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    if not isinstance(value, dt.datetime):
        raise ValueError  # noqa: TRY004 - see `_parsed`
    if isinstance(kind, TimestampNTZType):
        if value.tzinfo is not None:
            raise ValueError("it has a zone")
        return value
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


_READ: Mapping[tuple[type, ...], Callable[[Any, Any], Any]] = {
    (StringType,): _text,
    tuple(_BITS): _whole,
    (DoubleType, FloatType): _number,
    (DecimalType,): _decimal,
    (BooleanType,): _truth,
    (DateType,): _day,
    (BinaryType,): _bytes,
}
