"""Files and tables that the text of a source names: those that are missing are told beside what ended it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from weir.define.cells import Cell
from weir.define.mentions import tree_of
from weir.model.origin import Origin
from weir.model.places import canonical, in_cloud, of_workspace, without_pattern
from weir.model.problems import Problem, WeirError

_OF_READERS = frozenset({"load", "json", "csv", "parquet", "text", "orc", "xml"})
_OF_FILES = frozenset({"ls", "head"})
_READERS = frozenset({"spark", "read", "readStream"})
_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Read:
    """A read whose file or table stands in the text.

    Attributes:
        table: It is a table, which `name` means, not a path.
    """

    name: str
    place: Origin
    table: bool = False


def missing_reads(cell: Cell, names: Mapping[str, Any]) -> Iterator[Problem]:
    """A problem for each file and table that the cell reads and that is not there.

    Args:
        names: Globals of the source, through which both are looked up.
    """
    reads = _reads(tree_of(cell), cell.origin, now=True)
    for read in sorted(reads, key=lambda read: read.place.line):
        try:
            _look_up(read, names)
        except WeirError as error:
            yield from (replace(problem, origin=read.place) for problem in error.problems)
        except Exception:  # noqa: BLE001, S112 - Spark's own, of what is not known here
            continue


def _reads(node: ast.AST, first: Origin, *, now: bool) -> Iterator[Read]:
    """What is read below a node; in a function only places of a workspace or cloud are known to be meant."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and (read := _read(child, first)) is not None:
            elsewhere = not read.table and (of_workspace(read.name) or in_cloud(read.name))
            if now or elsewhere:
                yield read
        yield from _reads(child, first, now=now and not isinstance(child, _LATER))


def _read(call: ast.Call, first: Origin) -> Read | None:
    place = replace(first, line=first.line + call.lineno - 1)
    match call:
        case ast.Call(func=ast.Name("open"), args=[ast.Constant(str(path)), *_]):
            return Read(path, place)
        case ast.Call(func=ast.Attribute(value=owner, attr=method), args=[ast.Constant(str(path)), *_]) if (
            method in _OF_READERS and _is_reader(owner)
        ) or (method in _OF_FILES and _word(owner) == "fs"):
            return Read(path, place)
        case ast.Call(func=ast.Attribute(value=owner, attr="table"), args=[ast.Constant(str(name))]) if (
            _word(owner) in _READERS
        ):
            return Read(name, place, table=True)
        case _:
            return None


def _is_reader(owner: ast.expr) -> bool:
    """Is it `spark.read`, with or without what it was given?"""
    return any(isinstance(n, ast.Attribute) and n.attr in {"read", "readStream"} for n in ast.walk(owner))


def _word(owner: ast.expr) -> str:
    """The last name of an expression: `read` of `spark.read`."""
    return owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")


def _look_up(read: Read, names: Mapping[str, Any]) -> None:
    if read.table and "spark" in names:
        names["spark"].table(read.name)
    elif not read.table and "dbutils" in names:
        elsewhere = of_workspace(read.name) or in_cloud(read.name)
        names["dbutils"].fs.ls(without_pattern(canonical(read.name) if elsewhere else read.name))
