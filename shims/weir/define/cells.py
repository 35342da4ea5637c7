"""A cell of a source, and what the magics in it mean (specification §1.1).

A front end for another kind of file gives cells; one for another language loads them in `load.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from weir.model.origin import Origin

MAGIC = re.compile(r"(\s*)(%%?([A-Za-z][\w-]*)|!)[ \t]*(.*)")
INSTALLS = re.compile(r"(?:python3?\s+-m\s+)?(?:uv\s+)?pip3?\b\s*(.*)")
LANGUAGES = {"py": "python", "markdown": "md"}
# Magics that stand among lines of Python -> as which language their line is a cell; None for no cell at all.
LINE_MAGICS = {
    "pip": "pip", "conda": "conda", "run": "run", "sh": "sh", "fs": "fs",
    **dict.fromkeys((
        "autoreload", "capture", "config", "display", "env", "load_ext", "matplotlib", "reload_ext",
        "restart_python",
    )),
}  # fmt: skip
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
QUERY = re.compile(r"\s*\(*\s*(?:SELECT|WITH|FROM|VALUES|SHOW|DESCRIBE|DESC|EXPLAIN|LIST)\b", re.IGNORECASE)
SHOWS = re.compile(r"(?:ls|head|help)\b")
TIMES = frozenset({"time", "timeit"})  # the rest of their line is Python


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a source.

    Attributes:
        language: `python`, `sql`, or the name of another magic of a notebook: `md`, `pip`, `run`.
        text: Its code, without the magic and without what makes a notebook's cell a comment.
        origin: Where its first line stands.
    """

    language: str
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a notebook's cell.

    Attributes:
        may_be_magic: It is no magic otherwise, whatever it looks like.
    """

    text: str
    may_be_magic: bool = True


def notebook_cells(lines: Sequence[Line], language: str, file: str, first: int) -> Iterator[Cell]:
    """One cell of a notebook as cells: those of its line magics, and what is left of it.

    Args:
        language: The notebook's own.
        first: The number of its first line.
    """
    head, magic = _head(lines)
    if magic is None:
        yield from _cells(lines, language, file, first)
        return
    lines, first, own = lines[head:], first + head, language
    if magic[3] in {*LINE_MAGICS, *TIMES, None}:
        language = "python"
    else:
        language = LANGUAGES.get(magic[3], magic[3])
        lines = [Line(magic[4]), *lines[1:]]
    end = len(lines) if language == own else _end(lines)
    if language == "sql" and _shows(lines[:end]):
        language = "show" if own != "sql" else "sql"
    yield from _cells(lines[:end], language, file, first)
    if end < len(lines):
        yield from notebook_cells(lines[end:], own, file, first + end)


def _cells(lines: Sequence[Line], language: str, file: str, first: int) -> Iterator[Cell]:
    if language == "python":
        yield from _python(lines, file, first)
    else:
        yield Cell(language, "\n".join(line.text for line in lines), Origin(file, first))


def _end(lines: Sequence[Line]) -> int:
    """Where a cell in another language ends, though no line says so: what follows is not marked."""
    plain = (n for n, line in enumerate(lines) if line.text.strip() and not line.may_be_magic)
    return next(plain, len(lines))


def _shows(lines: Sequence[Line]) -> bool:
    """Does the SQL of a cell show rows and do nothing else? Then it is for people, as `display` is."""
    text = COMMENT.sub("", "\n".join(line.text for line in lines))
    statements = [statement for statement in text.split(";") if statement.strip()]
    return bool(statements) and all(QUERY.match(statement) for statement in statements)


def _head(lines: Sequence[Line]) -> tuple[int, re.Match[str] | None]:
    """The first line that is neither blank nor a comment, and its magic if it has one."""
    for number, line in enumerate(lines):
        if line.text.strip() and not line.text.lstrip().startswith(("#", "--")):
            return number, MAGIC.fullmatch(line.text) if line.may_be_magic else None
    return 0, None


def _python(lines: Sequence[Line], file: str, first: int) -> Iterator[Cell]:
    """Python between the magics that are cells of their own; every line keeps its number."""
    code: list[str] = []
    begin = 0
    for number, line in enumerate(lines):
        magic = _line_magic(line)
        if magic is None:
            code.append(line.text)
            continue
        language, text, instead = magic
        if language == "run":
            yield Cell("python", "\n".join(code), Origin(file, first + begin))
            code, begin = [], number
        if language:
            yield Cell(language, text, Origin(file, first + number))
        code.append(instead)
    yield Cell("python", "\n".join(code), Origin(file, first + begin))


def _line_magic(line: Line) -> tuple[str | None, str, str] | None:
    """The language and text of a line's magic, and the Python in its place."""
    match = MAGIC.fullmatch(line.text) if line.may_be_magic else None
    if match is None:
        return None
    indent, name, rest = match[1], match[3], match[4]
    if name == "fs" and SHOWS.match(rest):
        name = "display"
    nothing = f"{indent}pass" if indent else ""
    if name is None:
        installs = INSTALLS.fullmatch(rest)
        return ("pip", installs[1], nothing) if installs else ("sh", rest, nothing)
    if name in TIMES:
        return None, "", f"{indent}{rest}"
    return LINE_MAGICS.get(name, name), rest, nothing
