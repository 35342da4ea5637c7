"""Rows that a test writes, and what a failed assertion says of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DecimalType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from weir.model.problems import WeirError
from weir.testing.difference import difference, difference_lines
from weir.testing.frames import arrow_of, plain, schema_of, typed_rows
from weir.testing.given import read_given
from weir.testing.rows import Rows
from weir.testing.values import value_of

ORDERS = StructType().add("id", LongType()).add("name", StringType()).add("amount", DecimalType(5, 2))


def test_a_text_table_has_a_header_and_cells_of_which_the_empty_are_null():
    given = read_given("""
        | id | name       | note            |
        |----|------------|-----------------|
        | 1  | ana        | "null"          |
        | 2  |            | {"a|b": "c"}    |
    """)
    assert given.rows == (
        {"id": "1", "name": "ana", "note": "null"},
        {"id": "2", "name": None, "note": '{"a|b": "c"}'},
    )


def test_a_csv_file_is_read_as_a_text_table_is(tmp_path: Path):
    (tmp_path / "orders.csv").write_text('id,name\n1,"ana, maría"\n2,\n', encoding="utf-8")
    assert read_given(tmp_path / "orders.csv").rows == (
        {"id": "1", "name": "ana, maría"},
        {"id": "2", "name": None},
    )


def test_a_line_with_a_cell_too_many_is_named():
    with pytest.raises(WeirError, match=r"Line 3 of the text table has 3 cells, the header has 2\."):
        read_given("id | name\n1 | ana\n2 | luis | x")


def test_rows_get_the_types_of_their_input_and_null_for_what_they_leave_out():
    given = read_given([{"ID": 1, "amount": "2.5"}, {"name": "ana"}])
    assert typed_rows(given, schema_of(given, ORDERS)) == [
        {"id": 1, "name": None, "amount": Decimal("2.50")},
        {"id": None, "name": "ana", "amount": None},
    ]


def test_without_known_types_the_header_tells_them_or_the_cells_do():
    given = read_given("id | amount | paid | at TIMESTAMP\n1 | 2.5 | true | 2025-03-01\n2 | 3 | | ")
    given = type(given)(given.rows, given.columns, {}, texts=True)  # types in SQL need a session
    assert schema_of(given, None).simpleString() == "struct<id:bigint,amount:double,paid:boolean,at:string>"


def test_all_values_that_fit_no_column_are_told_together():
    given = read_given([{"id": "x", "amount": 1}, {"id": True, "amount": "1.234"}])
    with pytest.raises(WeirError) as error:
        typed_rows(given, schema_of(given, ORDERS))
    assert [p.message for p in error.value.problems] == [
        "In row 1, `id`: 'x' is no BIGINT.",
        "In row 2, `id`: True is no BIGINT.",
        "In row 2, `amount`: '1.234' is no DECIMAL(5,2).",
    ]


def test_a_column_that_the_input_does_not_have_is_named_with_the_one_that_was_meant():
    with pytest.raises(WeirError) as error:
        schema_of(read_given([{"amuont": 1}]), ORDERS)
    assert [(p.message, p.hint) for p in error.value.problems] == [
        ("The input has no column `amuont`.", "did you mean `amount`?")
    ]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("2025-03-01 10:00", TimestampType(), dt.datetime(2025, 3, 1, 10, tzinfo=dt.UTC)),
        (dt.date(2025, 3, 1), TimestampNTZType(), dt.datetime(2025, 3, 1)),  # noqa: DTZ001
        ("TRUE", BooleanType(), True),
        ('{"id": 7}', ORDERS, {"id": 7, "name": None, "amount": None}),
    ],
)
def test_values_are_read_as_their_type_writes_them(value, kind, expected):
    assert value_of(value, kind) == expected


def test_a_whole_number_beyond_its_type_is_refused():
    with pytest.raises(ValueError):  # noqa: PT011 - the caller names the value
        value_of(2**31, IntegerType())


def test_rows_are_the_same_in_any_order_and_each_as_often():
    one, other = {"id": 1, "x": 0.1 + 0.2}, {"id": 2, "x": None}
    assert Rows([one, other]) == [other, {"id": 1, "x": 0.3}]
    assert Rows([one, one]) != [one]
    assert Rows([one]) != [1]
    assert Rows([one]) != 1


def test_rows_compare_with_a_text_table_of_their_types():
    rows = Rows(typed_rows(read_given([{"id": 1, "name": "ana", "amount": 2}]), ORDERS), ORDERS)
    assert rows == "id | name | amount\n1 | ana | 2"
    assert rows.only("id") == "id\n1"
    assert rows != "id | name\n1 | ana"


def test_a_difference_aligns_rows_by_the_first_column_that_is_a_key():
    found = [{"id": 1, "n": 1, "at": None}, {"id": 2, "n": 2, "at": "x"}, {"id": 4, "n": 9, "at": "null"}]
    expected = [{"id": 1, "n": 1, "at": None}, {"id": 2, "n": 3, "at": "x"}, {"id": 3, "n": 9, "at": "y"}]
    assert difference_lines(difference(found, expected)) == [
        "rows: 1 as expected, 1 different, 1 missing, 1 not expected (key: id)",
        "  - missing, + not expected, ~ expected -> found",
        "  id | n      | at",
        "~ 2  | 3 -> 2 | x",
        "- 3  | 9      | y",
        '+ 4  | 9      | "null"',
    ]


def test_a_column_that_some_rows_lack_is_no_difference_where_neither_has_it():
    found = [{"id": 1, "n": 2}, {"id": 2, "at": "x"}]
    expected = [{"id": 1, "n": 3}, {"id": 2, "at": None}]
    assert difference_lines(difference(found, expected))[2:] == [
        "  id | n      | at",
        "~ 1  | 3 -> 2 |",
        "~ 2  |        | NULL -> x",
    ]


def test_values_that_look_alike_are_told_apart_by_their_type():
    assert (
        difference_lines(difference([{"id": 1, "n": dt.date(2025, 1, 1)}], [{"id": 1, "n": "2025-01-01"}]))[
            -1
        ]
        == "~ 1  | 2025-01-01 str -> 2025-01-01 date"
    )


def test_a_key_of_two_columns_is_the_users_word():
    found = [{"day": 1, "who": "ana", "n": 1}, {"day": 1, "who": "eva", "n": 2}]
    expected = [{"day": 1, "who": "ana", "n": 2}, {"day": 1, "who": "eva", "n": 3}]
    assert Rows(found).by("day", "who").explain(expected)[3:] == [
        "~ 1   | ana | 2 -> 1",
        "~ 1   | eva | 3 -> 2",
    ]


def test_rows_become_an_arrow_table_that_gives_them_back():
    schema = StructType().add("at", TimestampType()).add("pairs", MapType(StringType(), LongType()))
    schema = schema.add("items", ArrayType(StructType().add("n", LongType())))
    given = read_given([{"at": "2025-03-01", "pairs": {"a": 1}, "items": '[{"n": 1}, {}]'}, {}])
    rows = typed_rows(given, schema)
    assert [plain(row, schema) for row in arrow_of(rows, schema).to_pylist()] == rows
