"""What schemas become together, what Delta can't keep of one, and what a flow may write into one: no Spark."""

import pytest
from pyspark.sql.types import (
    ArrayType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    StringType,
    StructField,
    StructType,
    TimestampType,
    VarcharType,
)

from weir.run.frames.fit import keeps_values, misfits
from weir.run.frames.limits import limits
from weir.run.frames.schemas import SchemaConflictError, column_ddl, defined, produced, stored, union


def struct(*, strict=(), **types):
    return StructType([StructField(n, t, n not in strict) for n, t in types.items()])


def test_fields_of_structs_join_wherever_they_lie():
    old = struct(
        p=struct(a=LongType()),
        l=ArrayType(struct(a=LongType())),
        m=MapType(StringType(), struct(a=LongType())),
    )
    more = struct(b=LongType(), A=LongType())
    new = struct(P=more, l=ArrayType(more), m=MapType(StringType(), more), z=StringType())
    both = struct(a=LongType(), b=LongType())
    assert union([old, new]) == struct(
        p=both, l=ArrayType(both), m=MapType(StringType(), both), z=StringType()
    )  # fmt: skip


def test_another_type_is_told_with_its_path():
    with pytest.raises(SchemaConflictError, match=r"column `p.a` is bigint here and string there"):
        union([struct(p=struct(a=LongType())), struct(p=struct(a=StringType()))])


def test_what_a_query_gives_is_nullable_in_a_table():
    inner = StructType([StructField("a", LongType(), False)])
    given = StructType([StructField("x", ArrayType(inner, False), False, {"comment": "c", "spark.mark": 1})])
    loose = ArrayType(struct(a=LongType()), True)
    assert produced(given) == StructType([StructField("x", loose, True, {"comment": "c"})])


def test_a_table_is_compared_without_what_delta_adds():
    mapped = {"delta.columnMapping.id": 1, "delta.identity.highWaterMark": 7, "comment": "c"}
    inner = StructType([StructField("a", LongType(), True, mapped)])
    table = StructType([StructField("s", ArrayType(inner), True, mapped)])
    bare = StructType([StructField("a", LongType(), True, {"comment": "c"})])
    assert defined(table) == StructType([StructField("s", ArrayType(bare), True, {"comment": "c"})])


def test_limited_text_is_text_whose_length_stands_beside_it():
    (field,) = stored(struct(v=VarcharType(5))).fields
    assert (field.dataType, field.metadata) == (StringType(), {"__CHAR_VARCHAR_TYPE_STRING": "varchar(5)"})
    assert column_ddl(field) == "`v` varchar(5)"


@pytest.mark.parametrize(
    ("schema", "condition"),
    [
        (StructType([StructField("Full Name", LongType())]), "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES"),
        (struct(s=StructType([StructField("a b", LongType())])), "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES"),
        (struct(a=ArrayType(struct(x=LongType(), strict=["x"]))), "DELTA_NESTED_NOT_NULL_CONSTRAINT"),
        (
            StructType([StructField("d", LongType(), True, {"CURRENT_DEFAULT": "1"})]),
            "WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED",
        ),
        (
            StructType([StructField("k", IntegerType(), True, {"delta.identity.start": 1})]),
            "DELTA_IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE",
        ),
    ],
)  # fmt: skip
def test_what_a_table_cannot_keep_is_told_by_deltas_name(schema, condition):
    assert [found.condition for found in limits(schema, {})] == [condition]


def test_properties_switch_on_what_a_table_can_keep():
    schema = StructType([StructField("a b", LongType(), False, {"CURRENT_DEFAULT": "1"})])
    on = {"delta.columnMapping.mode": "name", "delta.feature.allowColumnDefaults": "supported"}
    assert list(limits(schema, on)) == []


@pytest.mark.parametrize(
    ("given", "wanted", "keeps"),
    [
        (IntegerType(), LongType(), True),
        (LongType(), IntegerType(), True),  # one that is too large is an error
        (IntegerType(), StringType(), True),
        (DateType(), TimestampType(), True),
        (NullType(), StringType(), True),
        (DecimalType(10, 2), DecimalType(8, 2), True),
        (DecimalType(10, 2), DecimalType(10, 1), False),
        (DoubleType(), IntegerType(), False),
        (StringType(), IntegerType(), False),
        (TimestampType(), DateType(), False),
    ],
)
def test_a_value_is_widened_or_checked_and_never_cut_short(given, wanted, keeps):
    assert keeps_values(given, wanted) is keeps


def test_what_does_not_fit_is_told_with_its_path():
    given = struct(ID=IntegerType(), p=struct(a=DoubleType(), q=LongType()), l=ArrayType(StringType()))
    wanted = struct(id=LongType(), p=struct(a=IntegerType()), l=ArrayType(LongType()))
    assert list(misfits(given, wanted)) == [
        (("p", "a"), "double, not int"),
        (("p", "q"), ""),
        (("l",), "string, not bigint"),
    ]
