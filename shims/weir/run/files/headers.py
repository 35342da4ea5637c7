"""The first lines of CSV files: which columns each file has, and in which order (specification §7.2)."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from weir.run.files.listing import SourceFile

_PART = 2**16  # signs that are read at a time
_OPENERS: Mapping[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}


class EncodingNameError(Exception):
    """There is no encoding of this name."""


def by_first_line(files: Iterable[SourceFile], options: Mapping[str, str]) -> dict[str, list[SourceFile]]:
    """Files by their first lines, in the order in which these come; empty files are left out.

    Args:
        files: CSV files.
        options: Those of the format, in lower case.

    Raises:
        EncodingNameError: They name an encoding that there is not.
    """
    try:
        codecs.lookup(encoding_of(options))
    except LookupError as error:
        raise EncodingNameError(str(error)) from error
    groups: dict[str, list[SourceFile]] = {}
    for file in files:
        line = _first_line(Path(file.path), options)
        if line:
            groups.setdefault(line, []).append(file)
    return groups


def encoding_of(options: Mapping[str, str]) -> str:
    """The encoding of files, as its name is written in the options of their format."""
    return options.get("encoding", options.get("charset", "utf-8"))


def _first_line(path: Path, options: Mapping[str, str]) -> str:
    """The first line that is neither empty nor a comment; nothing where there is none."""
    comment = options.get("comment")
    with _OPENERS.get(path.suffix, Path.open)(path, "rb") as file:
        text = io.TextIOWrapper(file, encoding_of(options), errors="replace", newline="")
        for raw in _lines(text, options.get("linesep")):
            line = raw.lstrip("\ufeff")
            if any(sign > " " for sign in line) and not (comment and line.startswith(comment)):
                return line
    return ""


def _lines(text: io.TextIOWrapper, separator: str | None) -> Iterator[str]:
    """The lines of a text; unless it is said what parts them, any of the three usual ends does."""
    if separator is None:
        yield from (line.rstrip("\r\n") for line in text)
        return
    rest = ""
    while part := text.read(_PART):
        *whole, rest = (rest + part).split(separator)
        yield from whole
    yield rest
