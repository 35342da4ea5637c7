"""`operand ?:: type`, which Spark has not, becomes try_cast(operand AS type) (specification §8.2)."""

from __future__ import annotations

from dataclasses import replace

from weir.define.sql.scanner import Token, TokenKind, UnreadableError, pairs, scan
from weir.define.sql.source import SqlText

_BEFORE_OPERAND = frozenset(
    [
        "AGGREGATE", "ALL", "AND", "BETWEEN", "BY", "CASE", "DISTINCT", "DIV", "ELSE", "ESCAPE", "EXTEND",
        "FOR", "FROM", "HAVING", "ILIKE", "IN", "LIKE", "LIMIT", "NOT", "OFFSET", "ON", "OR", "QUALIFY",
        "REGEXP", "RLIKE", "SELECT", "SET", "THEN", "VALUES", "WHEN", "WHERE",
    ]
)  # fmt: skip
_LITERALS = frozenset({"DATE", "TIME", "TIMESTAMP", "TIMESTAMP_LTZ", "TIMESTAMP_NTZ", "X"})
_NO_FUNCTIONS = frozenset({"EXISTS", "IN"})
_NESTED = frozenset({"ARRAY", "MAP", "STRUCT"})
_UNITS = frozenset({"DAY", "HOUR", "MINUTE", "MONTH", "SECOND", "YEAR"})
_NO_BEGIN = frozenset({")", "]", ".", ":", "::", "?"})
_NOTHING = Token(TokenKind.SIGN, "", -1, -1)
_OTHERS = frozenset({TokenKind.TEXT, TokenKind.NUMBER, TokenKind.PLACEHOLDER})


def with_try_casts(source: SqlText) -> SqlText:
    """The text without `?::`; every line stays where it is.

    >>> with_try_casts(SqlText("SELECT -t.a[0]?::INT, ?::INT FROM t", lambda _: None)).text
    'SELECT -try_cast(t.a[0] AS INT), ?::INT FROM t'

    Raises:
        UnsupportedError: It can't be told where an operand begins.
        WeirError: No type stands behind one.
    """
    while "?::" in source.text:
        try:
            text = _Casts(source).without_first()
        except UnreadableError:  # whoever reads the text tells it
            break
        if text is None:
            break
        source = replace(source, text=text)
    return source


class _Casts:
    def __init__(self, source: SqlText) -> None:
        self.source = source
        self.tokens = scan(source.text)
        self.closing = pairs(self.tokens)
        self.opening = {close: begin for begin, close in self.closing.items()}

    def without_first(self) -> str | None:
        """The text with try_cast for the first `?::`; None if there is none, but parameters that are cast."""
        index = next((i for i in range(len(self.tokens)) if self._is_cast(i)), None)
        if index is None:
            return None
        text, sign = self.source.text, self.tokens[index]
        begin = self.tokens[self._begin(index - 1)].start
        end = self.tokens[self._type_end(index + 2)].end
        colons = self.tokens[index + 1]
        return (
            f"{text[:begin]}try_cast({text[begin : sign.start].rstrip(' ')} AS "
            f"{text[colons.end : end].lstrip(' ')}){text[end:]}"
        )

    def _is_cast(self, index: int) -> bool:
        """A `?` that no operand stands before is a parameter."""
        touches = self._sign(index + 1) == "::" and self.tokens[index].end == self.tokens[index + 1].start
        return self._sign(index) == "?" and touches and self._ends_operand(index - 1)

    def _ends_operand(self, index: int) -> bool:
        token = self._token(index)
        if token.is_name:
            return self._word(index) not in _BEFORE_OPERAND or self._sign(index - 1) == "."
        return token.kind in _OTHERS or self._sign(index) in {")", "]", "?"}

    def _begin(self, last: int) -> int:
        """The first token of the operand that ends there: `::` binds to no more, as an index does."""
        index, before = last, self._before(last)
        while before is not None:
            index = before if self._ends_operand(before) else self._refuse(last)
            before = self._before(index)
        begin = self._with_prefix(index)
        return begin if self._can_begin(begin) else self._refuse(last)

    def _before(self, index: int) -> int | None:
        """The last token of what an operand goes on from; None where it begins."""
        if self._sign(index) == "]":
            opened = self.opening[index]
            return opened - 2 if self._sign(opened - 1) == ":" else opened - 1
        if self._sign(index) == ")":
            return self._before_bracket(self.opening[index])
        if self._token(index).kind is TokenKind.TEXT:
            return index - 1 if self._token(index - 1).kind is TokenKind.TEXT else None
        sign = self._sign(index - 1)
        if self._token(index).is_name and (sign in {".", "::"} or (sign == ":" and self._is_path(index - 1))):
            return index - 2
        return None

    def _before_bracket(self, opened: int) -> int | None:
        """A call ends with its bracket, and with those of FILTER, OVER and WITHIN GROUP."""
        word = self._word(opened - 1)
        if word in {"OVER", "FILTER"} and self._sign(opened - 2) == ")":
            return opened - 2
        if word == "GROUP" and self._word(opened - 2) == "WITHIN":
            return opened - 3
        called = self._token(opened - 1).is_name and word not in _NO_FUNCTIONS
        return opened - 1 if called and self._ends_operand(opened - 1) else None

    def _is_path(self, colon: int) -> bool:
        """A colon between two tokens without blanks reads JSON."""
        return self._token(colon - 1).end == self._token(colon).start and self._ends_operand(colon - 1)

    def _with_prefix(self, index: int) -> int:
        """Where it begins: a bracket, a CASE, or what belongs to a number, a literal or a parameter."""
        sign, token = self._sign(index - 1), self._token(index)
        if self._sign(index) == ")":
            return self.opening[index]
        if token.kind is TokenKind.TEXT and self._word(index - 1) in _LITERALS:
            return index - 1
        if token.kind is TokenKind.NUMBER and sign == "-" and not self._ends_operand(index - 2):
            return index - 1
        if token.is_name and sign == ":":
            return index - 1
        return self._case(index) if self._word(index) == "END" else index

    def _case(self, end: int) -> int:
        """Where the CASE begins that ends there."""
        depth, index = 0, end
        while index >= 0:
            depth += {"END": 1, "CASE": -1}.get(self._word(index), 0)
            if depth == 0:
                return index
            index = self.opening.get(index, index) - 1
            if index in self.closing:
                break
        return end

    def _can_begin(self, index: int) -> bool:
        """Does a sign, or a word that an operand follows, stand before it?"""
        before = self._token(index - 1)
        if before.kind is TokenKind.WORD:
            of_list = self._word(index - 1) == "IN" and self._sign(index) == "("
            return not (self._ends_operand(index - 1) or of_list)
        is_sign = before.kind is TokenKind.SIGN and before.text not in _NO_BEGIN
        return is_sign or before.kind is TokenKind.HINT_END

    def _type_end(self, index: int) -> int:
        """The last token of the type that begins there."""
        word = self._word(index)
        if not word:
            raise self.source.syntax_error(self._token(index - 1).end)
        if word in _NESTED and self._sign(index + 1) == "<":
            return self._angle(index + 1)
        if word == "INTERVAL" and self._word(index + 1) in _UNITS:
            to = self._word(index + 2) == "TO" and self._word(index + 3) in _UNITS
            return index + 3 if to else index + 1
        return self.closing[index + 1] if self._sign(index + 1) == "(" else index

    def _angle(self, opened: int) -> int:
        depth = 0
        for index in range(opened, len(self.tokens)):
            depth += {"<": 1, ">": -1}.get(self._sign(index), 0)
            if depth == 0:
                return index
        raise self.source.syntax_error(self.tokens[opened].start)

    def _refuse(self, last: int) -> int:
        instead = "write try_cast(operand AS type)"
        raise self.source.refused("`?::` behind this operand", instead, self.tokens[last].start)

    def _token(self, index: int) -> Token:
        """A token; a sign without text before the first and behind the last."""
        return self.tokens[index] if 0 <= index < len(self.tokens) else _NOTHING

    def _word(self, index: int) -> str:
        token = self._token(index)
        return token.text.upper() if token.kind is TokenKind.WORD else ""

    def _sign(self, index: int) -> str:
        token = self._token(index)
        return token.text if token.kind is TokenKind.SIGN else ""
