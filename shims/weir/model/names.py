"""Names of datasets: one to three parts, `LIVE.`, backquotes, folded to lower case as Unity Catalog does.

A table's identity is `catalog.schema.table`, a temporary view's is its bare name (specification §1.3, §1.5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PART = re.compile(r"\s*(?:`((?:[^`]|``)+)`|([^.`\s]+))\s*(\.|$)")
_PLAIN = re.compile(r"[^\s.`/]+")
MAX_PARTS = 3


class BadNameError(ValueError):
    """The text is no name of one to three parts."""


def split(text: str) -> tuple[str, ...]:
    """Split a name at its dots, outside of backquotes.

    >>> split("main.`my schema`.t")
    ('main', 'my schema', 't')
    """
    parts: list[str] = []
    position = 0
    while True:
        match = _PART.match(text, position)
        if not match:
            raise BadNameError(text)
        parts.append(match[1].replace("``", "`") if match[1] else match[2])
        position = match.end()
        if match[3] != ".":
            break
    if position != len(text) or len(parts) > MAX_PARTS:
        raise BadNameError(text)
    return tuple(parts)


def is_full(text: str) -> bool:
    """Is it a name of all three parts?"""
    try:
        return len(split(text)) == MAX_PARTS
    except BadNameError:
        return False


def quoted(part: str) -> str:
    """A name of one part in backquotes, as SQL has it."""
    return f"`{part.replace('`', '``')}`"


def text_literal(text: str) -> str:
    """A text as SQL has it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def join(parts: tuple[str, ...]) -> str:
    """The inverse of `split`: parts that need it stand in backquotes."""
    return ".".join(p if _PLAIN.fullmatch(p) else quoted(p) for p in parts)


def without_live(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the legacy prefix `LIVE.`, which is an alias of the default schema (§1.5)."""
    return parts[1:] if len(parts) > 1 and parts[0].lower() == "live" else parts


@dataclass(frozen=True, slots=True)
class Namespace:
    """The pipeline's default catalog and schema, against which shorter names resolve."""

    catalog: str = "main"
    schema: str = "default"

    def table(self, text: str) -> str:
        """The full name of the table that `text` means."""
        parts = without_live(split(text))
        full = (self.catalog, self.schema, *parts)[-MAX_PARTS:] if len(parts) == 1 else parts
        full = (self.catalog, *full)[-MAX_PARTS:]
        return join(full).lower()

    @staticmethod
    def view(text: str) -> str:
        """The identity of a temporary view: its bare name."""
        return join(without_live(split(text))).lower()
