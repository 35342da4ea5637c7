"""Paths as Spark and Delta write them, and as this machine has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from weir.model.folders import GOES_ON, text_of
from weir.model.names import quoted, split

_ELSEWHERE = re.compile(r"(?!file:)\w+:")


def local_file(path: str) -> Path:
    """A path as Spark and Hadoop write it, with or without its scheme: nothing in it is encoded."""
    return Path(path.removeprefix("file://").removeprefix("file:"))


def folder_of(path: str) -> str:
    """The folder of a path as Spark writes it, links followed; as it is where it is not on this machine."""
    return path if _ELSEWHERE.match(path) else str(local_file(path).resolve())


def local_folder(uri: str) -> Path:
    """The folder of a URI, such as delta-rs gives for a table."""
    return Path(unquote(urlsplit(uri).path))


def delta_at(folder: Path | str) -> str:
    """How SQL names the Delta table in a folder."""
    return f"delta.{quoted(str(folder))}"


def folder_of_delta(name: str) -> str | None:
    """The folder of a table that is named by it.

    >>> folder_of_delta("delta.`/a/b`"), folder_of_delta("delta.people"), folder_of_delta("`")
    ('/a/b', None, None)
    """
    try:
        kind, folder = split(name)
    except ValueError:  # also BadNameError
        return None
    return folder if kind.lower() == "delta" and set(folder) & set("/:.") else None


def literal_glob(path: str) -> str:
    """A path for Spark's file formats, which take it for a pattern."""
    return re.sub(r"[\[\]{}*?\\]", r"\\\g<0>", path)


def named(folder: Path, *, sign: str = "%") -> Iterator[tuple[str, Path]]:
    """What the folders in a folder stand for, each with its place, sorted; folders of others are left out."""
    for place in _places(folder):
        text = text_of(place.relative_to(folder).parts, sign=sign)
        if text is not None:
            yield text, place


def _places(folder: Path) -> Iterator[Path]:
    for child in sorted(folder.glob("*")):
        if child.name.endswith(GOES_ON):
            yield from _places(child)
        elif child.is_dir():
            yield child
