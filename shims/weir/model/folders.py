"""Texts as names of folders and back: all file systems take them, whatever the locale.

A text is percent-encoded, blanks apart; one that is too long for a folder lies in several, one in the other,
of which all but the last end in a plus sign. In the folders of Delta tables an exclamation mark stands for
the percent sign, which Delta's libraries decode once too often.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

GOES_ON = "+"  # neither this nor the next is left as it is by percent-encoding
DELTA = "!"
LOG = "_delta_log"
LONGEST = 255  # bytes, on all file systems in use
_UNFIT = re.compile(r"%[0-9A-Fa-f]{2}|\$\{|[\[\]^|\\\x00-\x1f\x7f\ud800-\udfff]")


def folders(text: str, *, sign: str = "%", limit: int = LONGEST) -> tuple[str, ...]:
    """The folders that stand for a text that is not empty: one, for all but the longest.

    Args:
        text: Any text.
        sign: Stands before two digits for a byte.
        limit: How many bytes a folder's name may have.

    >>> folders("campañas"), folders("..", sign=DELTA)
    (('campa%C3%B1as',), ('!2E!2E',))
    """
    encoded = quote(text, safe=" ").replace("%", sign)
    if len(encoded) <= limit:
        return (_distinct(encoded, sign),)
    step = limit - len(GOES_ON)
    *first, last = (encoded[at : at + step] for at in range(0, len(encoded), step))
    return (*(f"{chunk}{GOES_ON}" for chunk in first), _distinct(last, sign))


def _distinct(folder: str, sign: str) -> str:
    """Neither a folder that means another one, nor the log of a Delta table."""
    if folder == LOG:
        return folder.replace("_", f"{sign}5F", 1)
    return folder if folder.strip(".") else folder.replace(".", f"{sign}2E")


def text_of(parts: tuple[str, ...], *, sign: str = "%") -> str | None:
    """The text that folders stand for; None for folders that stand for none."""
    encoded = "".join(part.removesuffix(GOES_ON) for part in parts)
    text = unquote(encoded.replace(sign, "%"))
    return text if text and folders(text, sign=sign) == parts else None


def texts_of(parts: tuple[str, ...], *, sign: str = "%") -> tuple[str, ...] | None:
    """The texts whose folders lie one in the other; None if some stand for none."""
    texts: list[str | None] = []
    begin = 0
    for end, part in enumerate(parts, 1):
        if not part.endswith(GOES_ON) or end == len(parts):
            texts.append(text_of(parts[begin:end], sign=sign))
            begin = end
    known = tuple(text for text in texts if text is not None)
    return known if len(known) == len(texts) else None


def unfit(path: str) -> str | None:
    """What in a path Spark or Delta's libraries take for something else; None where nothing is.

    >>> unfit("/home/josé/100% & más"), unfit("/data/a%20b")
    (None, '%20')
    """
    match = _UNFIT.search(path)
    return match[0] if match else None
