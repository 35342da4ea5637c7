"""What of a configuration is secret: an entry by its name, a part of its value by the word before it."""

from __future__ import annotations

import re
from collections.abc import Mapping

REDACTED = "*********(redacted)"
_WORDS = "secret|password|passwd|pwd|token|credential|jaas|access.?key|private.?key|signature"
_NAME = re.compile(_WORDS, re.IGNORECASE)
_IN_VALUE = re.compile(rf"((?:{_WORDS}|\bsig)\w*\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s;&,]+)", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?<=://)([^/@\s:]*:)[^/@\s]+(?=@)")


def redacted(entries: Mapping[str, str]) -> dict[str, str]:
    """Entries as a log may keep them.

    >>> redacted({"api.token": "abc", "jdbc": "jdbc:pg://h/db?user=ana&password=abc"})
    {'api.token': '*********(redacted)', 'jdbc': 'jdbc:pg://h/db?user=ana&password=*********(redacted)'}
    """
    return {name: REDACTED if _NAME.search(name) else _without_secrets(v) for name, v in entries.items()}


def _without_secrets(value: str) -> str:
    shown = _IN_VALUE.sub(rf"\g<1>{REDACTED}", str(value))
    return _IN_ADDRESS.sub(rf"\g<1>{REDACTED}", shown)
