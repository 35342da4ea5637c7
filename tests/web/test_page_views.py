"""The page in a real browser: what it shows of updates that are over."""

import json

from tests.web.conftest import ready
from tests.web.stories import PETS, Made, Story, failed


def test_the_printed_address_works_once_and_leaves_a_clean_one(serve, context, storage):
    Story(storage, "pets").whole()
    served, page = serve(), context.new_page()
    address = served.address
    page.goto(address)
    assert page.url == f"{served.base}/"
    [cookie] = [c for c in context.cookies() if c["name"].startswith("weir_ui_")]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["name"]) == (
        True,
        "Strict",
        f"weir_ui_{served.record['port']}",
    )
    other = context.browser.new_context()
    assert other.new_page().goto(address).status == 401
    assert other.new_page().goto(served.base).status == 401
    assert other.new_page().goto(served.address).status == 200
    other.close()


def test_the_graph_shows_all_datasets_and_edges_with_their_states(visit, storage):
    Story(storage, "pets").whole()
    page = visit("/p/pets")
    names = page.eval_on_selector_all(".node[data-d]", "nodes => nodes.map(n => n.dataset.d)")
    assert sorted(names) == sorted(d.name for d in PETS)
    edges = page.eval_on_selector_all(".edges path", "e => e.map(p => [p.dataset.from, p.dataset.to])")
    assert sorted(map(tuple, edges)) == sorted((r, d.name) for d in PETS for r in d.reads)
    label = page.get_attribute('.node[data-d="main.silver.pets"]', "aria-label")
    assert label == "main.silver.pets, streaming table, completed, rules broken 12 times"
    twin = json.loads(page.request.get(f"{page.url}.json").text())
    assert {d["name"]: d["rows_written"] for d in twin["datasets"]} == {
        "main.bronze.raw": 600, "parsed": None, "main.silver.pets": 590, "main.gold.by_kind": 7, "main.gold.report": 1,
    }  # fmt: skip


def test_a_failure_stands_first_with_its_hint_and_apart_from_its_consequences(visit, storage):
    failed(storage)
    page = visit("/p/pets")
    text = page.inner_text(".failure")
    assert text.startswith("✕ silver.pets [CAST_INVALID_INPUT] The value 'mañana' can't be cast")
    assert text.endswith("hint: use try_cast")
    assert page.inner_text(".failures > .dim") == "Skipped because of it: gold.by_kind gold.report"
    assert page.get_attribute("#status", "data-status") == "FAILED"
    assert page.inner_text("#tally") == "1 defined\n1 completed\n1 failed\n2 skipped"
    node = page.locator('.node[data-d="main.silver.pets"]').bounding_box()
    assert 0 <= node["x"] <= 1440 - node["width"]


def test_what_is_named_like_markup_is_shown_as_text(visit, storage):
    evil = "main.s.`<img src=x onerror=alert(1)>`"
    rule = ('it\'s "so"', "name <> '</script><script>alert(2)</script>'", "ALLOW")
    Story(storage, "<b>pets</b>", (Made(evil, (), "STREAMING_TABLE", (rule,)),)).whole()
    page = visit("/")
    said = []
    page.on("console", lambda m: said.append(m.text))
    page.on("dialog", lambda d: said.append(d.message))
    page.click("text=<b>pets</b>")
    ready(page)
    page.click(".node[data-d]")
    page.wait_for_selector(".panel h2")
    assert page.inner_text(".panel h2") == evil
    page.click('[data-tab="rules"]')
    page.wait_for_selector(".rule")
    assert page.inner_text(".rule strong") == rule[0]
    assert page.inner_text(".rule > code") == rule[1]
    assert (page.locator("img").count(), said) == (0, [])
