"""What Delta's streaming source says when its table is no longer what the stream knows, with a cure."""

from __future__ import annotations

import re

from weir.plan.foresight import ANOTHER, CHANGED, DELETED, cure

_REFUSED = re.compile(
    rf"\[({CHANGED}|{DELETED}|{ANOTHER}|DELTA_SCHEMA_CHANGED\w*|DELTA_STREAMING_\w*SCHEMA\w*)\](.*)",
    re.DOTALL,
)


def source_refused(message: str, table: str) -> str | None:
    """Delta's condition and message in one line, and what to do; None if it is about something else.

    Args:
        table: The table that the stream writes.
    """
    match = _REFUSED.search(message)
    if match is None:
        return None
    sentence = " ".join(match[2].split())
    return f"[{match[1]}] {sentence}\n  hint: {cure(match[1], table)}"
