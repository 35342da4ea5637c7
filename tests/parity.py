"""docs/parity.md from the tests: each row is a mark on the test that witnesses it.

    @pytest.mark.parity("same", "2.2", "A rule that gives NULL is broken")
    @pytest.mark.parity("differs", "2.4", "Error text of a fail rule", "the input row is never traced")
    @pytest.mark.parity("refused", "7", "Auto Loader", "read files with a schema")

Regenerate it with `python -m tests.parity`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "parity.md"
TITLES = {
    "same": ("The same as on Databricks", "behaviour"),
    "differs": ("Differs", "behaviour"),
    "refused": ("Refused by name", "feature"),
}
HEAD = """\
# Parity with Databricks

This page lists what Weir does the same as Databricks, what it does differently, and what it refuses, each
with the test that shows it. Sections (§) are those of [behaviour.md](behaviour.md), which says what
Databricks does. The page is generated from the tests (`python -m tests.parity`), and a test checks it.
"""


@dataclass(frozen=True, order=True)
class Row:
    """One behaviour and its witness."""

    section: tuple[int, ...]
    behaviour: str
    status: str
    how: str
    witness: str

    def __str__(self) -> str:
        section = ".".join(map(str, self.section))
        cells = [f"§{section}", self.behaviour, *([self.how] if self.status != "same" else [])]
        return f"| {' | '.join(cells)} | `{self.witness}` |"


@cache
def rows(tests: Path = TESTS) -> tuple[Row, ...]:
    """The rows of all marked tests, in the order of their sections."""
    return tuple(sorted(r for file in tests.rglob("test_*.py") for r in _rows_of(file, tests)))


def _rows_of(file: Path, tests: Path) -> Iterator[Row]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for function in (n for n in tree.body if isinstance(n, ast.FunctionDef)):
        for mark in function.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.parity":
                status, section, behaviour, *how = [ast.literal_eval(a) for a in mark.args]
                witness = f"{file.relative_to(tests)}::{function.name}"
                place = tuple(int(p) for p in section.split("."))
                yield Row(place, behaviour, status, how[0] if how else "", witness)


def render(found: list[Row]) -> str:
    """The page."""
    parts = [HEAD]
    for status, (title, column) in TITLES.items():
        chosen = [str(r) for r in found if r.status == status]
        how = {"same": "", "differs": " how |", "refused": " instead |"}[status]
        lines = "|---|---|---|" + ("---|" if how else "")
        parts.append(f"\n## {title}\n\n| | {column} |{how} witness |\n{lines}\n" + "\n".join(chosen) + "\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render(rows()), encoding="utf-8")
