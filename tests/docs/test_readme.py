"""The README names only what is there; its Python is run by the collector in conftest.py."""

import re
from pathlib import Path

import pytest

from weir.cli import weir

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "README.es.md", "CONTRIBUTING.md"]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_it_names_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    verbs = set(re.findall(r"(?:`|^|bin/)weir ([a-z-]+)", text, re.MULTILINE))
    targets = set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert verbs <= set(weir.commands)
    assert targets <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith("http")]
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_the_map_names_folders_that_exist():
    block = (ROOT / "README.md").read_text(encoding="utf-8").split("## The map")[1]
    named = re.findall(r"^ *((?:[a-z_]+/ ?)+)", block, re.MULTILINE)
    folders = {part.strip("/") for line in named for part in line.split()}
    places = {p.name for p in ROOT.rglob("*") if p.is_dir() and ".venv" not in p.parts}
    assert folders - places == set()
