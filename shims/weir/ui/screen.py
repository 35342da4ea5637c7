"""The one console: what it is given is text, never markup, emoji codes or escapes of a terminal."""

from __future__ import annotations

import os
from typing import Any

from rich.console import Console
from rich.text import Text

from weir.model.texts import LONGEST_CELL, lines, one_line

PIPED_WIDTH = 200


class Screen(Console):
    """Shows texts as they are, wherever in a table or tree they stand."""

    def render_str(self, text: str, **options: Any) -> Text:
        """A text as rich has it."""
        return super().render_str(lines(text), **options)

    def on_broken_pipe(self) -> None:
        """Nobody reads any more, which ends nothing: what comes goes nowhere."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())

    def say(self, sentence: str, style: str = "") -> None:
        """A sentence of our own with texts of the user's in it, in one line."""
        self.print(Text(one_line(sentence), style), soft_wrap=True)


def console(*, stderr: bool = False) -> Screen:
    """A console; piped output is wide enough for names to stay in one piece."""
    screen = _screen(stderr=stderr)
    return screen if screen.is_terminal else _screen(stderr=stderr, width=PIPED_WIDTH)


def plain(text: object, style: str = "") -> Text:
    """A text of the user's in one line."""
    return Text(one_line(str(text), LONGEST_CELL), style)


def _screen(**options: Any) -> Screen:
    return Screen(markup=False, emoji=False, highlight=False, **options)
