"""A SQL text with the names of tables replaced, whatever statement it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from weir.define.sql.scanner import Token, scan

# What stands before the name of a table; before a name of several parts that is known, anything may.
BEFORE_TABLES = frozenset(
    {"FROM", "INTO", "JOIN", "OVERWRITE", "TABLE", "UPDATE", "USING", "DESCRIBE", "EXISTS"}
)
Rename = Callable[[tuple[str, ...], bool], str | None]


def renamed(text: str, rename: Rename) -> str:
    """The text with other names for tables.

    Args:
        rename: Gives the SQL that stands for a name, None to leave it. It is told whether the statement makes
            the table.

    >>> renamed("INSERT INTO a.b.t SELECT v FROM u", lambda parts, makes: "`" + "_".join(parts) + "`")
    'INSERT INTO `a_b_t` SELECT v FROM `u`'
    """
    tokens = scan(text)
    made = _made(tokens)
    pieces: list[str] = []
    position = 0
    for first, last in _chains(tokens):
        parts = tuple(token.name for token in tokens[first : last + 1 : 2])
        if len(parts) == 1 and first != made and not _is_table(tokens, first):
            continue
        new = rename(parts, first == made)
        if new is not None:
            pieces += [text[position : tokens[first].start], new]
            position = tokens[last].end
    return "".join([*pieces, text[position:]])


def _made(tokens: Sequence[Token]) -> int | None:
    """The place of the name of the table that the statement makes."""
    words = [token.text.upper() for token in tokens]
    if "CREATE" not in words[:1] or "TABLE" not in words[:4]:
        return None
    after = words.index("TABLE") + 1
    return after + 3 if words[after : after + 3] == ["IF", "NOT", "EXISTS"] else after


def _chains(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The first and last tokens of all names: parts with dots between them."""
    place = 0
    while place < len(tokens):
        last = place
        if tokens[place].is_name:
            while last + 2 < len(tokens) and tokens[last + 1].text == "." and tokens[last + 2].is_name:
                last += 2
            yield place, last
        place = last + 1


def _is_table(tokens: Sequence[Token], place: int) -> bool:
    """Does a name of one part stand where tables do? A name in a WITH is none."""
    before = tokens[place - 1].text.upper() if place else ""
    name = tokens[place].text.upper()
    words = [token.text.upper() for token in tokens]
    named_here = (name, "AS", "(") in zip(words, words[1:], words[2:], strict=False)
    return before in BEFORE_TABLES and name not in {"IF", "TABLE", "VALUES"} and not named_here
