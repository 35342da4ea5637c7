"""Texts and names that are constant: literals, what composes them, and parameters that were given."""

from __future__ import annotations

import re
from collections.abc import Mapping

from weir.define.sql.cursor import Cursor
from weir.define.sql.scanner import TokenKind, UnreadableError, scan

Parameters = Mapping[str, object]
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL)
_ESCAPED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def text_of(literal: str) -> str:
    """The value of a text literal as Spark reads it: raw, with escapes, or with doubled quotes."""
    if literal[0] in "rR":
        return literal[2:-1]
    quote, inner = literal[0], literal[1:-1]
    return _ESCAPE.sub(_unescaped, inner.replace(quote * 2, quote))


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        return chr(int(code, 16))
    return chr(int(match[3], 8)) if match[3] else _ESCAPED.get(match[4], match[4])


def parts_of(name: str) -> tuple[str, ...] | None:
    """The parts of a name; None if it is none."""
    try:
        tokens = scan(name)
    except UnreadableError:
        return None
    dots = all(t.text == "." for t in tokens[1::2])
    whole = len(tokens) % 2 == 1 and dots and all(t.is_name for t in tokens[::2])
    return tuple(t.name for t in tokens[::2]) if whole else None


def texts(cursor: Cursor) -> str:
    """Text literals beside each other are one."""
    text = ""
    while cursor.token().kind is TokenKind.TEXT:
        text += text_of(cursor.take().text)
    return text


class Constants(Cursor):
    """Reads what has to be constant."""

    parameters: Parameters

    def identifier(self) -> tuple[str, ...]:
        """IDENTIFIER(...): the parts of the name that it composes."""
        start = self.take().start
        self.expect_sign("(")
        text = self.composed(start)
        self.expect_sign(")")
        parts = parts_of(text)
        if parts is None:
            raise self.source.problem("PARSE_SYNTAX_ERROR", f"`{text}` is not a name", start)
        return parts

    def composed(self, start: int) -> str:
        """A text of literals and parameters, with || or concat between them."""
        text = self._term(start)
        while self.skip_sign("||"):
            text += self._term(start)
        return text

    def _term(self, start: int) -> str:
        if self.token().kind is TokenKind.TEXT:
            return texts(self)
        if self.sign() == ":" and self.token(1).is_name:
            return str(self.parameter(start))
        if self.sees("CONCAT") and self.sign(1) == "(":
            self.at += 1
            return self._concatenated(start)
        raise self.source.refused(
            "IDENTIFIER of an expression",
            "compose the name of texts and parameters, with || or concat",
            start,
        )

    def _concatenated(self, start: int) -> str:
        self.expect_sign("(")
        text = self.composed(start)
        while self.skip_sign(","):
            text += self.composed(start)
        self.expect_sign(")")
        return text

    def parameter(self, start: int) -> str | int:
        """The value of a parameter that stands for a name or a version."""
        self.expect_sign(":")
        name = self.name()
        value = self.parameters.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.source.problem(
                "UNBOUND_SQL_PARAMETER", f"`:{name}` has no value that is a text or a whole number", start,
                f"give it one: --conf parameters.{name}=VALUE, or in the bundle, `parameters` of the pipeline"
                if self.source.of_file
                else f'give it one: spark.sql(text, args={{"{name}": ...}})',
            )  # fmt: skip
        return value
