"""Does code give the same whenever it runs? Then what it defines is known without running it again.

It does if it reads nothing but itself: no clock, no chance, no network, no process. That is told from its
text, by what it imports and names. What is not known to be so counts as open. Which files `pathlib` reads for
it, and which modules it imports by names that it computes, is seen when it runs (`run/code/file_use.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from weir.define.cells import Cell

OURS = frozenset({"dlt", "pyspark"})
PLAIN = frozenset({
    "__future__", "abc", "base64", "bisect", "collections", "copy", "csv", "dataclasses", "datetime",
    "decimal", "enum", "fractions", "functools", "hashlib", "heapq", "html", "itertools", "json", "keyword",
    "math", "numbers", "operator", "pathlib", "re", "statistics", "string", "textwrap", "tomllib", "types",
    "typing", "typing_extensions", "unicodedata",
})  # fmt: skip
PARSERS = frozenset({"open_data_contract_standard", "yaml"})  # packages that make values of texts
OPEN_NAMES = frozenset({
    "__import__", "breakpoint", "compile", "dbutils", "delattr", "display", "eval", "exec", "getattr",
    "globals", "hash", "id", "input", "locals", "open", "print", "setattr", "vars",
})  # fmt: skip
# Of datetime, of a session, and of a frame: the time, the run, what Spark's JVM has. Of a path: what writes,
# and what no look at the file tells. Of yaml: what runs code.
OPEN_ATTRIBUTES = frozenset({
    "addArtifact", "addArtifacts", "builder", "catalog", "getAll", "newSession", "now", "sparkContext",
    "streams", "today", "utcnow",
    "chmod", "copy_into", "group", "hardlink_to", "lchmod", "link_to", "lstat", "mkdir", "move", "move_into",
    "owner", "rename", "rmdir", "stat", "symlink_to", "touch", "unlink", "write_bytes", "write_text",
    "Loader", "UnsafeLoader", "unsafe_load", "unsafe_load_all",
})  # fmt: skip
OF_A_RUN = ("spark.app.", "spark.driver.", "spark.executor.")
LANGUAGES = frozenset({"python", "sql", "md"})
# Statements whose values a query only sees as they are when the sources are loaded.
_OPEN_SQL = re.compile(r"\b(?:DECLARE|EXECUTE\s+IMMEDIATE|SET\s+VAR(?:IABLE)?)\b", re.IGNORECASE)


def opening(cells: Collection[Cell], helpers: Collection[str]) -> str | None:
    """What may let the cells of a source give something else the next time; None if nothing can.

    Args:
        helpers: The modules of the pipeline that are looked at like this, by their names.
    """
    return next((what for cell in cells for what in _openings(cell, helpers)), None)


def _openings(cell: Cell, helpers: Collection[str]) -> Iterator[str]:
    if cell.language not in LANGUAGES:
        yield f"{cell.origin}: %{cell.language}"
        return
    if cell.language != "python":
        if cell.language == "sql" and (match := _OPEN_SQL.search(cell.text)):
            yield f"{cell.origin}: {match[0]}"
        return
    try:
        tree = _Named().visit(ast.parse(cell.text))
    except (SyntaxError, ValueError):
        yield f"{cell.origin}: it can't be read"
        return
    for node in ast.walk(tree):
        if what := _opening(node, helpers):
            yield f"{cell.origin}: {what}"


def _opening(node: ast.AST, helpers: Collection[str]) -> str | None:
    match node:
        case ast.Import(names):
            return next((alias.name for alias in names if not is_closed(alias.name, helpers)), None)
        case ast.ImportFrom(module, names, level):
            opened = [alias.name for alias in names if alias.name in OPEN_ATTRIBUTES]
            known = level or is_closed(module or "", helpers) or _is_by_value(node)
            return next(iter(opened), None) if known else module
        case ast.Name(name) if name in OPEN_NAMES:
            return name
        case ast.Attribute(_, name) if name in OPEN_ATTRIBUTES or _is_private(name):
            return name
        case ast.Constant(str(text)) if text.startswith(OF_A_RUN) or _OPEN_SQL.search(text):
            return text
        case _:
            return None


def is_closed(module: str, helpers: Collection[str]) -> bool:
    """Does a module give the same whenever it is imported?

    Args:
        helpers: The modules of the pipeline, which are looked at by themselves.
    """
    return module.partition(".")[0] in OURS | PLAIN | PARSERS or module in helpers


class _Named(ast.NodeTransformer):
    """Calls that are something else: `getattr(x, "name")` is `x.name`, and `path.replace(to)` renames."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Name("getattr"), [value, ast.Constant(str(name)), *other], []):
                return ast.Tuple([ast.Attribute(value, name, ast.Load()), *other], ast.Load())
            case ast.Call(ast.Attribute(path, "replace"), [to], []):  # of a text it has two arguments
                return ast.Call(ast.Attribute(path, "rename", ast.Load()), [to], [])
            case _:
                return node


def _is_by_value(node: ast.ImportFrom) -> bool:
    """Is it what imports modules whose names are only known when it runs?"""
    return node.module == "importlib" and [alias.name for alias in node.names] == ["import_module"]


def _is_private(name: str) -> bool:
    """Spark's objects lead to the JVM by names that begin so."""
    return name.startswith("_") and not name.startswith("__")
