"""A SQL text as tokens, cut as Spark 4.2's own lexer cuts it; comments are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

_PIECE = re.compile(
    r"""
      (?P<BLANK> \s+ )
    | (?P<COMMENT> --(?:\\\n|[^\r\n])* )
    | (?P<HINT> /\*\+ )
    | (?P<TEXT> [rR]'[^']*' | [rR]"[^"]*" | '(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*"
        | \$(?P<tag>[A-Za-z]*)\$.*?\$(?P=tag)\$ )
    | (?P<QUOTED> `(?:[^`]|``)*` )
    | (?P<NUMBER> (?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?(?:[bB][dD]|[lLsSyYdDfF])?(?!\w) )
    | (?P<PLACEHOLDER> \{[^{}]*\} )
    | (?P<WORD> \w+ )
    | (?P<SIGN> ::|->|=>|\|>|\|\||<=>|. )
    """,
    re.VERBOSE | re.DOTALL,
)
_BRACKET = re.compile(r"/\*(?!\+)|\*/")
_PAIRS = {")": "(", "]": "["}


class TokenKind(Enum):
    """What a token is."""

    WORD = auto()
    QUOTED = auto()
    TEXT = auto()
    NUMBER = auto()
    PLACEHOLDER = auto()
    HINT = auto()
    HINT_END = auto()
    COMMENT = auto()
    SIGN = auto()


_KINDS = {kind.name: kind for kind in TokenKind}


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its place: the position of its first character and that after its last."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        """Could it be a part of a name?"""
        return self.kind in {TokenKind.WORD, TokenKind.QUOTED}

    @property
    def name(self) -> str:
        """The part of a name that it is."""
        return self.text[1:-1].replace("``", "`") if self.kind is TokenKind.QUOTED else self.text


class UnreadableError(ValueError):
    """The text can't be cut at a position: a quote or a bracket is alone."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def pieces(text: str) -> Iterator[Token]:
    """All tokens, comments among them.

    Raises:
        UnreadableError: A quote is not closed.
    """
    at, in_hint = 0, False
    while at < len(text):
        kind, end = _piece(text, at, in_hint=in_hint)
        if kind is not None:
            in_hint = kind is TokenKind.HINT or (in_hint and kind is not TokenKind.HINT_END)
            yield Token(kind, text[at:end], at, end)
        at = end


def _piece(text: str, at: int, *, in_hint: bool) -> tuple[TokenKind | None, int]:
    """What stands at a position, None for blanks, and where it ends."""
    if in_hint and text.startswith("*/", at):
        return TokenKind.HINT_END, at + 2
    if text.startswith("/*", at) and not text.startswith("/*+", at):
        return TokenKind.COMMENT, _comment_end(text, at)
    match = _PIECE.match(text, at)
    if match is None or match.lastgroup is None or match[0] in {"'", '"', "`"}:
        raise UnreadableError(at)
    return _KINDS.get(match.lastgroup), match.end()


def _comment_end(text: str, at: int) -> int:
    """After the end of a comment, in which others may stand."""
    depth = 0
    for bracket in _BRACKET.finditer(text, at):
        depth += 1 if bracket[0] == "/*" else -1
        if depth == 0:
            return bracket.end()
    raise UnreadableError(at)


@lru_cache(maxsize=64)  # a statement is scanned for its names, its parameters and its clauses
def scan(text: str) -> tuple[Token, ...]:
    """The tokens of a text without its comments.

    Raises:
        UnreadableError: A quote is not closed.
    """
    return tuple(token for token in pieces(text) if token.kind is not TokenKind.COMMENT)


def pairs(tokens: tuple[Token, ...]) -> dict[int, int]:
    """Index of each opening bracket -> index of the one that closes it.

    Raises:
        UnreadableError: A bracket is alone.
    """
    closing: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind is not TokenKind.SIGN:
            continue
        if token.text in {"(", "["}:
            opened.append(index)
        elif token.text in _PAIRS:
            if not opened or tokens[opened[-1]].text != _PAIRS[token.text]:
                raise UnreadableError(token.start)
            closing[opened.pop()] = index
    if opened:
        raise UnreadableError(tokens[opened[-1]].start)
    return closing
