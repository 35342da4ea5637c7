"""Cuts the text of a cell into statements: at semicolons, but for those in literals, comments and scripts."""

from __future__ import annotations

from weir.define.sql.scanner import Token, TokenKind, UnreadableError, pieces

_BLOCKS = frozenset({"FOR", "IF", "LOOP", "REPEAT", "WHILE"})  # where a statement of a script may begin
_BEFORE_STATEMENT = frozenset({";", ":", "BEGIN", "DO", "ELSE", "LOOP", "REPEAT", "THEN"})


def statements_of(text: str) -> tuple[tuple[tuple[int, int], ...], int | None]:
    """Where the statements of a text begin and end, from first to last word.

    >>> text = "SET a = ';'; -- not; here"
    >>> [text[start:end] for start, end in statements_of(text)[0]]
    ["SET a = ';'"]

    Returns:
        The places, and the position of a quote or comment that does not end: what follows can't be read.
    """
    tokens, unread = _tokens(text)
    places: list[tuple[int, int]] = []
    statement: list[Token] = []
    for token in tokens:
        if token.text != ";" or _is_open_script(statement):
            statement.append(token)
        elif statement:
            places.append((statement[0].start, statement[-1].end))
            statement = []
    if statement and unread is None:
        places.append((statement[0].start, statement[-1].end))
    return tuple(places), unread


def _tokens(text: str) -> tuple[list[Token], int | None]:
    tokens: list[Token] = []
    unread = None
    try:
        for token in pieces(text):
            tokens.append(token)  # noqa: PERF402 - those before the error are kept
    except UnreadableError as error:
        unread = error.at
    return [t for t in tokens if t.kind is not TokenKind.COMMENT], unread


def _is_open_script(statement: list[Token]) -> bool:
    """Does a script, BEGIN ... END, go on behind these words?"""
    words = [t.text.upper() for t in statement]
    first = 2 if words[1:2] == [":"] else 0
    if words[first : first + 1] != ["BEGIN"]:
        return False
    depth = 0
    for before, word in zip(["", *words], words, strict=False):
        opens = word in {"BEGIN", "CASE"} or (word in _BLOCKS and before in _BEFORE_STATEMENT)
        depth += opens and before != "END"
        depth -= word == "END"
    return depth > 0
