"""What the sources name as a text literal: known before a JVM starts, and without running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from weir.define.cells import Cell
from weir.define.includes import with_runs
from weir.define.notebooks import cells_of
from weir.model.problems import WeirError


def mentions(words: AbstractSet[str], files: tuple[Path, ...], roots: tuple[Path, ...]) -> frozenset[str]:
    """The words that a source file, or a module that it imports from its roots, holds as a whole text.

    `format("kafka")` is found so, and `FORMAT = "kafka"` too; in SQL it is `read_kafka`. A file that can't be
    read names nothing.
    """
    waiting, known, named = list(files), set(files), frozenset[str]()
    while waiting and named != words:
        for cell in executed(waiting.pop(), roots):
            tree = tree_of(cell)
            texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
            texts += [cell.text] if cell.language == "sql" else []
            named |= {word for word in words - named if any(_names(text, word) for text in texts)}
            imported = imported_files(tree, roots)
            waiting += imported - known
            known |= imported
    return named


def executed(file: Path, roots: tuple[Path, ...]) -> tuple[Cell, ...]:
    """The cells of a file and of the notebooks that it runs; none of a file that can't be read."""
    try:
        return tuple(with_runs(cells_of(file), roots, [], (file.resolve(),)))
    except (SyntaxError, ValueError, OSError, WeirError):
        return ()


def tree_of(cell: Cell) -> ast.Module:
    """The syntax tree of a cell in Python; of another one, and of a broken one, a tree without leaves."""
    try:
        return ast.parse(cell.text if cell.language == "python" else "")
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _names(value: object, word: str) -> bool:
    if not isinstance(value, str):
        return False
    in_sql = rf"""\bread_{word}\s*\(|(['"]){word}\1|\b{word}\s*\.\s*`"""
    return value.lower() == word or re.search(in_sql, value, re.IGNORECASE) is not None


def imported_files(tree: ast.Module, roots: tuple[Path, ...]) -> set[Path]:
    """The files that the imports of a module run, as far as they lie below its roots."""
    return {file for name in _imported(tree) for file in _module_files(name, roots)}


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = f"{node.module}." if node.module else ""
            yield from (f"{module}{alias.name}" for alias in node.names)


def _module_files(name: str, roots: tuple[Path, ...]) -> Iterator[Path]:
    """The files that an import runs: `a.b.c` is `a/b/c.py`, its packages, or the name `c` in `a/b.py`."""
    parts = name.split(".")
    for root in roots:
        for length in range(1, len(parts) + 1):
            place = root.joinpath(*parts[:length])
            yield from (f for f in (place.with_suffix(".py"), place / "__init__.py") if f.is_file())
