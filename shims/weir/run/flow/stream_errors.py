"""What Spark and Delta say when the sources of a stream are no longer what it knows, with a cure."""

from __future__ import annotations

import re

from weir.model.names import for_shell
from weir.plan.foresight import ANOTHER, CHANGED, DELETED, cure

_REFUSED = re.compile(
    rf"\[({CHANGED}|{DELETED}|{ANOTHER}|DELTA_SCHEMA_CHANGED\w*|DELTA_STREAMING_\w*SCHEMA\w*)\](.*)",
    re.DOTALL,
)

# Spark and Delta read the offsets of one source as those of another.
_OTHER_SOURCES = re.compile(
    r"Did not find value which can be converted into long"
    r"|There are \[\d+\] sources in the checkpoint offsets and now there are"
)


def source_refused(message: str, table: str) -> str | None:
    """A condition, a message in one line, and what to do; None if an error is about something else.

    Args:
        table: The table that the stream writes.
    """
    if _OTHER_SOURCES.search(message):
        return (
            "[STREAM_SOURCES_CHANGED] The flow reads other sources than its checkpoint knows.\n"
            "  hint: give the flow another name, so that it reads all of them, "
            f"or start over: weir run --full-refresh {for_shell(table)}"
        )
    match = _REFUSED.search(message)
    if match is None:
        return None
    sentence = " ".join(match[2].split())
    return f"[{match[1]}] {sentence}\n  hint: {cure(match[1], table)}"
