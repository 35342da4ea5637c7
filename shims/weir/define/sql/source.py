"""A SQL text with its place in the user's sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from weir.model.origin import Origin
from weir.model.problems import Problem, UnsupportedError, WeirError, unsupported


@dataclass(frozen=True, slots=True)
class SqlText:
    """A text and where it was written.

    Attributes:
        origin_at: The place of one of its lines, counted from 0: of a file that line itself, of a text in
            Python code the call that was given it.
        of_file: Its places are lines of a file, so that messages need not name them.
    """

    text: str
    origin_at: Callable[[int], Origin | None]
    of_file: bool = False

    @classmethod
    def in_file(cls, text: str, origin: Origin) -> SqlText:
        """A piece of a file, whose first line stands at a place."""
        return cls(text, lambda line: replace(origin, line=origin.line + line, sql=True), of_file=True)

    def piece(self, start: int, end: int) -> SqlText:
        """What stands between two positions."""
        above = self.text.count("\n", 0, start)

        def origin_at(line: int) -> Origin | None:
            return self.origin_at(above + line)

        return replace(self, text=self.text[start:end], origin_at=origin_at)

    def refused(self, what: str, instead: str, at: int) -> UnsupportedError:
        """The refusal of what stands at a position."""
        return unsupported(f"{what}{self._line(at)}", instead, self.origin_of(at))

    def problem(self, condition: str, message: str, at: int, hint: str | None = None) -> WeirError:
        """What is wrong at a position; the message has no full stop."""
        return WeirError(Problem(condition, f"{message}{self._line(at)}.", self.origin_of(at), hint))

    def syntax_error(self, at: int) -> WeirError:
        """The text can't go on like this."""
        near = self.text[at:].split(maxsplit=1)
        what = f"near `{near[0]}`" if near else "at its end"
        return self.problem("PARSE_SYNTAX_ERROR", f"The SQL text can't be read {what}", at)

    def origin_of(self, at: int) -> Origin | None:
        """The place of a position."""
        return self.origin_at(self.text.count("\n", 0, at))

    def _line(self, at: int) -> str:
        """Said of a text of several lines in Python code alone."""
        whole = self.text.strip()
        if self.of_file or "\n" not in whole:
            return ""
        return f" (line {self.text.count(chr(10), 0, at) + 1} of the SQL text)"
