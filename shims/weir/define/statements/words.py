"""A place among the words of a statement, and what is expected there."""

from __future__ import annotations

from difflib import get_close_matches

from weir.define.sql.literals import Parameters, text_of
from weir.define.sql.queries import Queries
from weir.define.sql.scanner import Token, TokenKind, UnreadableError, pairs, scan
from weir.define.sql.source import SqlText
from weir.model.problems import WeirError

_STATEMENTS = frozenset({"CREATE", "SET", "USE"})
_QUERY = ("SELECT", "WITH", "FROM", "VALUES", "TABLE")


class Words(Queries):
    """Walks over a statement; where a word is missing, says which."""

    def __init__(self, source: SqlText, parameters: Parameters) -> None:
        _refuse_lone_brackets(source)
        super().__init__(source, parameters)

    def expected(self, *phrases: str) -> WeirError:
        """The next word is none of those that can stand here."""
        token = self.token()
        found = f"`{token.text}` is unexpected" if token.text else "The statement ends too early"
        near = get_close_matches(token.text.upper(), {w for p in phrases for w in p.split()}, 1, 0.7)
        hint = f"did you mean `{near[0]}`?" if near and near[0] != token.text.upper() else None
        if self.at and self.begins_statement():
            hint = "a semicolon is missing before it, if a statement begins there"
        elif begun := [p for p in phrases if token.text and p.startswith(f"{token.text.upper()} ")]:
            hint = f"write {' or '.join(begun)}"
        listed = ", ".join(phrases[:-1]) + (" or " if phrases[1:] else "") + phrases[-1]
        # Where the text ends, its last word is the place.
        at = self.position if token.text or not self.tokens else self.tokens[-1].start
        return self.source.problem("PARSE_SYNTAX_ERROR", f"{found}: expected {listed}", at, hint)

    def begins_statement(self) -> bool:
        """Do the words of a statement come next?"""
        return self.sees("APPLY", "CHANGES") or self.word() in _STATEMENTS

    def begins_line(self) -> bool:
        """Does the next token stand in another line than the one before?"""
        return "\n" in self.source.text[self.behind : self.position]

    def error(self) -> WeirError:
        """The next token can't stand here."""
        return self.expected("something else")

    def expect(self, *words: str) -> None:
        """Go past words that have to come next."""
        for word in words:
            if not self.skip(word):
                raise self.expected(word)

    def expect_sign(self, sign: str) -> None:
        """Go past a sign that has to come next."""
        if not self.skip_sign(sign):
            raise self.expected(f"`{sign}`")

    def name(self) -> str:
        """One part of a name."""
        if not self.token().is_name:
            raise self.expected("a name")
        return self.take().name

    def parts(self) -> tuple[str, ...]:
        """A name with its dots, or what IDENTIFIER(...) composes."""
        if not self.token().is_name:
            raise self.expected("a name")
        path = self.path()
        if path.star:
            raise self.source.syntax_error(path.spans[-1][1])
        return path.parts

    def literal(self) -> str:
        """A text literal; those beside each other are one."""
        if self.token().kind is not TokenKind.TEXT:
            raise self.expected("a text in quotes")
        text = ""
        while self.token().kind is TokenKind.TEXT:
            text += text_of(self.take().text)
        return text

    def finish(self, *phrases: str) -> None:
        """Nothing may be left."""
        if not self.done:
            raise self.expected(*phrases, "the end of the statement")

    def query_here(self) -> SqlText:
        """All that is left, which has to be a query."""
        if not self.opens_query():
            raise self.expected(*_QUERY)
        start, end = self.position, self.tokens[-1].end
        self.at = len(self.tokens)
        return self.source.piece(start, end)

    def plain(self, begin: int, end: int) -> str:
        """Some tokens as one line, without comments."""
        return plain(self.tokens[begin:end])

    def bracket_content(self) -> str:
        """What stands between the brackets that open here, as one line."""
        if self.at not in self.pairs:
            raise self.expected("`(`")
        begin, end = self.at + 1, self.pairs[self.at]
        self.at = end + 1
        return self.plain(begin, end)


def _refuse_lone_brackets(source: SqlText) -> None:
    try:
        pairs(scan(source.text))
    except UnreadableError as error:
        what = f"The bracket `{source.text[error.at]}` has no counterpart"
        raise source.problem("PARSE_SYNTAX_ERROR", what, error.at) from error


def plain(tokens: tuple[Token, ...]) -> str:
    """Tokens as one line: blanks where there are some, no comments."""
    text, end = "", tokens[0].start if tokens else 0
    for token in tokens:
        text += (" " if token.start > end else "") + token.text
        end = token.end
    return text
