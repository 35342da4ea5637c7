"""Rows of a real run as a YAML test holds them: nobody is in them, and they come back as they were."""

import datetime as dt
import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    LongType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from weir.testing.frames import typed_rows
from weir.testing.freezing import Pseudonyms, text_table
from weir.testing.given import read_given


def frozen(rows, columns):
    """Rows through the text and back."""
    return typed_rows(read_given(text_table(rows, dict.fromkeys(columns.names, ""))), columns)


COLUMNS = (
    StructType()
    .add("id", LongType())
    .add("price", DecimalType(10, 2))
    .add("ratio", DoubleType())
    .add("good", BooleanType())
    .add("day", DateType())
    .add("at", TimestampType())
    .add("local", TimestampNTZType())
    .add("raw", BinaryType())
    .add("tags", ArrayType(StringType()))
    .add("place", StructType().add("x", DoubleType()).add("note", StringType()))
    .add("seen", MapType(StringType(), DateType()))
)


def test_every_type_comes_back_as_it_was():
    moment = dt.datetime(2025, 3, 1, 12, 30, 0, 5, tzinfo=dt.UTC)
    whole = {
        "id": 1, "price": Decimal("2.50"), "ratio": 0.1, "good": False, "day": dt.date(2025, 3, 1), "at": moment,
        "local": moment.replace(tzinfo=None), "raw": b"caf\xc3\xa9", "tags": ["a|b", None],
        "place": {"x": 1.5, "note": 'say "x"'}, "seen": {"k": dt.date(2025, 3, 2)},
    }  # fmt: skip
    empty = dict.fromkeys(whole)
    assert frozen([whole, empty], COLUMNS) == [whole, empty]


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_every_text_comes_back_as_it_was(texts):
    rows = [{"n": 1, "text of it": text} for text in texts]
    columns = StructType().add("n", LongType()).add("text of it", StringType())
    assert frozen(rows, columns) == rows


def test_a_person_is_the_same_stand_in_everywhere_and_nothing_else_changes():
    people = Pseudonyms({"name", "payload", "born", "size"})
    payload = json.dumps({"who": "ana", "ages": [40, None, True]})
    one = people.row(
        {"NAME": "ana", "payload": payload, "born": dt.date(1990, 5, 1), "size": 1.8, "town": "x"}
    )
    other = people.row(
        {"name": "ana", "payload": None, "born": dt.date(1990, 5, 1), "size": 1.7, "town": None}
    )
    assert one == {
        "NAME": "name-1", "payload": '{"who": "payload-1", "ages": [2, null, true]}',
        "born": dt.date(2000, 1, 2), "size": 1.0, "town": "x",
    }  # fmt: skip
    assert other == {
        "name": "name-1", "payload": None, "born": dt.date(2000, 1, 2), "size": 2.0, "town": None,
    }  # fmt: skip
