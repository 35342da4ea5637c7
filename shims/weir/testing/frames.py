"""Given rows as frames and Arrow tables: their columns have the types that are known of an input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_type, to_arrow_schema
from pyspark.sql.types import ArrayType, DataType, MapType, StringType, StructField, StructType

from weir.model.problems import Problem, WeirError, closest
from weir.testing.given import GivenRows, guessed
from weir.testing.values import value_of


def schema_of(given: GivenRows, known: StructType | None, *, more: bool = False) -> StructType:
    """The columns of given rows: known ones, and those that a header gives a type or whose values tell it.

    Args:
        known: The columns of the input, of which some may be left out.
        more: Whether there may be others.

    Raises:
        WeirError: There is a column that the input does not have.
    """
    there = {f.name.lower(): f for f in known or ()}
    unknown = [c for c in given.columns if known is not None and not more and c.lower() not in there]
    if unknown:
        raise WeirError(*(_unknown(column, known or StructType()) for column in unknown))
    types = {name.lower(): DataType.fromDDL(kind) for name, kind in given.types.items()}
    new = [c for c in given.columns if c.lower() not in there]
    fields = [*there.values(), *(StructField(c, _guess(given, c)) for c in new)]
    return StructType([StructField(f.name, types.get(f.name.lower(), f.dataType)) for f in fields])


def typed_rows(given: GivenRows, schema: StructType, zone: str = "UTC") -> list[dict[str, Any]]:
    """The rows with values of the columns' types; a column that a row leaves out is NULL.

    Raises:
        WeirError: Values that are none of their column's type; all of them.
    """
    problems: list[Problem] = []
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(given.rows, 1):
        values = {name.lower(): value for name, value in row.items()}
        typed: dict[str, Any] = {}
        for field in schema:
            value = values.get(field.name.lower())
            try:
                typed[field.name] = value_of(value, field.dataType, zone)
            except (ValueError, TypeError) as error:
                problems.append(_wrong(number, field, value, str(error)))
        rows.append(typed)
    if problems:
        raise WeirError(*problems)
    return rows


def arrow_of(rows: Iterable[Mapping[str, Any]], schema: StructType) -> pa.Table:
    """Typed rows as an Arrow table."""
    columns = list(zip(schema.fields, to_arrow_schema(schema, timezone="UTC"), strict=True))
    listed = list(rows)
    arrays = [pa.array([_paired(r[f.name], f.dataType) for r in listed], a.type) for f, a in columns]
    return pa.Table.from_arrays(arrays, schema=pa.schema([a.with_nullable(True) for _, a in columns]))


def frame_of(session: SparkSession, rows: Iterable[Mapping[str, Any]], schema: StructType) -> DataFrame:
    """Typed rows as a frame."""
    nullable = StructType([StructField(f.name, f.dataType) for f in schema])
    return session.createDataFrame(arrow_of(rows, nullable), nullable)


def plain(value: Any, kind: DataType) -> Any:
    """A value as Arrow gives it, with maps as dictionaries."""
    match kind:
        case MapType() if value is not None:
            return {k: plain(v, kind.valueType) for k, v in value}
        case ArrayType() if value is not None:
            return [plain(v, kind.elementType) for v in value]
        case StructType() if value is not None:
            return {f.name: plain(value[f.name], f.dataType) for f in kind}
        case _:
            return value


def _paired(value: Any, kind: DataType) -> Any:
    """The inverse of `plain`."""
    match kind:
        case MapType() if value is not None:
            return [(k, _paired(v, kind.valueType)) for k, v in value.items()]
        case ArrayType() if value is not None:
            return [_paired(v, kind.elementType) for v in value]
        case StructType() if value is not None:
            return {f.name: _paired(value[f.name], f.dataType) for f in kind}
        case _:
            return value


def _guess(given: GivenRows, column: str) -> DataType:
    values = [row.get(column) for row in given.rows]
    try:
        kind = pa.array(guessed(values) if given.texts else values).type
    except pa.ArrowInvalid as error:
        message = f"The values of `{column}` have no common type: {error}."
        raise WeirError(Problem("GIVEN_ROWS_WRONG", message, hint="give all rows the same kind")) from error
    return StringType() if pa.types.is_null(kind) else from_arrow_type(kind, prefer_timestamp_ntz=True)


def _unknown(column: str, known: StructType) -> Problem:
    hint = closest(column, known.names) or f"its columns are: {', '.join(known.names)}"
    return Problem("GIVEN_ROWS_WRONG", f"The input has no column `{column}`.", hint=hint)


def _wrong(number: int, field: StructField, value: Any, why: str) -> Problem:
    kind = field.dataType.simpleString().upper()
    message = f"In row {number}, `{field.name}`: {value!r} is no {kind}."
    return Problem("GIVEN_ROWS_WRONG", message, hint=why or None)
