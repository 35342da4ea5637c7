"""The page follows updates of any process, in all tabs, over its own end and that of others."""

import signal

from playwright.sync_api import expect

from tests.web.conftest import ready
from tests.web.stories import Story

STATES = """() => { const seen = []; const look = () => {
  const node = document.querySelector('.node[data-d="main.bronze.raw"]');
  const state = node && [...node.classList].find((c) => c.startsWith("s-"));
  if (state && seen.at(-1) !== state) seen.push(state);
}; look(); new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
window.seen = seen; window.loads = 1; }"""


def state(page, text):
    page.wait_for_selector(f'#status[data-status="{text}"]')


def node(page, name, text):
    page.wait_for_selector(f'.node.s-{text}[data-d="{name}"]')


def test_an_update_of_another_process_is_seen_step_by_step_without_a_reload(visit, storage):
    story = Story(storage, "pets")
    with story.held():
        story.begin()
        page = visit("/p/pets")
        page.evaluate(STATES)
        page.focus('.node[data-d="main.bronze.raw"]')
        story.starts("main.bronze.raw")
        node(page, "main.bronze.raw", "RUNNING")
        story.completes("main.bronze.raw")
        node(page, "main.bronze.raw", "COMPLETED")
        story.ends()
        state(page, "COMPLETED")
    assert page.evaluate("window.seen") == ["s-QUEUED", "s-RUNNING", "s-COMPLETED"]
    assert page.evaluate("window.loads") == 1
    assert page.evaluate("document.activeElement.dataset.d") == "main.bronze.raw"
    assert "Update" in page.inner_text("#log li:last-child")
    expect(page.locator("#told")).to_have_text("✓ completed: 1 defined, 3 queued, 1 completed", timeout=8000)


def test_an_update_whose_process_died_ended_without_a_word(visit, storage):
    story = Story(storage, "pets")
    with story.held():
        story.begin()
        page = visit("/p/pets")
        state(page, "RUNNING")
    state(page, "LOST")
    assert "ended without a word" in page.inner_text("#status")


def test_a_page_that_is_loaded_in_the_middle_ends_exact(visit, storage):
    story = Story(storage, "pets")
    with story.held():
        story.begin()
        page = visit("/p/pets")
        for name in ("main.bronze.raw", "main.silver.pets", "main.gold.by_kind", "main.gold.report"):
            story.starts(name)
            page.reload()
            story.completes(name)
        ready(page)
        story.ends()
        state(page, "COMPLETED")
    node(page, "main.gold.report", "COMPLETED")
    expect(page.locator("#tally")).to_have_text("1 defined4 completed")


def test_twelve_tabs_are_live_and_a_thirteenth_opens(serve, context, storage):
    story = Story(storage, "pets")
    with story.held():
        story.begin()
        served = serve()
        tabs = [context.new_page() for _ in range(12)]
        tabs[0].goto(served.address)
        for tab in tabs:
            tab.goto(f"{served.base}/p/pets?view=list")
            ready(tab)
        story.starts("main.bronze.raw")
        for tab in tabs:
            tab.bring_to_front()
            tab.wait_for_selector('tr[data-d="main.bronze.raw"] .s-RUNNING')
        last = context.new_page()
        last.goto(f"{served.base}/p/pets", timeout=5000)
        ready(last)


def test_a_server_that_was_killed_is_told_and_its_successor_caught_up_with(serve, page, storage):
    story = Story(storage, "pets")
    with story.held():
        story.begin()
        first = serve()
        page.goto(first.address)
        page.goto(f"{first.base}/p/pets")
        ready(page)
        port = first.record["port"]
        first.end(signal.SIGKILL)
        expect(page.locator("#said")).to_contain_text("does not answer", timeout=40_000)
        story.starts("main.bronze.raw")
        second = serve("--port", str(port))
        page.goto(second.address)
        page.goto(f"{second.base}/p/pets")
        node(page, "main.bronze.raw", "RUNNING")
