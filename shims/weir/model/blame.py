"""Whose fault an exception is: the user's frames are told from those of Weir, Spark and Python."""

from __future__ import annotations

import shlex
import traceback
from pathlib import Path

from weir.model.origin import Origin, is_users, shorten
from weir.model.places import of_workspace, prefix_to_map
from weir.model.problems import Problem


def user_problem(condition: str, error: BaseException, fallback: Origin) -> Problem:
    """An exception of user code as a problem: the place is the innermost frame of the user's."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_users(f.filename)]
    origin = fallback
    if frames:
        origin = Origin(frames[-1].filename, frames[-1].lineno or 1, frames[-1].name)
    text = str(error).strip().splitlines() or [""]
    return Problem(
        condition,
        f"{type(error).__name__}: {text[0]}",
        origin,
        _hint(error),
        detail="".join(traceback.format_list(frames)) + f"{type(error).__name__}: {error}",
    )


def _hint(error: BaseException) -> str | None:
    if isinstance(error, NameError) and error.name in {"dlt", "dp"}:
        module = {"dlt": "import dlt", "dp": "from pyspark import pipelines as dp"}[error.name]
        return f"add `{module}` at the top of the file"
    if isinstance(error, FileNotFoundError) and of_workspace(str(error.filename)):
        return f"pass --map {shlex.quote(prefix_to_map(str(error.filename)))}=FOLDER"
    if isinstance(error, ModuleNotFoundError):
        return f"install `{error.name}`, or put its folder below {shorten(str(Path.cwd()))}"
    return None
