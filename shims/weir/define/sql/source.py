"""A SQL text with its place in the user's sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from weir.model.origin import Origin
from weir.model.problems import Problem, UnsupportedError, WeirError, unsupported


@dataclass(frozen=True, slots=True)
class SqlText:
    """A text and where it was written.

    Attributes:
        origin_at: The place of one of its lines, counted from 0: of a file that line itself, of a text in
            Python code the call that was given it.
    """

    text: str
    origin_at: Callable[[int], Origin | None]

    def refused(self, what: str, instead: str, at: int) -> UnsupportedError:
        """The refusal of what stands at a position."""
        return unsupported(f"{what}{self._line(at)}", instead, self._origin(at))

    def problem(self, condition: str, message: str, at: int, hint: str | None = None) -> WeirError:
        """What is wrong at a position; the message has no full stop."""
        return WeirError(Problem(condition, f"{message}{self._line(at)}.", self._origin(at), hint))

    def syntax_error(self, at: int) -> WeirError:
        """The text can't go on like this."""
        near = self.text[at:].split(maxsplit=1)
        what = f"near `{near[0]}`" if near else "at its end"
        return self.problem("PARSE_SYNTAX_ERROR", f"The SQL text can't be read {what}", at)

    def _origin(self, at: int) -> Origin | None:
        return self.origin_at(self.text.count("\n", 0, at))

    def _line(self, at: int) -> str:
        """Said of a text of several lines alone."""
        whole = self.text.strip()
        return f" (line {self.text.count(chr(10), 0, at) + 1} of the SQL text)" if "\n" in whole else ""
