"""Walks over the tokens of a SQL text."""

from __future__ import annotations

from weir.define.sql.scanner import Token, TokenKind, UnreadableError, pairs, scan
from weir.define.sql.source import SqlText
from weir.model.problems import WeirError

_END = Token(TokenKind.SIGN, "", -1, -1)


class Cursor:
    """A place in a text, and what comes next there."""

    def __init__(self, source: SqlText) -> None:
        self.source = source
        self.at: int = 0
        try:
            self.tokens = scan(source.text)
            self.pairs = pairs(self.tokens)
        except UnreadableError as error:
            raise source.syntax_error(error.at) from error

    def token(self, ahead: int = 0) -> Token:
        """The token so many after the next one; one without text at the end."""
        index = self.at + ahead
        return self.tokens[index] if 0 <= index < len(self.tokens) else _END

    def word(self, ahead: int = 0) -> str:
        """That token in capitals if it is a word, else nothing."""
        token = self.token(ahead)
        return token.text.upper() if token.kind is TokenKind.WORD else ""

    def sign(self, ahead: int = 0) -> str:
        """That token if it is a sign, else nothing."""
        token = self.token(ahead)
        return token.text if token.kind is TokenKind.SIGN else ""

    @property
    def done(self) -> bool:
        """Is nothing left?"""
        return self.at >= len(self.tokens)

    @property
    def position(self) -> int:
        """Where the next token stands; at the end, the end of the text."""
        return len(self.source.text) if self.done else self.tokens[self.at].start

    @property
    def behind(self) -> int:
        """Where the token before ends."""
        return self.tokens[self.at - 1].end

    def take(self) -> Token:
        """The next token, and past it."""
        if self.done:
            raise self.error()
        self.at += 1
        return self.tokens[self.at - 1]

    def sees(self, *words: str) -> bool:
        """Do these words come next?"""
        return all(self.word(ahead) == word for ahead, word in enumerate(words))

    def skip(self, *words: str) -> bool:
        """Go past these words if they come next."""
        sees = self.sees(*words)
        self.at += len(words) if sees else 0
        return sees

    def skip_sign(self, sign: str) -> bool:
        """Go past a sign if it comes next."""
        sees = self.sign() == sign
        self.at += sees
        return sees

    def expect_sign(self, sign: str) -> None:
        """Go past a sign that has to come next."""
        if not self.skip_sign(sign):
            raise self.error()

    def past_brackets(self) -> None:
        """Go past an opening bracket and all up to the one that closes it."""
        if self.at not in self.pairs:
            raise self.error()
        self.at = self.pairs[self.at] + 1

    def name(self) -> str:
        """One part of a name."""
        if not self.token().is_name:
            raise self.error()
        return self.take().name

    def names(self) -> tuple[str, ...]:
        """Names between brackets."""
        self.expect_sign("(")
        names = [self.name()]
        while self.skip_sign(","):
            names.append(self.name())
        self.expect_sign(")")
        return tuple(names)

    def error(self) -> WeirError:
        """The next token can't stand here."""
        return self.source.syntax_error(self.position)

    def text(self, start: int) -> str:
        """What stands between a position and the next token, which is not part of it."""
        return self.source.text[start : self.behind]
