"""Runs the source files with an open registry; a broken file is a problem, the others still load."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from weir.define.notebooks import cells_in_other_languages
from weir.define.registry import Registry, collecting
from weir.model.blame import user_problem
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError


@contextmanager
def importable(roots: tuple[Path, ...]) -> Iterator[None]:
    """Put the sources' folders first on `sys.path`; afterwards forget what was imported from them.

    Two pipelines may each have a module `helpers`, and a second load must define anew.
    """
    paths = [str(r) for r in roots]
    before = list(sys.path)
    kept = set(sys.modules)
    sys.path[:0] = [p for p in paths if p not in before]
    try:
        yield
    finally:
        sys.path[:] = before
        # All of them first: a package without `__init__.py` asks its parent where it lies.
        for name in [n for n in set(sys.modules) - kept if _lies_below(sys.modules[n], roots)]:
            del sys.modules[name]


def helper_modules(roots: tuple[Path, ...]) -> list[Any]:
    """The modules that user code imported from its own folders."""
    return [m for m in list(sys.modules.values()) if _lies_below(m, roots)]


def _lies_below(module: Any, roots: tuple[Path, ...]) -> bool:
    """A folder without `__init__.py` is a package too: it has a path but no file."""
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), None)
    if not file or "site-packages" in file or f"{Path(__file__).parents[2]}" in file:
        return False
    return any(file.startswith(f"{r}/") for r in roots)


def load_sources(files: tuple[Path, ...], names: Mapping[str, Any]) -> Registry:
    """Execute the files one after the other.

    Args:
        files: Source files.
        names: Globals that each file finds, such as `spark`.

    Returns:
        A registry with what they defined, and a problem for each file that failed.
    """
    registry = Registry()
    with collecting(registry), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for file in files:
            problem = _load(file, names)
            if problem:
                registry.problems.extend(problem)
    return registry


def _load(file: Path, names: Mapping[str, Any]) -> tuple[Problem, ...]:
    # As `__main__`, like a notebook cell on Databricks: then Spark's workers get its functions by value.
    module = {"__name__": "__main__", "__file__": str(file), "__builtins__": __builtins__, **names}
    try:
        source = file.read_bytes()
        if foreign := tuple(cells_in_other_languages(source.decode(errors="replace"), str(file))):
            return foreign
        exec(compile(source, str(file), "exec"), module)  # noqa: S102 - what Weir is for
    except SyntaxError as error:
        return (_syntax_problem(error, file),)
    except WeirError as error:
        return error.problems
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever user code raises is a finding
        return (user_problem("PIPELINE_SOURCE_FAILED", error, Origin(str(file), 1)),)
    return ()


def _syntax_problem(error: SyntaxError, file: Path) -> Problem:
    shown = (error.text or "").strip()
    return Problem(
        "PARSE_SYNTAX_ERROR",
        f"{error.msg}: `{shown}`." if shown else f"{error.msg}.",
        Origin(error.filename or str(file), error.lineno or 1),
        "the file is no Python; the other files were still read",
    )
