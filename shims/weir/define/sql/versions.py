"""Which version of a table is read, and with which options: clauses of SQL that are a reader's options."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from weir.define.sql.expressions import Expressions
from weir.define.sql.literals import text_of, texts
from weir.define.sql.scanner import TokenKind
from weir.define.sql.tree import Content

_UNIT = (
    "YEAR", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND", "NANOSECOND",
)  # fmt: skip
_UNITS = frozenset((*_UNIT, *(f"{unit}S" for unit in _UNIT)))
_OPERATORS = frozenset({"+", "-", "*", "/", "||"})
_VERSION = re.compile(r"v(\d+)", re.IGNORECASE)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})")
INSTEAD = "give a number, a text or an expression of constants; a parameter is given by its name"


@dataclass
class Options:
    """Options of a reader: those with a value, and those whose value is an expression of constants."""

    given: dict[str, str] = field(default_factory=dict[str, str])
    computed: dict[str, str] = field(default_factory=dict[str, str])


class Versions(Expressions):
    """Reads AS OF, `@`, WITH (...) and bounds of versions."""

    def travel(self, options: Options) -> bool:
        """[FOR] VERSION or TIMESTAMP AS OF, if it comes next."""
        if self.sign() == "@":
            self._at_sign(options)
            return True
        if not self.opens_travel():
            return False
        self.skip("FOR")
        version = self.take().text.upper() in {"VERSION", "SYSTEM_VERSION"}
        self.at += 2
        key = "versionAsOf" if version else "timestampAsOf"
        self.constant(options, key, key, version=version)
        return True

    def _at_sign(self, options: Options) -> None:
        """`t@v3` or `t@20240131123000000`, without blanks."""
        sign, at = self.take(), self.token()
        version, time = _VERSION.fullmatch(at.text), _TIME.fullmatch(at.text)
        if self.tokens[self.at - 2].end != sign.start or sign.end != at.start or not (version or time):
            raise self.source.syntax_error(sign.start)
        self.at += 1
        if version:
            options.given["versionAsOf"] = version[1]
        elif time:
            year, month, day, hour, minute, second, millis = time.groups()
            options.given["timestampAsOf"] = f"{year}-{month}-{day} {hour}:{minute}:{second}.{millis}"

    def constant(self, options: Options, number: str, text: str, *, version: bool = False) -> None:
        """A number, a text, a parameter or an expression.

        Args:
            options: Where it goes.
            number: The option if it is a number.
            text: The option otherwise: a time.
            version: An expression is none.
        """
        token, start = self.token(), self.position
        if self.sign() == ":":
            value = self.parameter(start)
            options.given[number if isinstance(value, int) else text] = str(value)
        elif token.kind is TokenKind.NUMBER and token.text.isdecimal() and self.sign(1) not in _OPERATORS:
            options.given[number] = self.take().text
        elif token.kind is TokenKind.TEXT and self.sign(1) not in _OPERATORS:
            options.given[text] = texts(self)
        elif version:
            raise self.source.refused("A version that is an expression", INSTEAD, start)
        else:
            self._expression()
            options.computed[text] = self.text(start)

    def _expression(self) -> None:
        self._operand_of_time()
        while self.sign() in _OPERATORS:
            self.at += 1
            self._operand_of_time()

    def _operand_of_time(self) -> None:
        start = self.position
        if self.sign() in {"-", "+"}:
            self.at += 1
        if self.sees("INTERVAL"):
            self.interval()
            return
        if self.token().kind is TokenKind.WORD and not self.sees("CASE"):
            self.at += 1
            if self.sign() != "(" and self.token().kind is not TokenKind.TEXT:
                return
        if self.sign() == "(":
            if self.opens_query(1) or self._depends_on_rows(self.bracketed()):
                raise self.source.refused("A version or time that depends on rows", INSTEAD, start)
        elif self.token().kind in {TokenKind.TEXT, TokenKind.NUMBER}:
            self.at += 1
        else:
            raise self.source.refused("This version or time", INSTEAD, start)

    def _depends_on_rows(self, inside: Content) -> bool:
        return bool(inside.queries or inside.paths)

    def interval(self) -> None:
        """INTERVAL with its values and units."""
        if not self.skip("INTERVAL"):
            raise self.error()
        while self.token(1 if self.sign() in {"-", "+"} else 0).kind in {TokenKind.NUMBER, TokenKind.TEXT}:
            self.at += 2 if self.sign() in {"-", "+"} else 1
            self.at += self.word() in _UNITS
        if self.skip("TO"):
            self.at += 1

    def with_options(self, options: Options) -> bool:
        """WITH (key = value, ...), if it comes next."""
        if not self.sees("WITH") or self.sign(1) != "(":
            return False
        self.at += 1
        while self.sign() in {"(", ","}:
            self.at += 1
            self._option(options)
        self.expect_sign(")")
        return True

    def _option(self, options: Options) -> None:
        text = self.token().kind is TokenKind.TEXT
        key = text_of(self.take().text) if text else ".".join(self.path().parts)
        if self.sign() in {",", ")"}:  # a flag
            options.given[key] = "true"
            return
        self.skip_sign("=")
        token = self.token()
        literal = token.kind in {TokenKind.TEXT, TokenKind.NUMBER} or self.word() in {"TRUE", "FALSE"}
        if not literal:
            raise self.source.refused(
                f"A value of the option `{key}` that is not a literal", INSTEAD, self.position
            )
        options.given[key] = text_of(self.take().text) if token.kind is TokenKind.TEXT else self.take().text
