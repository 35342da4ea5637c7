"""Loads a cell of SQL: what can't be read is a problem with its line, all that can is defined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from weir.define.cells import Cell
from weir.define.registry import current
from weir.define.sql.parameters import PREFIX, parameter_names
from weir.define.sql.scanner import UnreadableError
from weir.define.sql.source import SqlText
from weir.define.sql.variables import substituted
from weir.define.statements.definitions import Definitions
from weir.define.statements.grammar import read
from weir.define.statements.splitting import statements_of
from weir.model.problems import WeirError

STATE = "__weir_sql__"  # among the globals of a file: SET and USE hold for the cells behind


def load_sql(cell: Cell, module: dict[str, Any]) -> None:
    """Define what the statements of a cell say (specification §8).

    Args:
        cell: A file, or a cell of a notebook.
        module: The globals of the file; `spark` among them has the configuration.
    """
    definitions = module.setdefault(STATE, Definitions())
    source = SqlText.in_file(cell.text, cell.origin)
    places, unread = statements_of(cell.text)
    for start, end in places:
        _load(source.piece(start, end), definitions, module)
    if unread is not None:
        what = "What begins here does not end: a quote or a comment"
        error = source.problem("PARSE_SYNTAX_ERROR", what, unread, "close it; what follows was not read")
        current().problems.extend(error.problems)


def _load(source: SqlText, definitions: Definitions, module: dict[str, Any]) -> None:
    try:
        value_of = _values(definitions, module)
        text = substituted(source, value_of)
        definitions.parameters = _parameters(text, value_of)
        origin = source.origin_of(0)
        if origin is not None:
            definitions.define(read(text, definitions.parameters), origin)
    except WeirError as error:
        current().problems.extend(error.problems)


def _parameters(source: SqlText, value_of: Callable[[str], str | None]) -> Mapping[str, str]:
    """The values of `:name` in a statement (§5.3); one without a value is told where it stands."""
    try:
        names = parameter_names(source.text)
    except UnreadableError as error:
        raise source.syntax_error(error.at) from error
    values = {name: value_of(f"{PREFIX}{name}") for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _values(definitions: Definitions, module: dict[str, Any]) -> Callable[[str], str | None]:
    """Gives the value of `${key}`: from SET, else from the session (§5.3)."""
    session = module.get("spark")

    def value_of(key: str) -> str | None:
        if key in definitions.configuration:
            return definitions.configuration[key]
        return None if session is None else session.conf.get(key, None)

    return value_of
