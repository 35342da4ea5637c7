"""Patterns of paths: Spark's, and those of Auto Loader, whose `*` goes across folders (§7.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from pathlib import Path

_GLOB = re.compile(r"[*?\[{]")
_STARS = re.compile(r"\\.|\[[^\]]*\]|\*")
_DEEPEST = 3


def has_glob(path: str) -> bool:
    """Is a path, or a part of one, a pattern?

    >>> has_glob("/a/*"), has_glob("/a")
    (True, False)
    """
    return bool(_GLOB.search(path))


def is_hidden(name: str) -> bool:
    """Does Spark pass over files and folders of this name?"""
    return name.startswith(".") or (name.startswith("_") and "=" not in name) or name.endswith("._COPYING_")


def before_globs(path: str) -> str:
    """The folder before the first part that is a pattern.

    >>> before_globs("/a/b*/c")
    '/a'
    """
    parts = path.split("/")
    return "/".join(parts[: next((n for n, part in enumerate(parts) if has_glob(part)), len(parts))])


def places(path: str) -> Iterator[Path]:
    """The files and folders that a pattern of Spark's means, or what a path that is none means."""
    for plain in _alternatives(path):
        if not has_glob(plain):
            yield Path(plain.replace("\\", ""))
            continue
        first, *parts = plain.split("/")
        found = [Path(first or "/")]
        for part in filter(None, parts):
            found = [child for place in found for child in _children(place, part)]
        yield from found


def _children(folder: Path, part: str) -> list[Path]:
    if not has_glob(part):
        child = folder / part.replace("\\", "")
        return [child] if child.exists() else []
    names = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    return [folder / name for name in names if matcher(part).fullmatch(name) and not is_hidden(name)]


def _alternatives(path: str) -> Iterator[str]:
    """Braces in which a slash stands are several patterns."""
    match = re.search(r"(?<!\\)\{([^{}]*)\}", path)
    if match is None or "/" not in match[1]:
        yield path
        return
    for choice in match[1].split(","):
        yield from _alternatives(path[: match.start()] + choice + path[match.end() :])


@cache
def matcher(pattern: str) -> re.Pattern[str]:
    """A pattern of Hadoop's; each star is a group, and it alone goes across folders.

    >>> bool(matcher("{a,b}[0-9]*").fullmatch("b7.json"))
    True
    """
    text, at, depth = "", 0, 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\" and at + 1 < len(pattern):
            at += 1
            text += re.escape(pattern[at])
        elif sign == "[" and "]" in pattern[at:]:
            end = pattern.index("]", at)
            text += "[" + re.sub(r"^[!^]", "^/", pattern[at + 1 : end]).replace("\\", r"\\") + "]"
            at = end
        else:
            depth += (sign == "{") - (sign == "}")
            signs = {"*": "(.*)", "?": "[^/]", "{": "(?:", "}": ")", ",": "|" if depth else ","}
            text += signs.get(sign, re.escape(sign))
        at += 1
    return re.compile(text, re.DOTALL)


def across(path: str) -> re.Pattern[str]:
    """Matches what Auto Loader's pattern means: `*` goes across folders, and the pattern is how paths begin.

    >>> bool(across("/a/*/c/").match("/a/x/y/c_1.json"))
    True
    """
    return matcher(path.rstrip("/"))


def within(path: str, files: Iterable[str]) -> Iterator[str]:
    """Spark's patterns that find what a pattern of Auto Loader's does, at the depths of some files.

    >>> list(within("/a/*/c", ["/a/x/c/1", "/a/x/y/c_1"]))
    ['/a/*/c*', '/a/*/*/c*']
    """
    matches = filter(None, map(across(path).match, files))
    return _at_depths(path, ([(group or "").count("/") for group in match.groups()] for match in matches))


def within_any(path: str) -> Iterator[str]:
    """The same for files that are still to come."""
    stars = across(path).groups
    return _at_depths(path, map(list, product(range(_DEEPEST), repeat=stars)))


def _at_depths(path: str, depths: Iterable[list[int]]) -> Iterator[str]:
    """The pattern, with as many slashes for each of its stars as is said."""
    stripped = path.rstrip("/")
    for counts in dict.fromkeys(map(tuple, depths)):
        left = iter(counts)
        spelled = _STARS.sub(lambda m, left=left: "*" + "/*" * next(left) if m[0] == "*" else m[0], stripped)
        yield spelled if spelled.endswith("*") else f"{spelled}*"


def any_of(patterns: Iterable[str]) -> str:
    """One pattern of Spark's for several absolute ones.

    >>> any_of(["/a/*", "/b/*"]), any_of(["/a/*"])
    ('/{a/*,b/*}', '/a/*')
    """
    known = [*dict.fromkeys(patterns)]
    inner = ",".join(_in_braces(pattern.removeprefix("/")) for pattern in known)
    return f"/{{{inner}}}" if len(known) > 1 else known[0]


def _in_braces(pattern: str) -> str:
    r"""A pattern for within braces: Hadoop takes a backslash away as it makes patterns of what stands there.

    >>> print(_in_braces("a,{b,c}"), _in_braces(r"\{"))
    a\,{b,c} \\\{
    """
    text, depth = "", 0
    for match in re.finditer(r"\\.|.", pattern, re.DOTALL):
        sign = match[0]
        depth += (sign == "{") - (sign == "}")
        text += f"\\\\{sign}" if len(sign) > 1 else "\\," if sign == "," and depth == 0 else sign
    return text
