"""Whose fault an exception is: the user's frames are told from those of Weir, Spark and Python."""

from __future__ import annotations

import re
import traceback

from weir.model.advice import advice
from weir.model.origin import Origin, is_users
from weir.model.problems import Problem

_FOUND_IN = re.compile(r"(?<=') \(/.*\)$")  # where Python found a module of which a name is imported


def user_problem(condition: str, error: BaseException, fallback: Origin) -> Problem:
    """An exception of user code as a problem: the place is the innermost frame of the user's."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_users(f.filename)]
    origin = fallback
    if frames:
        origin = Origin(frames[-1].filename, frames[-1].lineno or 1, frames[-1].name)
    text = _FOUND_IN.sub("", str(error)).strip().splitlines() or [""]
    return Problem(
        condition,
        f"{type(error).__name__}: {text[0]}",
        origin,
        advice(error),
        detail="".join(traceback.format_list(frames)) + f"{type(error).__name__}: {error}",
    )
