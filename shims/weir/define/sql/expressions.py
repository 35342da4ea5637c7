"""Expressions: names of several parts and queries in them; the rest is none of our business."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from weir.define.sql.clauses import Clauses
from weir.define.sql.scanner import TokenKind
from weir.define.sql.tree import Content, Path, Query, Star

Span = tuple[int, int]
_BEFORE_STAR = frozenset({"SELECT", "DISTINCT", "ALL"})


@dataclass
class _ExpressionParts:
    """What an expression held so far.

    Attributes:
        variables: Those of lambdas, for each open bracket; they are known up to the next comma there.
    """

    paths: list[Path] = field(default_factory=list[Path])
    queries: list[Query] = field(default_factory=list[Query])
    words: set[str] = field(default_factory=set[str])
    aliases: set[str] = field(default_factory=set[str])
    variables: list[set[str]] = field(default_factory=lambda: [set()])
    star: bool = False
    stars: list[Star] = field(default_factory=list[Star])

    @property
    def within_brackets(self) -> bool:
        """Is a bracket open?"""
        return len(self.variables) > 1

    def path(self, path: Path) -> None:
        """A variable of a lambda comes before any column."""
        if not any(path.parts[0].lower() in known for known in self.variables):
            self.paths.append(path)

    def sign(self, sign: str) -> None:
        """A bracket, a comma or another."""
        if sign in {"(", "["}:
            self.variables.append(set())
        elif sign in {")", "]"}:
            self.variables.pop()
        elif sign == ",":
            self.variables[-1].clear()

    def content(self) -> Content:
        """All of it."""
        return Content(
            paths=tuple(self.paths),
            queries=tuple(self.queries),
            words=frozenset(self.words),
            aliases=frozenset(self.aliases),
            star=self.star,
            stars=tuple(self.stars),
        )


class Expressions(Clauses):
    """Reads expressions."""

    @abstractmethod
    def query(self) -> Query:
        """A whole query."""

    def content(self, ends: Callable[[], bool] = lambda: False) -> Content:
        """Expressions up to a bracket that was open before, the end, or where it is said to end."""
        parts = _ExpressionParts()
        while not self.done:
            if not parts.within_brackets and (self.sign() in {")", "]", ";"} or ends()):
                break
            self._element(parts)
        return parts.content()

    def bracketed(self) -> Content:
        """What stands between the brackets that open here."""
        self.at += 1
        content = self.content()
        self.expect_sign(")")
        return content

    def _element(self, parts: _ExpressionParts) -> None:
        token = self.token()
        if token.is_name:
            self._name(parts)
        elif token.kind is TokenKind.HINT:
            self._hint(parts)
        elif self.sign() == "(" and self.opens_query(1):
            self.at += 1
            parts.queries.append(self.query())
            self.expect_sign(")")
        elif self.sign() == "(" and self.sign(self.pairs[self.at] - self.at + 1) == "->":
            parts.variables[-1].update(name.lower() for name in self.names())
        else:
            self._sign(parts, token.text)

    def _sign(self, parts: _ExpressionParts, sign: str) -> None:
        self.at += 1
        parts.sign(sign)
        parts.star |= sign == "*"
        if sign == "*" and (self.sign(-2) == "," or self.word(-2) in _BEFORE_STAR):
            self._star(parts, ())
        if sign in {".", ":"} and self.token().kind in {TokenKind.WORD, TokenKind.QUOTED, TokenKind.TEXT}:
            self.at += 1  # a field of what stands before, or a parameter

    def _name(self, parts: _ExpressionParts) -> None:
        if self.sign(1) == "->":
            parts.variables[-1].add(self.take().name.lower())
            return
        if self.word(-1) == "AS":
            parts.aliases.add(self.token().name.lower())
        path = self.path()
        parts.words.update(part.lower() for part in path.parts)
        parts.star |= path.star
        if path.star:
            self._star(parts, path.parts)
        function = self.sign() == "("
        if not function and (path.star or len(path.parts) > 1):
            parts.path(path)

    def _star(self, parts: _ExpressionParts, qualifier: tuple[str, ...]) -> None:
        """One that is selected: not that of count(*)."""
        if parts.within_brackets:
            return
        excepts = self.sees("EXCEPT") and self.sign(1) == "(" and not self.opens_query(2)
        left_out = self.token(1).end if excepts else None
        parts.stars.append(Star(qualifier, self.behind, left_out))

    def path(self) -> Path:
        """A name with its dots."""
        parts: list[str] = []
        spans: list[Span] = []
        start, composed = self.position, False
        while True:
            composed |= self._part(parts, spans)
            if self.sign() != "." or not (self.token(1).is_name or self.sign(1) == "*"):
                break
            self.at += 1
            if self.skip_sign("*"):
                return Path(tuple(parts), self._spans(spans, start, composed=composed), star=True)
        return Path(tuple(parts), self._spans(spans, start, composed=composed))

    def _part(self, parts: list[str], spans: list[Span]) -> bool:
        """One part, or those that IDENTIFIER(...) composes."""
        if self.sees("IDENTIFIER") and self.sign(1) == "(":
            parts.extend(self.identifier())
            return True
        token = self.take()
        parts.append(token.name)
        spans.append((token.start, token.end))
        return False

    def _spans(self, spans: list[Span], start: int, *, composed: bool) -> tuple[Span, ...]:
        return ((start, self.behind),) * 2 if composed else tuple(spans)

    def _hint(self, parts: _ExpressionParts) -> None:
        """Names between the brackets of a hint may be relations."""
        self.at += 1
        while self.token().kind is not TokenKind.HINT_END:
            if self.token().is_name and self.sign(-1) in {"(", ","}:
                path = self.path()
                parts.path(Path(path.parts, path.spans, hint=True))
            else:
                self.take()
        self.at += 1
