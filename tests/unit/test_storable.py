"""What a Delta table can't have as a column, of any depth."""

import pytest
from pyspark.sql.types import (
    ArrayType,
    ByteType,
    CalendarIntervalType,
    DayTimeIntervalType,
    DecimalType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimeType,
    VariantType,
    YearMonthIntervalType,
)  # fmt: skip

from weir.model.origin import Origin
from weir.run.frames.storable import is_stored, unstorable

HERE = Origin("p.py", 3)


def of(**columns):
    return StructType([StructField(n, t) for n, t in columns.items()])


def found(schema, **options):
    return [(p.condition, p.message) for p in unstorable(schema, "`t`", HERE, **options)]


STORED = of(
    a=LongType(), b=ByteType(), c=DecimalType(38, 18), d=StringType(), e=TimestampNTZType(), f=VariantType(),
    g=ArrayType(of(x=MapType(of(y=IntegerType()), StringType()))),
)  # fmt: skip
REFUSED = {
    "VOID": NullType(), "INTERVAL DAY TO SECOND": DayTimeIntervalType(), "INTERVAL": CalendarIntervalType(),
    "INTERVAL YEAR TO MONTH": YearMonthIntervalType(), "TIME(6)": TimeType(6),
    "STRING COLLATE UTF8_LCASE": StringType("UTF8_LCASE"), "STRUCT<>": StructType(),
}  # fmt: skip


def test_what_delta_stores_is_no_problem():
    assert found(STORED) == []
    assert all(is_stored(f.dataType) for f in STORED)


@pytest.mark.parametrize("name", list(REFUSED))
def test_a_type_that_delta_cannot_store_is_found_however_deep_it_stands(name):
    kind = REFUSED[name]
    said = "`t` has a column `{}` of the type " + name + ", which Delta can't store."
    assert found(of(x=kind)) == [("DELTA_UNSUPPORTED_DATA_TYPES", said.format("x"))]
    deep = of(x=ArrayType(MapType(StringType(), of(y=kind))))
    assert found(deep) == [("DELTA_UNSUPPORTED_DATA_TYPES", said.format("x.element.value.y"))]
    assert (is_stored(kind), is_stored(ArrayType(kind))) == (False, False)


def test_a_column_without_a_type_takes_that_of_the_table():
    assert found(of(x=NullType(), y=IntegerType()), typed=True) == []
    assert [c for c, _ in found(of(x=ArrayType(NullType())), typed=True)] == ["DELTA_UNSUPPORTED_DATA_TYPES"]


def test_columns_that_are_there_twice_are_found_however_deep_they_stand():
    twice = StructType([StructField("a", LongType()), StructField("A", LongType())])
    said = "`t` has the column `{}` twice: names of columns have no case."
    assert found(twice) == [("DELTA_DUPLICATE_COLUMNS_FOUND", said.format("A"))]
    assert found(of(x=MapType(StringType(), ArrayType(twice)))) == [
        ("DELTA_DUPLICATE_COLUMNS_FOUND", said.format("x.value.element.A"))
    ]


def test_a_table_has_columns():
    assert found(StructType()) == [("DELTA_CANNOT_WRITE_EMPTY_SCHEMA", "`t` has no columns.")]
