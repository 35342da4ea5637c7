"""A click on a column lights its way through the graph, through views too, with what becomes of it."""

import re

from tests.web.stories import PETS, Made, Story, columns_made, many
from weir.run.lake.storage import Storage
from weir.web.finding.ways import way_of
from weir.web.reading.world import Project, World
from weir.web.states.panel import ColumnEdge

RAW, SILVER, GOLD = "main.bronze.raw", "main.silver.pets", "main.gold.by_kind"
FIRST, SECOND = (
    ColumnEdge(RAW, "Kind", SILVER, "kind", "TRANSFORMATION"),
    ColumnEdge(SILVER, "kind", GOLD, "n", "AGGREGATION"),
)
DRAWN = {
    (RAW, "parsed"): "TRANSFORMATION",
    ("parsed", SILVER): "TRANSFORMATION",
    (SILVER, GOLD): "AGGREGATION",
}


def update_of(tmp_path, datasets=PETS):
    Story(tmp_path, "pets", datasets).whole()
    return World(Project(Storage(tmp_path), tmp_path)).pipeline("pets").last


def lit(text):
    """The lit edges of a page, each with its text."""
    line = r'data-from="([^"]+)" data-to="([^"]+)" class="lit"></path><text class="how"[^>]*>([^<]+)'
    return {(a, b): how for a, b, how in re.findall(line, text)}


def test_a_way_leads_through_views_in_both_directions_and_nowhere_else(tmp_path):
    update = update_of(tmp_path)
    other = ColumnEdge(RAW, "id", SILVER, "id", "IDENTITY")
    for column in (f"{RAW}.kind", f"{SILVER}.KIND", f"{GOLD}.n"):
        assert way_of(update, (FIRST, SECOND, other), column) == DRAWN
    assert way_of(update, (FIRST, SECOND, other), f"{SILVER}.id") == dict.fromkeys(
        list(DRAWN)[:2], "IDENTITY"
    )
    assert way_of(update, (FIRST, SECOND), f"{SILVER}.none") == {}


def test_a_way_takes_no_table_that_lies_between(tmp_path):
    datasets = (Made("a"), Made("v", ("a",), "VIEW"), Made("t", ("v",)), Made("b", ("t", "v")))
    way = way_of(update_of(tmp_path, datasets), [ColumnEdge("a", "x", "b", "x", "IDENTITY")], "a.x")
    assert set(way) == {("a", "v"), ("v", "b")}


def test_tables_of_other_pipelines_and_circles_end_a_way(tmp_path):
    datasets = (Made("a", ("out.side", "a"), "STREAMING_TABLE"),)
    edges = [ColumnEdge("out.side", "x", "a", "x", "IDENTITY"), ColumnEdge("a", "x", "a", "x", "IDENTITY"),
             ColumnEdge("a", "x", "other.pipeline.t", "x", "IDENTITY")]  # fmt: skip
    assert set(way_of(update_of(tmp_path, datasets), edges, "a.x")) == {("out.side", "a"), ("a", "a")}


def test_the_graph_of_the_page_shows_the_way_that_its_address_names(ask, tmp_path):
    Story(tmp_path, "pets").whole()
    storage = Storage(tmp_path)
    columns_made(storage, 1, SILVER, (RAW, "id", SILVER, "id"))
    assert lit(ask("/p/pets").text) == {}
    page = ask(f"/p/pets?way={SILVER}.id").text
    assert lit(page) == dict.fromkeys(list(DRAWN)[:2], "IDENTITY")
    classes = dict(re.findall(r'id="n:([^"]+)" class="([^"]+)"', page))
    assert {n for n, c in classes.items() if c.endswith(" dim")} == {GOLD, "main.gold.report"}
    unknown = ask(f"/p/pets?way={SILVER}.none").text
    assert (lit(unknown), "Nothing is recorded for it." in unknown, " dim" in unknown.split('class="canvas"')[1]) == (
        {}, True, False,
    )  # fmt: skip
    columns = ask(f"/p/pets?d={SILVER}&tab=columns&way={SILVER}.id").text
    assert (
        re.search(r'href="([^"]+)" data-soft aria-current="true"', columns)[1]
        == f"/p/pets?d={SILVER}&amp;tab=columns&amp;by=none"
    )


def test_of_a_thousand_datasets_only_those_on_the_way_are_drawn(ask, tmp_path):
    Story(tmp_path, "lake", many()).whole()
    columns_made(Storage(tmp_path), 1, "main.s04.t0100", ("main.s00.t0000", "id", "main.s04.t0100", "id"))
    page = ask("/p/lake?way=main.s00.t0000.id&by=none").text
    assert set(re.findall(r'id="n:([^"]+)"', page)) == {"main.s00.t0000", "main.s04.t0100"}
