"""The names of parameters in a SQL text, `:name` (specification §5.3)."""

from __future__ import annotations

from collections.abc import Iterator

from weir.define.sql.scanner import Token, TokenKind, scan

PREFIX = "parameters."
"""What the keys of parameters begin with among the entries of a configuration."""


def parameter_names(text: str) -> tuple[str, ...]:
    """The parameters that a text may have, in their order.

    >>> parameter_names("SELECT raw:a, ':b' FROM t WHERE d > :since AND k = :since")
    ('since',)

    Raises:
        UnreadableError: The text can't be cut into words.
    """
    return tuple(dict.fromkeys(_names(scan(text))))


def _names(tokens: tuple[Token, ...]) -> Iterator[str]:
    for before, colon, name in zip((None, *tokens), tokens, tokens[1:], strict=False):
        is_sign = colon.text == ":" and colon.kind is TokenKind.SIGN and colon.end == name.start
        is_path = (
            before is not None and before.end == colon.start and (before.is_name or before.text in {")", "]"})
        )
        if is_sign and name.is_name and not is_path:
            yield name.name
