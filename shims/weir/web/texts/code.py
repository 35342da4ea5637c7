"""Source code as HTML, highlighted by Pygments; each token is escaped like any text."""

from __future__ import annotations

from pathlib import Path

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, String, _TokenType
from pygments.util import ClassNotFound

from weir.web.texts.html import Markup, join, tag

BEFORE, AFTER, LARGEST = 3, 60, 1_000_000
_CLASSES = {Keyword: "k", String: "s", Comment: "c", Number: "n", Name.Decorator: "n"}


def highlighted(path: Path, line: int) -> Markup | None:
    """The lines around one, with their numbers; None where the file can't be read.

    Args:
        path: A source file.
        line: The line to show, from 1 on.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.stat().st_size <= LARGEST else None
    except (OSError, UnicodeDecodeError):
        text = None
    if text is None:
        return None
    lines: list[list[Markup]] = [[]]
    for kind, value in _lexer(path).get_tokens(text):
        first, *others = value.split("\n")
        lines[-1].append(_token(kind, first))
        lines.extend([_token(kind, other)] for other in others)
    begin, end = max(0, line - 1 - BEFORE), line + AFTER
    rows = [
        tag("span", {"class": "here" if at == line else None}, tag("span", {"class": "no"}, at), tokens, "\n")
        for at, tokens in enumerate(lines[begin:end], begin + 1)
    ]
    return tag("pre", {"class": "code", "tabindex": 0}, rows)


def _token(kind: _TokenType, text: str) -> Markup:
    name = next((c for k, c in _CLASSES.items() if kind in k), None)
    return tag("span", {"class": name}, text) if name else join(text)


def _lexer(path: Path) -> Lexer:
    try:
        return get_lexer_for_filename(path.name)
    except ClassNotFound:
        return PythonLexer()
