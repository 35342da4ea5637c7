"""The parity page says what the tests show."""

from tests.parity import PAGE, TITLES, render, rows


def test_the_page_is_what_the_marks_say():
    assert PAGE.read_text(encoding="utf-8") == render(rows())


def test_every_mark_has_a_known_status_and_says_how_where_it_must():
    found = rows()
    assert {r.status for r in found} == set(TITLES)
    assert [r for r in found if r.status != "same" and not r.how] == []
