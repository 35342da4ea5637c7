"""Texts of users on their way out: what would steer a terminal, or no file can hold, stands there escaped.

And values that are none yet, as texts; and texts that are only compared, as a hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

LONGEST_CELL, LONGEST_TEXT = 2_000, 50_000  # characters that a person is shown
# Control characters, marks that turn the direction of what follows, halves of surrogate pairs.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_ENDS = re.compile("[\t\n]")


def one_line(text: str, longest: int = LONGEST_TEXT) -> str:
    r"""A text as it stands in a table or within a sentence; a very long one is cut, and says so.

    >>> print(one_line("a\n[b]\x1b[31m"))
    a\n[b]\x1b[31m
    """
    return _LINE_ENDS.sub(_escape, _UNSHOWN.sub(_escape, _cut(text, longest)))


def lines(text: str) -> str:
    """A text that keeps its lines and tabs."""
    return _UNSHOWN.sub(_escape, _cut(text, LONGEST_TEXT))


def value_text(value: Any) -> str:
    """A value as options, properties and YAML write it.

    >>> value_text(True), value_text(1)
    ('true', '1')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def fingerprint(parts: Iterable[str]) -> str:
    """One hash of several texts."""
    return sha256("\0".join(parts).encode()).hexdigest()


def encodable(text: str) -> str:
    r"""The same text where it is Unicode; half a surrogate pair becomes its escape, as JSON has it.

    >>> print(encodable("é\ud800"))
    é\ud800
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({len(text):,} characters)"
