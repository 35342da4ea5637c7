"""Pages for those who change Weir name files that exist, and every room of it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARCHITECTURE = "docs/architecture.md"
PAGES = [ARCHITECTURE, "docs/decisions.md", "docs/add-a-table.md", "README.md", "CONTRIBUTING.md"]
PLACES = [ROOT, ROOT / "shims", ROOT / "shims" / "weir"]
PATH = re.compile(r"`((?:[\w.-]+/)*[\w.-]+(?:/|\.(?:py|md|yml|sql|lock)))`")
STAND_FOR_OTHERS = re.compile(r"[A-Z]{3,}/|NAME\.py")  # PIPELINE/LAYER/NAME.py


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page):
    found = [path for path in PATH.findall(text(page)) if not STAND_FOR_OTHERS.search(path)]
    named = [path for path in found if "/" in path or page == ARCHITECTURE]  # else `a.py` may be an example
    assert [path for path in named if not any((place / path).exists() for place in PLACES)] == []


def test_every_room_of_weir_is_on_the_map():
    weir = ROOT / "shims" / "weir"
    rooms = {
        f"{folder.relative_to(weir)}/"
        for place in (weir, weir / "run", weir / "web")
        for folder in place.iterdir()
        if folder.is_dir()
    }
    rooms -= {"web/static/"}  # files for the browser
    rooms |= {module.name for module in weir.glob("*.py") if module.name != "__init__.py"}
    table = text(ARCHITECTURE).split("## The rooms")[1].split("## How one flow")[0]
    assert {room for room in rooms if f"`{room}`" not in table} - {
        "run/",
        "__pycache__/",
        "run/__pycache__/",
        "web/__pycache__/",
    } == set()
