"""SQL text as tokens: what a name, a word and an argument are, the same for clauses and files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import sqlglot
from sqlglot.tokens import Token, TokenType  # pyright: ignore[reportPrivateImportUsage]

from weir.model.names import quoted

_WORD = re.compile(r"[A-Za-z_]\w*")
CONSTANTS = frozenset({"NULL", "TRUE", "FALSE"})


class UnexpectedTokenError(ValueError):
    """The text goes on in another way."""


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text.

    Raises:
        sqlglot.errors.TokenError: A quote is not closed.
    """
    return sqlglot.tokenize(text, read="databricks")


def is_name(token: Token) -> bool:
    """Could it be a part of a name: in backquotes, or a word that is no number and no text?"""
    plain = token.token_type not in {TokenType.STRING, TokenType.NUMBER} and _WORD.fullmatch(token.text)
    return token.token_type is TokenType.IDENTIFIER or bool(plain)


@dataclass
class ClauseCursor:
    """Walks over tokens; where one is missing, an error."""

    text: str
    tokens: list[Token] = field(default_factory=list[Token])
    at: int = 0

    @classmethod
    def over(cls, text: str) -> ClauseCursor:
        """At the beginning of a text."""
        return cls(text, tokens_of(text))

    @property
    def done(self) -> bool:
        """Is nothing left?"""
        return self.at >= len(self.tokens)

    def sees(self, *words: str) -> bool:
        """Do these words come next?"""
        ahead = self.tokens[self.at : self.at + len(words)]
        return [t.text.upper() for t in ahead if t.token_type is not TokenType.STRING] == list(words)

    def take(self) -> Token:
        """The next token."""
        if self.done:
            raise UnexpectedTokenError("the end")
        self.at += 1
        return self.tokens[self.at - 1]

    def skip(self, *words: str) -> bool:
        """Go past these words if they come next."""
        sees = self.sees(*words)
        self.at += len(words) if sees else 0
        return sees

    def expect(self, *words: str) -> None:
        """Go past these words.

        Raises:
            UnexpectedTokenError: Something else comes.
        """
        if not self.skip(*words):
            raise UnexpectedTokenError(self.take().text)

    def end(self) -> None:
        """Nothing may be left.

        Raises:
            UnexpectedTokenError: Something is.
        """
        if not self.done:
            raise UnexpectedTokenError(self.take().text)

    def part(self) -> str:
        """One part of a name."""
        token = self.take()
        if not is_name(token):
            raise UnexpectedTokenError(token.text)
        return token.text

    def name(self) -> tuple[str, ...]:
        """A name with its dots."""
        parts = [self.part()]
        while self.skip("."):
            parts.append(self.part())
        return tuple(parts)

    def arguments(self) -> tuple[str, ...]:
        """Columns and constants between parentheses: columns in backquotes, constants as written."""
        self.expect("(")
        arguments: list[str] = []
        while not self.skip(")"):
            if arguments:
                self.expect(",")
            arguments.append(self._argument())
        return tuple(arguments)

    def _argument(self) -> str:
        token = self.take()
        constant = token.token_type in {TokenType.STRING, TokenType.NUMBER} or token.text.upper() in CONSTANTS
        if constant and token.token_type is not TokenType.IDENTIFIER:
            return self.text[token.start : token.end + 1]
        if not is_name(token):
            raise UnexpectedTokenError(token.text)
        return quoted(token.text)
