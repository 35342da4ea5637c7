"""`MASK` in a schema's DDL and `row_filter`, as Databricks writes them (specification §1.3, §8.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot.errors import TokenError

from weir.define.registry import wrong
from weir.define.tokens import ClauseCursor, UnexpectedTokenError
from weir.model.governance import FunctionCall, Protection
from weir.model.names import join, quoted
from weir.model.origin import Origin

_OPENS, _CLOSES = {"(": ")", "<": ">"}, {")", ">"}


@dataclass(frozen=True, slots=True)
class MaskedSchema:
    """DDL without its masks, which stand beside it: column -> call."""

    ddl: str
    masks: Mapping[str, FunctionCall]


def declared_protection(schema: Any, row_filter: str | None, origin: Origin, *, private: bool) -> Protection:
    """What a definition says, with the names of functions as written.

    Raises:
        DefinitionError: A clause is malformed.
    """
    masks: Mapping[str, FunctionCall] = {}
    if isinstance(schema, str):
        try:
            masks = split_masks(schema).masks
        except UnexpectedTokenError as error:
            text = f"A MASK in `schema` can't be read at `{error}`."
            hint = "write COLUMN TYPE MASK catalog.schema.function USING COLUMNS (column, ...)"
            raise wrong("PARSE_SYNTAX_ERROR", text, origin, hint) from error
        except TokenError:
            pass  # the check of the schema tells it better
    return Protection(masks, _row_filter(row_filter, origin), private)


def split_masks(ddl: str) -> MaskedSchema:
    """Take the MASK clauses out of a list of columns.

    Raises:
        UnexpectedTokenError: One is malformed.
        sqlglot.errors.TokenError: A quote is not closed.
    """
    cursor, masks, parts, begin = ClauseCursor.over(ddl), dict[str, FunctionCall](), list[str](), 0
    opened: list[str] = []
    column, column_at = "", 0
    while not cursor.done:
        if not opened and cursor.sees("MASK") and cursor.at > column_at:
            start = cursor.take().start
            masks[column] = _mask(column, cursor)
            parts.append(ddl[begin:start])
            begin = cursor.tokens[cursor.at - 1].end + 1
            continue
        token = cursor.take()
        if cursor.at == column_at + 1:
            column = token.text
        if token.text in _OPENS and (token.text == "(" or "(" not in opened):
            opened.append(token.text)
        elif token.text in _CLOSES and opened and _OPENS[opened[-1]] == token.text:
            opened.pop()
        elif token.text == "," and not opened:
            column_at = cursor.at
    return MaskedSchema("".join([*parts, ddl[begin:]]), masks)


def _mask(column: str, cursor: ClauseCursor) -> FunctionCall:
    function = join(cursor.name())
    others = cursor.arguments() if cursor.skip("USING", "COLUMNS") else ()
    return FunctionCall(function, (quoted(column), *others))


def _row_filter(text: str | None, origin: Origin) -> FunctionCall | None:
    if text is None:
        return None
    try:
        cursor = ClauseCursor.over(text)
        cursor.skip("WITH")
        cursor.expect("ROW", "FILTER")
        function = join(cursor.name())
        cursor.expect("ON")
        call = FunctionCall(function, cursor.arguments())
        cursor.end()
    except (UnexpectedTokenError, TokenError, TypeError, AttributeError) as error:
        sentence = f"`row_filter` can't be read: {text!r}."
        hint = "write ROW FILTER catalog.schema.function ON (column, ...)"
        raise wrong("PARSE_SYNTAX_ERROR", sentence, origin, hint) from error
    return call
