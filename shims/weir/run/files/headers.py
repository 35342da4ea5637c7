"""The first lines of CSV files: which columns each file has, and in which order (specification §7.2)."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from weir.run.files.listing import SourceFile

_OPENERS: Mapping[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}


def by_first_line(files: Iterable[SourceFile], options: Mapping[str, str]) -> dict[str, list[SourceFile]]:
    """Files by their first lines, in the order in which these come; empty files are left out.

    Args:
        files: CSV files.
        options: Those of the format, in lower case.
    """
    encoding = options.get("encoding", options.get("charset", "utf-8"))
    groups: dict[str, list[SourceFile]] = {}
    for file in files:
        line = _first_line(Path(file.path), encoding, options.get("comment"))
        if line:
            groups.setdefault(line, []).append(file)
    return groups


def _first_line(path: Path, encoding: str, comment: str | None) -> str:
    """The first line that is neither empty nor a comment; nothing where there is none."""
    with _OPENERS.get(path.suffix, Path.open)(path, "rb") as file:
        for raw in file:
            line = raw.decode(encoding, errors="replace").lstrip("\ufeff").rstrip("\r\n")
            if line.strip() and not (comment and line.startswith(comment)):
                return line
    return ""
