"""Names of one to three parts: what is one, how it is written, what a typed one means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlt
from weir.define.registry import Registry, collecting, freeze
from weir.model.names import (
    BadNameError,
    Namespace,
    TableName,
    by_ends,
    fold,
    join,
    listed,
    meant,
    short,
    split,
)
from weir.model.problems import closest

NAMES = Namespace("main", "sales")
TABLES = ["main.s.orders", "main.t.orders", "main.s.`mi tabla`", "main.s.`a.b`", "main.a.b", "main.s.x"]
PARTS = st.text(
    st.characters(exclude_characters="/", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=255
)


def is_name(part):
    return part.strip(" .") != "" and len(part.lower()) <= 255


parts = PARTS.filter(is_name)


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
        ("Campañas", "main.sales.campañas"),
        ("`Select`", "main.sales.select"),
    ],
)
def test_shorter_names_resolve_against_the_pipelines_defaults(written, full):
    assert NAMES.table(written) == full


@pytest.mark.parametrize("written", ["", "a.", "a..b", "a b", "a.b.c.d", "`a"])
def test_what_is_no_name(written):
    with pytest.raises(BadNameError):
        split(written)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("`..`", "`..` holds neither a letter nor a digit"),
        ("s.`.`", "`.` holds neither a letter nor a digit"),
        ("` `", "` ` holds neither a letter nor a digit"),
        ("`a/b`", "`a/b` holds a slash or a control character"),
        ("a/b", "`a/b` holds a slash or a control character"),
        ("`a\nb`", "`a\\nb` holds a slash or a control character"),
        ("`a\x7f`", "`a\\x7f` holds a slash or a control character"),
        ("a" * 256, f"`{'a' * 40}...` has 256 characters, 255 are allowed"),
        ("a b", "`a b` is not a name of one to three parts"),
    ],
)
@pytest.mark.parametrize("kind", ["table", "view"])
def test_what_no_catalog_takes_is_a_problem_with_its_place(kind, written, message):
    registry = Registry()
    with collecting(registry):
        getattr(dlt, kind)(lambda: None, name=written)
    pipeline, (problem,) = freeze(registry, "p", Namespace(), {})
    assert (problem.condition, problem.message, problem.origin.file) == (
        "INVALID_IDENTIFIER",
        f"{message}.",
        __file__,
    )
    assert (pipeline.datasets, pipeline.flows) == ({}, ())


def test_splitting_and_joining_are_inverse():
    assert split(join(("a", "b c", "d`e"))) == ("a", "b c", "d`e")


@given(parts, parts, parts)
def test_the_text_of_a_name_is_read_back(catalog, schema, table):
    name = TableName.of((catalog, schema, table))
    assert (TableName.parse(str(name)), NAMES.table(str(name))) == (name, str(name))
    assert name.parts == tuple(map(fold, (catalog, schema, table)))
    assert fold(str(name)) == str(name)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("main.s.orders", ["main.s.orders"]),
        ("S.Orders", ["main.s.orders"]),
        ("orders", ["main.s.orders", "main.t.orders"]),
        ("Mi Tabla", ["main.s.`mi tabla`"]),
        ("s.mi tabla", ["main.s.`mi tabla`"]),
        ("`mi tabla`", ["main.s.`mi tabla`"]),
        ("`a.b`", ["main.s.`a.b`"]),
        ("a.b", ["main.a.b"]),
        ("s.a.b", ["main.s.`a.b`"]),
        ("rders", []),
        ("", []),
    ],
)
def test_a_typed_name_means_the_tables_that_end_so(typed, found):
    assert meant(typed, by_ends(TABLES)) == found


def test_names_between_commas():
    assert listed("a, `b,c` ,,d`") == ("a", "`b,c`", "d`")


def test_a_short_name_has_no_catalog():
    assert [short(n) for n in ("main.s.`a.b`", "`a.b`", "view", "from a.b to c")] == [
        "s.`a.b`",
        "`a.b`",
        "view",
        "from a.b to c",
    ]


def test_the_closest_name_is_found_by_its_last_part_too():
    assert closest("silver_event", ["main.x.silver_events", "main.x.gold"]) == (
        "did you mean `main.x.silver_events`?"
    )
    assert closest("orders", ["main.x.gold"]) is None
