"""The page in hands: finding, keys, older updates, languages, themes, without scripts, and at a thousand datasets."""

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.web.conftest import ready
from tests.web.stories import PETS, Made, Story, failed, many
from weir.web.finding.select import Searched, selected
from weir.web.reading.world import Project, World
from weir.web.texts.phrases import PHRASES

VIEWS = ("graph", "list", "grid", "time", "quality", "events")


def drawn(page):
    return set(page.eval_on_selector_all(".node[data-d]", "nodes => nodes.map(n => n.dataset.d)"))


@pytest.mark.parametrize("text", ["2+main.silver.pets+1", "state:failed", "-kind:view", "gold,raw -report"])
def test_what_is_found_is_what_the_selector_means_and_stands_in_the_address(visit, page, storage, text):
    failed(storage)
    update = World(Project.at(storage, storage, None)).pipeline("pets").last
    meant = selected(Searched(update, update.seen_at), text) & update.datasets.keys()
    visit("/p/pets")
    page.fill("#find", text)
    expect(page.locator("#hits")).to_have_text(f"{len(meant)} of 5")
    hits = page.eval_on_selector_all(".node.hit", "nodes => nodes.map(n => n.dataset.d)")
    assert set(hits) == meant
    page.focus("#find")
    page.keyboard.press("Shift+Enter")
    page.wait_for_url(re.compile("only=1"))
    expect(page.locator(".node[data-d]")).to_have_count(len(meant))
    page.goto(page.url)
    assert drawn(page) == meant


def test_an_older_update_is_shown_as_it_was_and_compared(visit, page, storage):
    old = Story(storage, "pets").whole()
    strict = Made("main.silver.pets", ("parsed",), "STREAMING_TABLE", (("id_present", "id > 9", "DROP"),))
    new = Story(storage, "pets", (*PETS[:2], strict)).whole()
    visit("/p/pets")
    assert drawn(page) == {d.name for d in new.datasets}
    page.keyboard.press("[")
    page.wait_for_url(re.compile(old.id[:8]))
    page.wait_for_selector('.node[data-d="main.gold.report"]')
    assert drawn(page) == {d.name for d in PETS}
    page.goto(f"{page.url.split('/u/')[0]}/compare/{old.id[:8]}..{new.id[:8]}")
    changed = page.inner_text("tr:has(.changed)")
    assert re.split(r"\s*\t\s*", changed) == [
        "changed",
        "rule",
        "main.silver.pets id_present",
        "id > 0 (drop)",
        "id > 9 (drop)",
    ]
    assert page.locator(".gone").count() == 4


def test_keys_alone_find_open_copy_and_close(visit, page, storage):
    failed(storage)
    visit("/p/pets")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.dataset.d") == "main.silver.pets"
    page.keyboard.press("Enter")
    page.wait_for_selector(".panel h2")
    page.keyboard.press("c")
    expect(page.locator("#said")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()").startswith("weir ")
    page.keyboard.press("Escape")
    page.wait_for_selector(".panel", state="hidden")
    page.keyboard.press("l")
    page.wait_for_selector(".v-list")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")


def test_nobody_is_left_out_by_any_page(visit, page, storage):
    failed(storage)
    paths = ["/", "/tables", "/lineage", "/contracts", "/jobs", "/settings"]
    paths += [f"/p/pets?view={v}" for v in VIEWS]
    paths += [
        f"/p/pets?d=main.silver.pets&tab={t}" for t in ("overview", "rules", "columns", "history", "command")
    ]
    serious = []
    for path in paths:
        visit(path)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page).response["violations"]
            serious += [
                (path, scheme, v["id"], v["nodes"][0]["html"][:120])
                for v in found
                if v["impact"] in {"serious", "critical"}
            ]
    assert serious == []


def test_a_narrow_window_begins_with_the_list(visit, page, storage):
    failed(storage)
    page.set_viewport_size({"width": 360, "height": 640})
    visit("/p/pets")
    page.wait_for_selector(".v-list")
    assert page.url.endswith("/p/pets?view=list")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click("[data-view=graph]")
    page.wait_for_selector(".v-graph .node")


def test_the_list_has_all_that_the_graph_has(visit, page, storage):
    failed(storage)
    graph = drawn(visit("/p/pets"))
    visit("/p/pets?view=list")
    assert set(page.eval_on_selector_all("tr[data-d]", "rows => rows.map(r => r.dataset.d)")) == graph


def test_spanish_has_no_english_left(visit, page, storage):
    failed(storage)
    visit("/p/pets?view=list&lang=es&d=main.silver.pets")
    assert page.get_attribute("html", "lang") == "es"
    text = page.inner_text("body")
    english = {en for en, es in PHRASES.values() if en != es and "{" not in en and len(en) > 7}
    assert [e for e in sorted(english) if re.search(rf"(?m)^{re.escape(e)}$", text)] == []
    assert ("fallida" in text, "Tipo" in text) == (True, True)


def test_nothing_is_asked_of_other_machines(visit, page, storage):
    failed(storage)
    asked = []
    page.on("request", lambda r: asked.append(r.url))
    for view in VIEWS:
        visit(f"/p/pets?view={view}&d=main.silver.pets")
    assert [u for u in asked if not u.startswith("http://127.0.0.1:")] == []


def test_without_scripts_the_page_is_a_list_with_links(browser, serve, storage):
    failed(storage)
    served, context = serve(), browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served.address)
    page.click("h2 a")
    page.click("a[data-view=list]")
    page.click('tr[data-d="main.silver.pets"] a')
    assert page.inner_text(".panel h2") == "main.silver.pets"
    page.fill("#find", "state:skipped")
    page.press("#find", "Enter")
    assert page.locator("tr[data-d]").count() == 2
    context.close()


def test_a_thousand_datasets_come_by_schema_within_a_second(visit, page, storage):
    Story(storage, "lake", many()).whole()
    visit("/p/lake")
    begun = time.monotonic()
    page.reload()
    ready(page)
    assert time.monotonic() - begun < 5  # the budget is a second on an idle machine: `make bench` measures it
    assert page.locator(".node.group").count() == 40
    visit("/p/lake?by=none")
    assert page.locator(".node[data-d]").count() == 1000
    assert page.evaluate("document.querySelectorAll('*').length") < 10_000
