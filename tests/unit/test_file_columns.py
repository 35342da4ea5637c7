"""Columns of files against those that are known (specification §7.3 and §7.4)."""

from __future__ import annotations

import pytest
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
)

from weir.run.files.columns import (
    Columns,
    as_in_files,
    as_texts,
    first_of_each,
    grown,
    holds,
    in_other_case,
    merged,
    unknown,
    widened,
    without,
)
from weir.run.files.versions import latest, record

TEXT, INT, LONG, DOUBLE = StringType(), IntegerType(), LongType(), DoubleType()


def columns(**kinds) -> StructType:
    schema = StructType()
    for name, kind in kinds.items():
        schema = schema.add(name, kind)
    return schema


KNOWN = columns(id=INT, at=columns(zip=TEXT), items=ArrayType(columns(no=INT)))
FILES = columns(
    id=TEXT, ID=TEXT, at=columns(zip=INT, city=TEXT), items=ArrayType(columns(no=INT, price=INT)), x=TEXT
)


def test_new_fields_are_found_at_any_depth():
    assert sorted(unknown(KNOWN, FILES)) == ["at.city", "items.price", "x"]


def test_a_field_in_another_case_is_not_new():
    assert list(in_other_case(KNOWN, FILES)) == [("id", "ID")]


def test_a_field_in_another_case_is_found_at_any_depth_and_whatever_its_name():
    known = columns(new=TEXT, at=columns(zip=TEXT), items=ArrayType(columns(no=INT)))
    files = columns(NEW=TEXT, at=columns(ZIP=TEXT), items=ArrayType(columns(No=INT)))
    assert list(unknown(known, files)) == []
    assert list(in_other_case(known, files)) == [
        ("new", "NEW"),
        ("at.zip", "at.ZIP"),
        ("items.no", "items.No"),
    ]


def test_of_fields_that_differ_in_case_the_first_stays_at_any_depth():
    both = columns(no=INT, NO=TEXT)
    first = columns(no=INT)
    given = columns(a=both, A=INT, items=ArrayType(ArrayType(both)), b=columns(at=both))
    kept = columns(a=first, items=ArrayType(ArrayType(first)), b=columns(at=first))
    assert first_of_each(given) == kept


def test_a_column_that_is_a_text_holds_any_fields():
    assert list(unknown(columns(at=TEXT), columns(at=columns(zip=INT)))) == []


def test_new_columns_come_behind_the_known_ones_whose_types_stay():
    assert grown(KNOWN, without(FILES, ["id"])) == columns(
        id=INT, at=columns(zip=TEXT, city=TEXT), items=ArrayType(columns(no=INT, price=INT)), x=TEXT
    )


def test_what_a_map_holds_is_compared_with_what_is_in_the_objects_of_files():
    known = columns(m=MapType(TEXT, columns(x=INT)), n=MapType(TEXT, INT))
    files = columns(m=columns(a=columns(x=INT, y=INT), b=columns(z=TEXT)), n=columns(a=columns(b=INT)))
    assert sorted(unknown(known, files)) == ["m.y", "m.z"]
    assert grown(known, files) == columns(
        m=MapType(TEXT, columns(x=INT, y=INT, z=TEXT)), n=MapType(TEXT, INT)
    )
    assert grown(known, columns(m=columns())) == known


def test_what_is_only_read_to_be_rescued_has_one_type():
    grown_ = grown(columns(id=INT), columns(id=TEXT, x=columns(y=INT)), VariantType())
    assert grown_ == columns(id=INT, x=VariantType())


@pytest.mark.parametrize(
    ("one", "other", "wider"),
    [(INT, INT, INT), (INT, LONG, LONG), (LONG, INT, LONG), (INT, DOUBLE, DOUBLE), (DateType(), INT, TEXT)],
)
def test_columns_of_files_that_differ_grow_wider(one, other, wider):
    assert merged([columns(a=one, b=TEXT), columns(c=INT, a=other)]) == columns(a=wider, b=TEXT, c=INT)


NESTED = ArrayType(columns(a=INT)), ArrayType(columns(a=LONG)), ArrayType(columns(a=LONG))


@pytest.mark.parametrize(
    ("one", "other", "wider"),
    [
        NESTED, (DecimalType(2, 1), DecimalType(6, 3), DecimalType(6, 3)),
        (MapType(TEXT, INT), MapType(TEXT, LONG), MapType(TEXT, LONG)),
        (DecimalType(5, 0), DecimalType(3, 3), DecimalType(8, 3)), (FloatType(), DOUBLE, DOUBLE), (INT, DOUBLE, DOUBLE),
    ],
)  # fmt: skip
def test_a_column_grows_to_what_holds_the_values_of_both(one, other, wider):
    assert (
        merged([columns(a=one), columns(a=other)])
        == merged([columns(a=other), columns(a=one)])
        == columns(a=wider)
    )
    assert holds(wider, one)
    assert holds(wider, other)
    assert widened(columns(a=one, b=TEXT), columns(a=other)) == columns(a=wider, b=TEXT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (INT, TEXT),
        (LONG, DOUBLE),
        (DecimalType(38, 0), DecimalType(38, 38)),
        (columns(a=INT), columns(a=TEXT)),
    ],
)
def test_a_column_stays_as_it_is_where_no_type_holds_both(one, other):
    assert widened(columns(a=one), columns(a=other)) == columns(a=one)


def test_columns_that_can_not_be_read_from_files_have_the_types_of_these():
    known = columns(a=LONG, b=TEXT, c=columns(d=DateType(), x=TEXT), e=INT, f=LONG, g=ArrayType(TEXT))
    files = columns(a=INT, b=INT, c=columns(d=INT, x=BinaryType(), y=INT), f=DOUBLE, g=ArrayType(INT), h=INT)
    read = columns(a=LONG, b=INT, c=columns(d=INT, x=TEXT), e=INT, f=DOUBLE, g=ArrayType(INT))
    assert as_in_files(known, files) == read


def test_a_text_can_be_read_from_bytes_and_a_time_from_one_without_a_zone():
    known = columns(a=TEXT, b=TimestampType(), m=MapType(TEXT, TEXT))
    files = columns(a=BinaryType(), b=TimestampNTZType(), m=MapType(TEXT, BinaryType()))
    assert as_in_files(known, files) == known


def test_columns_as_texts_and_without_others():
    assert as_texts(columns(a=INT, b=columns(c=INT))) == columns(a=TEXT, b=TEXT)
    assert without(columns(a=INT, B=INT), ["b"]) == columns(a=INT)
    assert first_of_each(FILES).names == ["id", "at", "items", "x"]


def test_versions_of_columns_are_kept_in_order(tmp_path):
    first, second = Columns(columns(a=INT)), Columns(columns(a=INT, b=TEXT), columns(day=INT))
    assert latest(tmp_path) is None
    record(tmp_path, first)
    assert latest(tmp_path) == first
    record(tmp_path, second)
    assert latest(tmp_path) == second
    assert sorted(f.name for f in (tmp_path / "_schemas").iterdir()) == ["0", "1"]
    assert (tmp_path / "_schemas" / "0").read_text().startswith('v1\n{"dataSchemaJson": ')
