"""Pages that tests execute: their files are written, their commands run and what these print is compared."""

from __future__ import annotations

import re

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pattern(text: str) -> str:
    """The text, in which `...` stands for anything within a line and blanks at the ends of lines do not count."""
    lines = (re.escape(line.rstrip()).replace(r"\.\.\.", ".*") for line in text.rstrip("\n").split("\n"))
    return r"[ \t]*\n".join(lines) + r"\s*"
