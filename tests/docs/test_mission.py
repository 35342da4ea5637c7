"""The page of the mission names tests that exist, and every row of it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mission.md"


def test_every_row_is_there_and_names_files_that_exist():
    rows = re.findall(r"^\| (M\d+) .*\|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [row for row, _ in rows] == [f"M{number}" for number in range(1, 16)]
    named = [file for _, tests in rows for file in re.findall(r"`(tests/[^`]+)`", tests)]
    assert [file for file in named if not (ROOT / file).is_file()] == []
