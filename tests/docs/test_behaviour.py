"""docs/behaviour.md has a heading for every section that is referred to, and no other."""

import re
from collections import defaultdict
from pathlib import Path

from tests.parity import rows

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "behaviour.md"
FOLDERS = ["bench", "deploy", "docs", "expectations", "pipelines", "shims", "tests"]
SUFFIXES = {".md", ".py", ".sql", ".yml"}
REFERENCE = re.compile(r"§(\d+(?:\.\d+)*)")
HEADING = re.compile(r"^(#+) §(\d+(?:\.\d+)*) \S", re.MULTILINE)


def files() -> list[Path]:
    inside = (file for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.suffix in SUFFIXES)
    return [*ROOT.glob("*.md"), *inside]


def references() -> dict[str, set[str]]:
    """Each section that is referred to, and who refers to it."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in files():
        for section in REFERENCE.findall(file.read_text(encoding="utf-8")):
            found[section].add(str(file.relative_to(ROOT)))
    for row in rows():
        found[".".join(map(str, row.section))].add(row.witness)
    return found


def headings() -> list[tuple[str, str]]:
    return HEADING.findall(PAGE.read_text(encoding="utf-8"))


def test_every_reference_leads_to_a_heading():
    there = {section for _, section in headings()}
    assert {section: places for section, places in references().items() if section not in there} == {}


def test_every_heading_is_referred_to_or_has_one_below_it_that_is():
    page = str(PAGE.relative_to(ROOT))
    wanted = {section for section, places in references().items() if places != {page}}
    groups = {section.split(".")[0] for section in wanted}
    assert [section for _, section in headings() if section not in wanted | groups] == []


def test_headings_stand_once_in_the_order_of_their_numbers():
    found = [tuple(map(int, section.split("."))) for _, section in headings()]
    assert found == sorted(set(found))
    assert [level for level, _ in headings()] == ["#" * (len(section) + 1) for section in found]
