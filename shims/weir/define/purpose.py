"""Which files of a folder define datasets: repositories also hold dashboards, generators and scripts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from weir.define.cells import Cell
from weir.define.mentions import executed, imported_files, tree_of
from weir.define.statements.preview import statements_in
from weir.define.statements.values import CreateDataset, CreateFlow
from weir.model.problems import UnsupportedError, WeirError

_DECORATES = re.compile(
    r"\b(?:import\s+dlt\b|from\s+dlt\b|dlt\.\w+\(|(?:pyspark|databricks)(?:\.| import )pipelines?\b)|@dlt\.\w"
    # By another name, or by one that is not imported: a file with such a mistake is not passed over.
    r"|@\w+\.(?:append_flow|expect\w*|materialized_view|table|temporary_view|update_flow|view)\b"
    r"|\b\w+\.(?:apply_changes|create_auto_cdc|create_sink|create_streaming_)\w*\("
    r"|\budf\.register\("  # a function that the SQL of other files may call
)
# A statement that can't be read, by its first words; names of kinds may be misspelt.
_DEFINES = re.compile(
    r"\s*(?:APPLY\b|CREATE\s+(?:OR\s+\w+\s+)?(?:FLOW|INC|LIVE|MAT|PRIV|REFRESH|STR|TEMP))", re.IGNORECASE
)


def entries(files: Sequence[Path], roots: tuple[Path, ...]) -> list[Path]:
    """The files that say anything about datasets when they run, be it rightly or wrongly, in their order.

    A module whose functions define them is none of these where a file that calls something imports it: that
    file is one.

    Args:
        files: Source files.
        roots: Folders where imports are looked for, and notebooks that `%run` names in full.
    """
    cells = {file: executed(file, roots) for file in files}
    says = {file for file in files if any(map(_defines, cells[file]))}
    trees = {file: [tree_of(cell) for cell in cells[file]] for file in files}
    imports = {f: {i for tree in t for i in imported_files(tree, roots)} - {f} for f, t in trees.items()}
    acting = {file for file, modules in trees.items() if _acts(modules)}
    reached = {file: _reached(file, imports) for file in acting}
    callers = {file for file in acting if reached[file] & (says - acting)}
    helpers = set[Path]().union(*(reached[file] for file in callers)) - acting
    return [file for file in files if file in (says | callers) - helpers]


def _reached(file: Path, imports: Mapping[Path, AbstractSet[Path]]) -> set[Path]:
    """The files that a file imports, itself or through others."""
    reached, waiting = set[Path](), [file]
    while waiting:
        more = imports.get(waiting.pop(), set[Path]()) - reached
        reached |= more
        waiting += more
    return reached - {file}


def _acts(modules: Sequence[ast.Module]) -> bool:
    """Does it call something when it is run, or define a dataset, and not only functions and names?"""
    return any(
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        if not isinstance(statement, ast.FunctionDef)
        else any(_DECORATES.search(f"@{ast.unparse(decorator)}") for decorator in statement.decorator_list)
        for module in modules
        for statement in _statements(module.body)
    )


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """What runs when a module is imported, blocks and what stands in them."""
    for statement in body:
        yield statement
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from _statements([n for n in ast.iter_child_nodes(statement) if isinstance(n, ast.stmt)])


def _defines(cell: Cell) -> bool:
    if cell.language == "python":
        return _DECORATES.search(cell.text) is not None
    return cell.language == "sql" and any(
        isinstance(said, CreateDataset | CreateFlow) or (_is_wrong(said) and _DEFINES.match(source.text))
        for source, said in statements_in(cell)
    )


def _is_wrong(said: object) -> bool:
    """It can't be read; a statement that is refused makes something else."""
    return isinstance(said, WeirError) and not isinstance(said, UnsupportedError)
