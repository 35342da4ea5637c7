"""Hints of a schema: of columns, and of what is within them (specification §7.3)."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql.types import (
    ArrayType,
    DataType,
    DateType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
)

from weir.run.files.columns import as_texts
from weir.run.files.hints import HintError, hint_texts, hinted

TEXT, INT, LONG, DATE = StringType(), IntegerType(), LongType(), DateType()


def kind(of: Any) -> DataType:
    """A dictionary is a struct, a list an array, and a pair a map."""
    match of:
        case dict():
            return columns(**of)
        case [element]:
            return ArrayType(kind(element))
        case (key, value):
            return MapType(kind(key), kind(value))
        case _:
            return of


def columns(**kinds: Any) -> StructType:
    return StructType([StructField(name, kind(of)) for name, of in kinds.items()])


def with_hints(known: StructType, hints: dict[str, Any], files: StructType | None = None) -> StructType:
    paths = [(tuple(path.split(".")), kind(of)) for path, of in hints.items()]
    return hinted(known, paths, files, loose=files is not None)


AT = {"zip": TEXT, "on": DATE}
KNOWN = columns(id=INT, at=AT, tags=[LONG], m=(TEXT, TEXT))
USERS = columns(users=[{"id": TEXT, "seen": {"at": TEXT}}])


@pytest.mark.parametrize(
    ("hints", "then"),
    [
        ({"ID": LONG}, columns(id=LONG, at=AT)),
        ({"AT.Zip": INT}, columns(id=INT, at={"zip": INT, "on": DATE})),
        ({"at.city": TEXT}, columns(id=INT, at={**AT, "city": TEXT})),
        ({"born": DATE}, columns(id=INT, at=AT, born=DATE)),
        ({"new.a": INT, "new.b": INT}, columns(id=INT, at=AT, new={"a": INT, "b": INT})),
    ],
)
def test_a_hint_changes_a_type_or_adds_a_column(hints, then):
    assert with_hints(columns(id=INT, at=AT), hints) == then


@pytest.mark.parametrize(
    ("known", "hints", "then"),
    [
        ([LONG], {"a.element": TEXT}, [TEXT]),
        ([LONG], {"a": [TEXT]}, [TEXT]),
        ([{"x": INT, "y": INT}], {"a.element.x": TEXT}, [{"x": TEXT, "y": INT}]),
        ([[INT]], {"a.Element.element": TEXT}, [[TEXT]]),
        ((TEXT, INT), {"a.key": INT}, (INT, INT)),
        ((TEXT, INT), {"a.value": LONG}, (TEXT, LONG)),
        (({"x": INT}, {"x": INT}), {"a.key.x": TEXT, "a.value.x": DATE}, ({"x": TEXT}, {"x": DATE})),
        ({"element": INT, "value": INT}, {"a.element": DATE, "a.value": DATE}, {"element": DATE, "value": DATE}),
        (INT, {"a": (TEXT, TEXT), "a.value": INT}, (TEXT, INT)),
    ],
)  # fmt: skip
def test_the_parts_of_arrays_and_maps_have_names(known, hints, then):
    assert with_hints(columns(a=known), hints) == columns(a=then)


@pytest.mark.parametrize(
    ("hints", "then"),
    [({"a.element": INT}, [INT]), ({"a.element.id": INT, "a.element.n": INT}, [{"id": INT, "n": INT}])],
)
def test_a_column_that_is_not_there_is_an_array_if_its_hint_is_for_an_element(hints, then):
    assert with_hints(columns(id=INT), hints) == columns(id=INT, a=then)


@pytest.mark.parametrize(
    ("path", "told", "instead"),
    [
        ("tags.id", "`tags` is array<bigint>, which has no part `id`", "its parts are tags.element"),
        ("m.a.b", "`m` is map<string,string>, which has no part `a`", "its parts are m.key or m.value"),
        ("id.element", "`id` is int, which has no part `element`", "leave it out, or hint at `id`"),
        ("at.on.day", "`at.on` is date, which has no part `day`", "leave it out, or hint at `at.on`"),
        ("at.zip.x", "`at.zip` is string, which has no part `x`", "leave it out, or hint at `at.zip`"),
    ],
)
def test_a_hint_for_a_part_that_is_not_there_is_refused(path, told, instead):
    with pytest.raises(HintError) as error:
        with_hints(KNOWN, {path: INT})
    assert (str(error.value), error.value.hint) == (told, instead)


@pytest.mark.parametrize(
    ("hints", "then"),
    [
        ({"users.element.id": INT}, columns(users=[{"id": INT, "seen": TEXT}])),
        ({"users.element.seen.at": DATE}, columns(users=[{"id": TEXT, "seen": {"at": DATE}}])),
        ({"users.element": TEXT}, columns(users=[TEXT])),
        ({"users": TEXT}, columns(users=TEXT)),
        ({"other.element": INT}, columns(users=TEXT, other=[INT])),
    ],
)
def test_where_all_columns_are_texts_the_files_say_which_have_parts(hints, then):
    assert with_hints(as_texts(USERS), hints, USERS) == then


def test_and_a_part_that_the_files_do_not_have_is_refused():
    with pytest.raises(HintError, match="`users` is array<string>, which has no part `id`"):
        with_hints(as_texts(USERS), {"users.id": INT}, USERS)


def test_hints_as_they_are_written():
    text = "id INT, `a b`.c: STRING,\n m MAP<STRING, INT>, s STRUCT<x: INT, y: DECIMAL(10, 2)>,"
    assert hint_texts(text) == [
        (("id",), "INT"), (("a b", "c"), "STRING"), (("m",), "MAP<STRING, INT>"),
        (("s",), "STRUCT<x: INT, y: DECIMAL(10, 2)>"),
    ]  # fmt: skip


def test_odd_names_and_comments():
    text = "`a``b` INT, `x,y`.`p.q` : DATE, ñandú STRING COMMENT 'one, two', a-b\tINT, `<` INT, n INT"
    assert hint_texts(text) == [
        (("a`b",), "INT"), (("x,y", "p.q"), "DATE"), (("ñandú",), "STRING COMMENT 'one, two'"),
        (("a-b",), "INT"), (("<",), "INT"), (("n",), "INT"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["a INT, id", "a INT, .x INT", "a INT, a..b INT", "a INT, a. INT", "a INT, `a INT"]
)
def test_a_hint_without_a_type_or_with_half_a_name(text):
    with pytest.raises(ValueError, match="has no type"):
        hint_texts(text)
