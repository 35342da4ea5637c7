"""The mouse on the page: frames and clicks pick datasets, a click on a column lights its way."""

from tests.web.stories import PETS, Story, columns_made, failed
from weir.run.lake.storage import Storage

RAW, SILVER = "main.bronze.raw", "main.silver.pets"


def picked(page):
    return set(page.eval_on_selector_all(".picked", "nodes => nodes.map(n => n.dataset.d)"))


def middle(page, name):
    box = page.locator(f'.node[data-d="{name}"]').bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_frame_picks_what_it_touches_and_a_click_lets_it_go(visit, page, storage):
    Story(storage, "pets", PETS).whole(libraries=[{"file": {"path": "/src/pets.py"}}])
    visit("/p/pets")
    (left, top), (right, below) = middle(page, RAW), middle(page, SILVER)
    page.keyboard.down("Shift")
    page.mouse.move(left, min(top, below) - 60)
    page.mouse.down()
    page.mouse.move(right, max(top, below) + 60, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    assert (picked(page), page.locator(".frame").count()) == ({RAW, "parsed", SILVER}, 0)
    page.click('.node[data-d="parsed"]', modifiers=["Control"])
    page.click(f'.node[data-d="{SILVER}"]')
    page.wait_for_selector(".panel h2")
    assert picked(page) == {RAW, SILVER}
    page.locator('[data-act$="/act/selection"]').dispatch_event("click")
    assert page.inner_text("#asks .command code").endswith(f"--refresh {RAW},{SILVER}")


def test_rows_of_the_list_are_picked_with_ctrl(visit, page, storage):
    failed(storage)
    visit("/p/pets?view=list")
    row = page.locator(f'tr[data-d="{RAW}"] td').nth(3)
    row.click(modifiers=["Control"])
    assert picked(page) == {RAW}
    row.click(modifiers=["Control"])
    assert picked(page) == set()


def test_a_click_on_a_column_lights_its_way_and_another_one_puts_it_out(visit, page, storage):
    failed(storage)
    columns_made(Storage(storage), 1, SILVER, (RAW, "id", SILVER, "id"))
    visit(f"/p/pets?d={SILVER}&tab=columns")
    column = page.locator(".panel td:first-child a", has_text="id")
    column.click()
    page.wait_for_selector(".edges path.lit", state="attached")
    lit = page.eval_on_selector_all(
        ".edges path.lit", "edges => edges.map(e => [e.dataset.from, e.dataset.to])"
    )
    assert sorted(lit) == [[RAW, "parsed"], ["parsed", SILVER]]
    assert page.inner_text(".drawing .way a >> nth=0") == f"{SILVER}.id"
    column.click()
    page.wait_for_selector(".edges path.lit", state="detached")
