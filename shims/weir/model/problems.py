"""What is wrong, as data: a stable condition name, one sentence, a place, a hint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from weir.model.names import last_part
from weir.model.origin import Origin


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding about the user's definitions or arguments.

    Attributes:
        condition: Databricks' or Spark's name where they have one, so that a search finds their pages.
        message: One sentence.
        hint: What to do.
        detail: More lines for a person (the user's own traceback); not part of the JSON.
    """

    condition: str
    message: str
    origin: Origin | None = None
    hint: str | None = None
    detail: str | None = None

    def to_json(self) -> dict[str, object]:
        """The problem as `weir validate --json` prints it."""
        return {
            "condition": self.condition,
            "message": self.message,
            "file": self.origin.file if self.origin else None,
            "line": self.origin.line if self.origin else None,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        place = f"\n  at {self.origin}" if self.origin else ""
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        return f"[{self.condition}] {self.message}{place}{hint}"

    def with_hint(self) -> Problem:
        """A text that can't be read has a hint too, where nothing is known of what was meant."""
        if self.hint or self.condition != "PARSE_SYNTAX_ERROR":
            return self
        return replace(self, hint="correct the text there; what stands apart from it was still read")

    def with_consequences(self, names: Iterable[str]) -> Problem:
        """The same cause, naming the datasets that could not be resolved because of it."""
        listed = ", ".join(f"`{n}`" for n in names)
        if not listed:
            return self
        return replace(self, message=f"{self.message} Not resolved because of it: {listed}.")


class WeirError(Exception):
    """Stops a verb: one or more problems, causes first."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(p) for p in problems))


class DefinitionError(WeirError, RuntimeError):
    """A decorator or function of `dlt` was called wrongly."""


class UnsupportedError(WeirError, NotImplementedError):
    """Databricks has it, Weir refuses it by name rather than doing something else."""


def unsupported(what: str, instead: str, origin: Origin | None = None) -> UnsupportedError:
    """The refusal of a feature, with what to use instead."""
    return UnsupportedError(Problem("Unsupported", f"{what} is not supported here.", origin, instead))


def missing_extra(what: str, extra: str) -> UnsupportedError:
    """The refusal of what a plain installation of Weir leaves out, with the command that brings it."""
    text = f"{what} needs packages that are not installed."
    return UnsupportedError(Problem("MISSING_EXTRA", text, hint=f"pip install 'weir[{extra}]'"))


def closest(name: str, known: Iterable[str]) -> str | None:
    """A hint that names what was probably meant, if anything comes close.

    >>> closest("sliver", ["main.default.silver", "main.default.gold"])
    'did you mean `main.default.silver`?'
    """
    names = list(known)
    last = {last_part(n): n for n in names}
    hits = get_close_matches(name, names, 1, 0.75) or get_close_matches(last_part(name), list(last), 1, 0.75)
    return f"did you mean `{last.get(hits[0], hits[0])}`?" if hits else None
