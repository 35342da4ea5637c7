"""Entries of the configuration, widgets, secrets, files and tables that a source misses: all at once."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from weir.define.cells import Cell
from weir.define.mentions import tree_of
from weir.define.reads import missing_reads
from weir.model.blame import user_problem
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError

# `X.conf.get(key)` without a default, `dbutils.widgets.get(name)`, `dbutils.secrets.get(scope, key)`.
MISSING = ("INPUT_WIDGET_NOT_DEFINED", "SECRET_NOT_FOUND", "PATH_NOT_FOUND", "TABLE_OR_VIEW_NOT_FOUND")
_OF_OTHERS = ("[SQL_CONF_NOT_FOUND]", "[PATH_NOT_FOUND]", "FileNotFoundError: ")  # Spark's and Python's own
GETTERS = {"conf": ("spark", 1), "widgets": ("dbutils", 1), "secrets": ("dbutils", 2)}


@dataclass(frozen=True, slots=True)
class Use:
    """A call of a method of a holder of entries.

    Attributes:
        holder: `conf`, `widgets` or `secrets`.
    """

    holder: str
    method: str
    call: ast.Call
    place: Origin

    @property
    def name(self) -> object:
        """The entry that it is about, as far as its text says so."""
        first = next(iter(self.call.args), None)
        return first.value if isinstance(first, ast.Constant) else None


def missing_entries(
    cells: Iterable[Cell], names: Mapping[str, Any], first: tuple[Problem, ...]
) -> tuple[Problem, ...]:
    """The problems that ended a source and, where one is something missing, those of all that it names.

    Args:
        names: Globals of the source, by which it is looked up.
        first: What ended it.
    """
    if not any(_is_missing(problem) for problem in first):
        return first
    known = {problem.message for problem in first}
    places = {str(problem.origin) for problem in first}
    cells = tuple(cells)
    uses = [use for cell in cells for use in _uses(cell)]
    given = {(use.holder, use.name) for use in uses if use.method != "get"}
    others: dict[str, Problem] = {}
    for use in uses:
        if use.method == "get" and (use.holder, use.name) not in given:
            missing = (p for p in _problems(use, names) if _is_missing(p) and p.message not in known)
            others.update((p.message, p) for p in missing if p.message not in others)
    for problem in (p for cell in cells for p in missing_reads(cell, names)):
        if problem.message not in known and str(problem.origin) not in places:
            others.setdefault(problem.message, problem)
    return (*first, *others.values())


def _is_missing(problem: Problem) -> bool:
    return problem.condition in MISSING or any(text in problem.message for text in _OF_OTHERS)


def _uses(cell: Cell) -> Iterator[Use]:
    """The calls of methods of a holder of entries."""
    for node in ast.walk(tree_of(cell)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=holder), attr=method)) if (
                holder in GETTERS
            ):
                place = replace(cell.origin, line=cell.origin.line + node.lineno - 1)
                yield Use(holder, method, node, place)
            case _:
                continue


def _problems(use: Use, names: Mapping[str, Any]) -> Iterator[Problem]:
    owner, count = GETTERS[use.holder]
    if owner not in names or len(use.call.args) + len(use.call.keywords) != count:
        return
    try:
        positional = [ast.literal_eval(argument) for argument in use.call.args]
        named = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in use.call.keywords}
    except ValueError:  # its name is computed
        return
    try:
        getattr(names[owner], use.holder).get(*positional, **named)
    except WeirError as error:
        yield from (replace(problem, origin=use.place) for problem in error.problems)
    except Exception as error:  # noqa: BLE001 - Spark's own, of a package that is not known here
        problem = user_problem("PIPELINE_SOURCE_FAILED", error, use.place)
        yield replace(problem, origin=use.place, detail=None)
