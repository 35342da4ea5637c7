"""Columns from the names of folders, and their types (specification §7.2)."""

from __future__ import annotations

import pytest
from pyspark.sql.types import (
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    TimestampType,
)

from weir.run.files.partitions import kind_of, partition_names, partitions_of, values_by_name

INT, LONG, DOUBLE, TEXT = IntegerType(), LongType(), DoubleType(), StringType()
DATE, TIME, NULL = DateType(), TimestampType(), "__HIVE_DEFAULT_PARTITION__"
PATHS = ("/in/day=1/hour=2/f.json", "/in/day=x/hour=/g.json")


def test_folders_have_names_and_values():
    assert list(partitions_of("/in", PATHS[0])) == [("day", "1"), ("hour", "2")]
    assert partition_names("/in", PATHS) == ("day", "hour")
    assert values_by_name("/in", PATHS) == {"day": {"1", "x"}, "hour": {"2", ""}}


def test_there_are_none_where_files_do_not_agree_on_them():
    assert partition_names("/in", [*PATHS, "/in/day=1/f.json"]) == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("7", INT), ("-007", INT), ("2147483647", INT), ("2147483648", LONG), ("20250101123000", LONG),
        ("-9223372036854775808", LONG), ("9223372036854775808", DecimalType(19, 0)),
        ("1" * 38, DecimalType(38, 0)), ("1" * 39, DOUBLE), ("1e3", DecimalType(4, 0)), ("1.", DecimalType(1, 0)),
        ("1.0", DOUBLE), ("-.5e-3", DOUBLE), ("5d", DOUBLE), ("NaN", DOUBLE), ("nan", TEXT),
        ("2025-02-28", DATE), ("2025-02-30", TEXT), ("2025-2-3", TEXT), ("20250228T10", TEXT),
        ("2025-02-28 10:11:12", TIME), ("2025-02-28 10%3A11%3A12.5", TIME), ("2025-02-28 24%3A00%3A00", TEXT),
        ("true", TEXT), ("\u0663", TEXT), ("1 ", TEXT), (NULL, TEXT), ("", TEXT),
    ],
)  # fmt: skip
def test_a_value_has_the_type_that_spark_finds(text, kind):
    assert kind_of([text]) == kind


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "2147483648"], LONG), (["1", NULL, ""], INT), (["1", "1.5"], DOUBLE),
        (["2147483648", "1.5"], TEXT), (["1", "2147483648", "1.5"], TEXT),
        (["1", "9223372036854775808"], DecimalType(19, 0)),
        (["2147483648", "9223372036854775808"], DecimalType(20, 0)),
        (["1" * 20, "1" * 25], DecimalType(25, 0)), (["1" * 20, "1.5"], TEXT),
        (["2025-02-28", "2025-02-28 10%3A11%3A12"], TIME), (["2025-02-28", "20250228"], TEXT), (["1", "x"], TEXT),
        ([], TEXT),
    ],
)  # fmt: skip
def test_values_have_the_type_that_holds_all(texts, kind):
    assert kind_of(texts) == kind_of(reversed(texts)) == kind
