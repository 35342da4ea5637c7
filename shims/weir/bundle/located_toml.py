"""TOML values that know the line they stand on, which Python's own reader does not tell."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, cast

from weir.bundle.located_yaml import LocatedValue
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError

Keys = tuple[str, ...]
_WORD = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+)"""
_KEY = rf"({_WORD}(?:\s*\.\s*{_WORD})*)"
_TABLE = re.compile(rf"\s*\[\[?\s*{_KEY}\s*\]")
_ENTRY = re.compile(rf"\s*{_KEY}\s*=")
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def load_toml(file: Path) -> LocatedValue:
    """Read a TOML file.

    Raises:
        WeirError: The file can't be read or is no TOML, with the line.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        message = f"Can't read `{file.name}`: {error.strerror}."
        raise WeirError(Problem("PATH_NOT_READABLE", message, hint="make it a readable file")) from error
    except UnicodeDecodeError as error:
        raise WeirError(_broken(file, 1, "the file is not UTF-8")) from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else len(text.splitlines())
        raise WeirError(_broken(file, line, _PLACE.sub("", str(error)))) from error
    return _located(content, (), lines_of(text), str(file))


def lines_of(text: str) -> dict[Keys, int]:
    r"""Where each key of a text is written first.

    >>> lines_of('name = "a"\n[conf]\na."b.c" = 1\n')
    {('name',): 1, ('conf',): 2, ('conf', 'a'): 3, ('conf', 'a', 'b.c'): 3}
    """
    lines: dict[Keys, int] = {}
    table: Keys = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = path = _parts(header[1])
        elif entry := _ENTRY.match(line):
            path = (*table, *_parts(entry[1]))
        else:
            continue
        for length in range(1, len(path) + 1):
            lines.setdefault(path[:length], number)
    return lines


def _parts(key: str) -> Keys:
    """The parts of a dotted key, without its quotes."""
    try:
        node: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:  # it looked like a key, within a text of several lines
        return ()
    parts: list[str] = []
    while node != 0:
        part, node = next(iter(node.items()))
        parts.append(part)
    return tuple(parts)


def _located(value: Any, path: Keys, lines: dict[Keys, int], file: str) -> LocatedValue:
    def below(child: Any, *key: str) -> LocatedValue:
        return _located(child, (*path, *key), lines, file)

    above = (lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines)
    origin = Origin(file, next(above, 1))
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        value = {key: below(child, key) for key, child in entries.items()}
    elif isinstance(value, list):
        value = [below(child) for child in cast("list[Any]", value)]
    return LocatedValue(value, origin, origin)


def _broken(file: Path, line: int, why: str) -> Problem:
    hint = 'write KEY = "VALUE", and put keys with other signs than letters, digits, _ and - into quotes'
    return Problem("TOML_SYNTAX_ERROR", f"Broken TOML: {why}.", Origin(str(file), line), hint)
