"""What of a source will be refused, as its text says: by the same tables as when it runs.

Only what the text names can be seen: a call through a variable, or a value that is computed, can't.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyspark.sql.classic.dataframe import DataFrame

from weir.define.cells import Cell
from weir.define.load import loadable_cells
from weir.define.mentions import tree_of
from weir.define.sql.source import SqlText
from weir.define.statements.preview import query_of, statements_in
from weir.define.statements.values import CreateDataset, CreateFlow
from weir.model.origin import Origin
from weir.model.problems import Problem, UnsupportedError, WeirError, unsupported
from weir.run.code.context import Context
from weir.run.code.formats import FORMATS, Reading
from weir.run.code.refusals import REFUSALS, SHOWN
from weir.run.code.utilities import DatabricksUtilities
from weir.run.files.options import file_options

UNREADABLE = (OSError, SyntaxError, ValueError, WeirError)
# Classes whose objects have any name -> their methods are told by their own names.
NAMELESS = frozenset({"DataFrame", "RDD"})
READERS = {"DataFrameReader": "spark.read", "DataStreamReader": "spark.readStream"}


def refusals_in(file: Path, roots: tuple[Path, ...]) -> tuple[Problem, ...]:
    """What of a source, and of the notebooks that it runs, is refused.

    Args:
        file: A source; of one that can't be read nothing is said.
        roots: Folders where notebooks are looked for that `%run` names in full.
    """
    try:
        cells, problems = loadable_cells(file, roots)
    except UNREADABLE:
        return ()
    trees = [(cell, tree_of(cell)) for cell in cells]
    own = {n.id for _, tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name) and is_set(n)}
    found = [p for cell, tree in trees for p in _of_cell(cell, tree, own)]
    refused = dict.fromkeys([*(p for p in problems if p.condition == "Unsupported"), *found])
    return tuple(sorted(refused, key=lambda p: (p.origin.file, p.origin.line) if p.origin else ("", 0)))


def is_set(name: ast.Name) -> bool:
    """Does the source itself give the name a value?"""
    return isinstance(name.ctx, ast.Store)


def _of_cell(cell: Cell, tree: ast.Module, own: set[str]) -> Iterator[Problem]:
    if cell.language == "sql":
        yield from _of_sql(cell)
    for node in ast.walk(tree):
        place = replace(cell.origin, line=cell.origin.line + getattr(node, "lineno", 1) - 1)
        for look in (_of_method, _of_property, _of_format, _of_files, _of_text):
            yield from _refusals(look, node, place)
        if not own & {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}:
            yield from _refusals(_of_name, node, place)


def _refusals(look: Callable[[ast.AST, Origin], None], node: ast.AST, place: Origin) -> Iterable[Problem]:
    try:
        look(node, place)
    except UnsupportedError as error:
        return [replace(problem, origin=place) for problem in error.problems]
    except WeirError:  # a mistake, which weir validate tells
        return []
    return []


def _of_sql(cell: Cell) -> Iterator[Problem]:
    for _, said in statements_in(cell):
        if isinstance(said, CreateDataset | CreateFlow) and isinstance(said.content, SqlText):
            said = query_of(said.content)  # noqa: PLW2901 - a statement that can be read is as good as its query
        if isinstance(said, UnsupportedError):
            yield from said.problems


def _of_method(node: ast.AST, place: Origin) -> None:
    """A method that is refused: `spark.catalog.listTables`, `df.writeTo`."""
    if not isinstance(node, ast.Attribute):
        return
    owner = ast.unparse(node.value)
    for refusal in REFUSALS:
        shown = READERS.get(refusal.owner) or SHOWN.get(refusal.owner, refusal.owner)
        known = owner == shown or (refusal.owner in NAMELESS and not _is_property(node.attr))
        if node.attr in refusal.names and known:
            raise unsupported(f"{shown}.{node.attr}", refusal.instead, place)


def _of_property(node: ast.AST, place: Origin) -> None:
    """`df.write`, of which something is used: the method of a file is called."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
        name = node.value.attr
        for refusal in REFUSALS:
            if refusal.owner == "DataFrame" and name in refusal.names and _is_property(name):
                raise unsupported(f"DataFrame.{name}", refusal.instead, place)


def _is_property(name: str) -> bool:
    return isinstance(getattr(DataFrame, name, None), property)


def _of_format(node: ast.AST, place: Origin) -> None:
    """`read.format("x")`, or `load(format="x")`."""
    name = str(_constant(node, "format") or "").lower()
    if name in FORMATS and FORMATS[name].reading is Reading.REFUSED:
        raise unsupported(f"The source `{name}`", FORMATS[name].instead, place)


def _constant(node: ast.AST, method: str) -> Any:
    """The first argument of a call of a method, if its text says it."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name), args=[ast.Constant(value=value), *_]) if name == method:
            return value
        case _:
            return None


def _of_files(node: ast.AST, place: Origin) -> None:
    """A read of Auto Loader whose options are refused, as far as they are texts."""
    options: dict[str, Any] = {}
    name = None
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name = name or _constant(node, "format")
        match node:
            case ast.Call(func=ast.Attribute(attr="option"), args=[ast.Constant(key), ast.Constant(value)]):
                options[str(key)] = value
            case ast.Call(func=ast.Attribute(attr="options"), keywords=keywords):
                options.update(
                    {str(k.arg): k.value.value for k in keywords if isinstance(k.value, ast.Constant)}
                )
            case _:
                pass
        node = node.func.value
    known = FORMATS.get(str(name).lower())
    if known is not None and known.reading is Reading.AUTO_LOADER:
        file_options({"cloudFiles.format": "json", "path": "/", **options}, None, place)


def _of_text(node: ast.AST, place: Origin) -> None:
    """The text of `spark.sql`."""
    text = _constant(node, "sql")
    if isinstance(text, str):
        said = query_of(SqlText(text, lambda _: place))
        if isinstance(said, UnsupportedError):
            raise said


def _of_name(node: ast.AST, _place: Origin) -> None:
    """A name of a notebook of which nothing is here: `dbutils.notebook.run`, `sc.parallelize`."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    value = NAMES.get(node.id) if isinstance(node, ast.Name) else None
    for name in names if value is not None else ():
        value = getattr(value, name, None)


NAMES: dict[str, Any] = {"dbutils": DatabricksUtilities(), "sc": Context()}
