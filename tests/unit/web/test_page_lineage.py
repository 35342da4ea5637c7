"""The lineage of a table or column has an address, and shows as many steps as are asked for."""

import json
from itertools import pairwise

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.web.stories import columns_made
from weir.run.lake.storage import Storage

CHAIN = ("main.s.a", "main.s.b", "main.s.c", "main.s.json")
LAST = "/lineage/main.s.json.id"


@pytest.fixture
def lake(tmp_path):
    """A chain of four tables, each of which has its column from the one before."""
    storage = Storage(tmp_path)
    for day, (source, target) in enumerate(pairwise(CHAIN), 1):
        write_deltalake(storage.table(target), pa.table({"id": [1]}))
        columns_made(storage, day, target, (source, "id", target, "id"))


def sources(answer):
    return [edge["source"] for edge in json.loads(answer.text)["from"]]


def test_the_lineage_of_a_column_shows_its_neighbours_and_more_where_more_is_asked_for(ask, lake):
    shown = {
        depth: [f"{t}.id" in ask(f"{LAST}{depth}").text for t in CHAIN[:3]]
        for depth in ("", "?depth=2", "?depth=all")
    }
    assert shown == {"": [False, False, True], "?depth=2": [False, True, True], "?depth=all": [True] * 3}
    assert sources(ask(f"{LAST}.json")) == [f"{t}.id" for t in CHAIN[:3]]
    assert sources(ask(f"{LAST}.json?depth=2")) == [f"{t}.id" for t in CHAIN[1:3]]


@pytest.mark.parametrize("depth", ["0", "-1", "²", "x", "9" * 5000])
def test_a_depth_that_is_none_is_taken_as_one(ask, lake, depth):
    answer = ask(f"{LAST}?depth={depth}")
    assert (answer.status, f"{CHAIN[2]}.id" in answer.text, f"{CHAIN[1]}.id" in answer.text) == (
        200,
        True,
        False,
    )


def test_a_table_that_is_named_like_a_twin_has_a_page(ask, lake):
    html, twin = ask("/lineage/main.s%2Ejson"), ask("/lineage/main.s%2Ejson.json")
    assert "No update recorded any" in html.text
    assert json.loads(twin.text) == {"name": "main.s.json"}
    assert 'href="/lineage/main.s.json.id"' in ask(LAST).text
