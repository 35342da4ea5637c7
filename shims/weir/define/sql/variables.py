"""`${key}` in SQL: replaced as text before anything is read, in literals too, not in comments (§5.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from weir.define.sql.scanner import TokenKind, UnreadableError, pieces
from weir.define.sql.source import SqlText

ValueOf = Callable[[str], str | None]
_VARIABLE = re.compile(r"\$\{(?:(\w+):)?([^\s}]+)\}")
_OF_CONFIGURATION = frozenset({None, "spark", "sparkconf", "hiveconf", "hivevar"})


def substituted(source: SqlText, value_of: ValueOf) -> SqlText:
    """The text with the values of its variables.

    Args:
        source: As written.
        value_of: The value of a key of the configuration; None if there is none.

    Raises:
        UnsupportedError: A variable is not of the configuration.
        WeirError: A variable has no value.
    """
    if "${" not in source.text:
        return source
    comments = _comments(source)
    text, at = "", 0
    for match in _VARIABLE.finditer(source.text):
        if any(start <= match.start() < end for start, end in comments):
            continue
        text += source.text[at : match.start()] + _value(source, match, match.start(), value_of, frozenset())
        at = match.end()
    return replace(source, text=text + source.text[at:])


def _value(source: SqlText, match: re.Match[str], at: int, value_of: ValueOf, within: frozenset[str]) -> str:
    """The value of a variable, in which others may stand."""
    kind, key = match[1], match[2]
    if kind not in _OF_CONFIGURATION:
        instead = "put the value into the pipeline's configuration"
        raise source.refused(f"The variable `{match[0]}`", instead, at)
    value = None if key in within else value_of(key)
    if value is None:
        raise source.problem(
            "UNRESOLVED_VARIABLE", f"`{match[0]}` has no value", at,
            f"set `{key}` in the pipeline's configuration, or weir run --conf {key}=VALUE",
        )  # fmt: skip
    inner = within | {key}
    return _VARIABLE.sub(lambda m: _value(source, m, at, value_of, inner), value)


def _comments(source: SqlText) -> list[tuple[int, int]]:
    try:
        return [(t.start, t.end) for t in pieces(source.text) if t.kind is TokenKind.COMMENT]
    except UnreadableError:  # the quote may be closed by a value
        return []
