"""Texts on disk: exact, readable where they can be, and as they have always been."""

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given
from hypothesis import strategies as st

from weir.model.folders import DELTA, folders, text_of, texts_of, unfit

TEXTS = st.text(min_size=1, max_size=800)
SIGNS = st.sampled_from(["%", DELTA])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("orders", ("orders",)),
        ("My Flow-1.2_x~", ("My Flow-1.2_x~",)),
        ("main.default.`a b`", ("main.default.%60a b%60",)),
        ("a" * 255, ("a" * 255,)),
        ("a" * 256, ("a" * 254 + "+", "aa")),
        ("ñ" * 43, ("%C3%B1" * 42 + "%C+", "3%B1")),
        ("a" * 254 + "..", ("a" * 254 + "+", "%2E%2E")),
        (".", ("%2E",)),
        ("..", ("%2E%2E",)),
        ("a/../+%!", ("a%2F..%2F%2B%25%21",)),
    ],
)
def test_a_text_and_its_folders(text, parts):
    assert (folders(text), text_of(parts)) == (parts, text)
    of_delta = tuple(part.replace("%", "!") for part in parts)
    assert (folders(text, sign=DELTA), text_of(of_delta, sign=DELTA)) == (of_delta, text)


@given(TEXTS, SIGNS, st.integers(16, 255))
def test_no_text_leaves_its_folder_and_none_is_too_long(text, sign, limit):
    parts = folders(text, sign=sign, limit=limit)
    assert all(0 < len(part.encode()) <= limit for part in parts)
    assert not {".", ".."} & set(parts)
    assert not any("/" in part or "\0" in part for part in parts)


@given(st.lists(TEXTS, min_size=1, max_size=3), SIGNS)
def test_texts_are_read_back_from_their_folders(texts, sign):
    assert [text_of(folders(text, sign=sign), sign=sign) for text in texts] == texts
    path = tuple(part for text in texts for part in folders(text, sign=sign))
    assert texts_of(path, sign=sign) == tuple(texts)


@given(TEXTS, TEXTS, SIGNS)
def test_no_texts_share_a_folder_and_none_lies_in_anothers(one, other, sign):
    if one != other:
        inner, outer = folders(other, sign=sign), folders(one, sign=sign)
        assert inner[: len(outer)] != outer


@pytest.mark.parametrize(
    "parts", [("%ZZ",), ("%FF",), ("a+",), ("a+", "b"), ("ñ",), ("%61",), ("a/b",), ("",)]
)
def test_what_stands_for_no_text(parts):
    assert (text_of(parts), texts_of(("t", *parts))) == (None, None)


@pytest.mark.parametrize("text", ["campañas", "a%20b", "[dev] é", "a\\b^|", "..", "¿100%?", "ñ" * 255])
def test_delta_finds_a_table_in_its_folder(tmp_path, text):
    folder = tmp_path.joinpath(*folders(text, sign=DELTA))
    for number in (1, 2):
        write_deltalake(folder, pa.table({"x": [number]}), mode="append")
    assert DeltaTable(folder).to_pyarrow_table().num_rows == 2
    assert [f.relative_to(tmp_path).parts for f in tmp_path.rglob("_delta_log")] == [
        (*folders(text, sign=DELTA), "_delta_log")
    ]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/home/josé/mi carpeta/100% #1 'a' \"b\" `c` $x & +y", None),
        ("/data/50%/x", None),
        ("/data/a%20b", "%20"),
        ("/data/[x]", "["),
        ("/data/${x}", "${"),
        ("/data/a\\b", "\\"),
        ("/data/a\nb", "\n"),
    ],
)
def test_paths_that_are_read_as_others_are_known(path, wrong):
    assert unfit(path) == wrong
