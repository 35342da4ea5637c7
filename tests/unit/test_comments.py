"""Comments of columns: a DDL text gets one for each column that has none."""

import pytest

from expectations.comments import COMMENTS, columns_of, described


def test_columns_are_told_apart_whatever_their_types_and_comments_hold():
    ddl = "a STRUCT<x: INT, y: DECIMAL(3, 2)>, b STRING MASK f COMMENT 'uno, (dos)', c INT"
    assert columns_of(ddl) == [
        "a STRUCT<x: INT, y: DECIMAL(3, 2)>",
        "b STRING MASK f COMMENT 'uno, (dos)'",
        "c INT",
    ]


def test_what_has_a_comment_keeps_it():
    assert described("date DATE, fecha DATE COMMENT 'x'") == (
        "date DATE COMMENT 'Fecha: el día en Costa Rica', fecha DATE COMMENT 'x'"
    )


def test_a_column_of_which_nothing_is_said():
    with pytest.raises(KeyError, match="precio"):
        described("precio INT")


def test_no_comment_ends_the_text_of_a_ddl():
    assert [text for text in COMMENTS.values() if "'" in text or not text] == []
