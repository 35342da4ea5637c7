"""The statements of a cell of SQL as they stand there: nothing is defined, and no value is known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from weir.define.cells import Cell
from weir.define.sql.parameters import parameter_names
from weir.define.sql.scanner import UnreadableError
from weir.define.sql.source import SqlText
from weir.define.sql.statement import Statement as Query
from weir.define.sql.statement import read as read_query
from weir.define.sql.variables import substituted
from weir.define.statements.grammar import read
from weir.define.statements.splitting import statements_of
from weir.define.statements.values import Statement
from weir.model.problems import WeirError


def statements_in(cell: Cell) -> Iterator[tuple[SqlText, Statement | WeirError]]:
    """Each statement with what it says, or with what is wrong with it; `${key}` stands for the name `key`."""
    source = SqlText.in_file(cell.text, cell.origin)
    for start, end in statements_of(cell.text)[0]:
        piece = source.piece(start, end)
        try:
            text = substituted(piece, _name_of)
            yield text, read(text, _stand_ins(text))
        except UnreadableError as error:
            yield piece, piece.syntax_error(error.at)
        except WeirError as error:
            yield piece, error


def query_of(source: SqlText) -> Query | WeirError:
    """The query of a text in the same way, or what is wrong with it."""
    try:
        text = substituted(source, _name_of)
        return read_query(text, _stand_ins(text))
    except UnreadableError as error:
        return source.syntax_error(error.at)
    except WeirError as error:
        return error


def _stand_ins(source: SqlText) -> dict[str, str]:
    """Values of the named parameters: their names."""
    return {name: _name_of(name) for name in parameter_names(source.text)}


def _name_of(key: str) -> str:
    return re.sub(r"\W", "_", key)
