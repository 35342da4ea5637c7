"""Packages that take the place of ours: dlthub's `dlt`, and databricks-connect's own pyspark."""

from __future__ import annotations

from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

import weir
from weir.model.problems import Problem, WeirError

OURS = Path(weir.__file__).resolve().parents[1] / "dlt" / "__init__.py"
RIVALS = {"dlt": "dlthub's package `dlt`", "databricks-dlt": "Databricks' package `databricks-dlt`"}


@cache
def refuse_conflicts() -> None:
    """Look once a process, in milliseconds.

    Raises:
        WeirError: One of them got in first; all of them by name, each with its cure.
    """
    problems = [p for p in (foreign_dlt(), foreign_spark()) if p is not None]
    if problems:
        raise WeirError(*problems)


def foreign_dlt() -> Problem | None:
    """Does `import dlt` find anything but ours?"""
    file = _module_file("dlt")
    for name, what in RIVALS.items():
        package = _installed(name)
        if package and Path(str(package.locate_file("dlt/__init__.py"))).resolve() == file:
            return Problem(
                "CONFLICTING_PACKAGE",
                f"`import dlt` finds {what} {package.version}, not Weir's module.",
                hint=f"pip uninstall {name}, then install Weir anew: both are called `dlt`",
            )
    if file == OURS:
        return None
    return Problem(
        "CONFLICTING_PACKAGE",
        f"`import dlt` finds {file or 'nothing'}, not Weir's module.",
        hint=f"take it off PYTHONPATH, or put {OURS.parents[1]} before it",
    )


def foreign_spark() -> Problem | None:
    """Is databricks-connect installed? It brings another pyspark under the same name."""
    package = _installed("databricks-connect")
    if package is None:
        return None
    return Problem(
        "CONFLICTING_PACKAGE",
        f"databricks-connect {package.version} is installed: it replaces pyspark by its own.",
        hint="pip uninstall databricks-connect pyspark, then install Weir anew; keep it in another "
        "virtual environment",
    )


def _module_file(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except ValueError:  # a module that somebody made up and put into sys.modules
        return None
    return Path(spec.origin).resolve() if spec and spec.origin else None


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None
