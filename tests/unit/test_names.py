"""Names of one to three parts."""

import pytest

from weir.model.names import BadNameError, Namespace, join, split
from weir.model.problems import closest

NAMES = Namespace("main", "sales")


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("t", "main.sales.t"),
        ("LIVE.T", "main.sales.t"),
        ("s.t", "main.s.t"),
        ("live.s.t", "main.s.t"),
        ("c.s.t", "c.s.t"),
        ("`my c`.s.`t.x`", "`my c`.s.`t.x`"),
        (" c . s . t ", "c.s.t"),
    ],
)
def test_shorter_names_resolve_against_the_pipelines_defaults(written, full):
    assert NAMES.table(written) == full


@pytest.mark.parametrize("written", ["", "a.", "a..b", "a b", "a.b.c.d", "`a"])
def test_what_is_no_name(written):
    with pytest.raises(BadNameError):
        split(written)


def test_splitting_and_joining_are_inverse():
    assert split(join(("a", "b c", "d`e"))) == ("a", "b c", "d`e")


def test_the_closest_name_is_found_by_its_last_part_too():
    assert closest("silver_event", ["main.x.silver_events", "main.x.gold"]) == (
        "did you mean `main.x.silver_events`?"
    )
    assert closest("orders", ["main.x.gold"]) is None
