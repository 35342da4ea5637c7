"""Loads the cells of source files with an open registry; a broken file is a problem, the others still load.

`LOADERS` has a function for each language of a cell: a front end for another one is an entry there.
"""

from __future__ import annotations

import keyword
import linecache
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from weir.define.cells import Cell
from weir.define.entries import missing_entries
from weir.define.imports import FoldersElsewhere
from weir.define.includes import ARGUMENTS, arguments_of, with_runs
from weir.define.mentions import executed
from weir.define.notebooks import cells_of
from weir.define.registry import Registry, collecting, current
from weir.define.statements.load import load_sql
from weir.model.blame import user_problem
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest, unsupported


@contextmanager
def importable(roots: tuple[Path, ...]) -> Generator[None]:
    """Put the sources' folders first on `sys.path`; afterwards forget what was imported from them.

    Two pipelines may each have a module `helpers`, and a second load must define anew.
    """
    paths = [str(r) for r in roots]
    before = list(sys.path)
    before_modules = set(sys.modules)
    sys.path[:0] = [p for p in paths if p not in before]
    elsewhere = FoldersElsewhere(roots)
    sys.meta_path.append(elsewhere)
    try:
        yield
    finally:
        sys.meta_path.remove(elsewhere)
        sys.path[:] = before
        # All of them first: a package without `__init__.py` asks its parent where it lies.
        for name in [n for n in set(sys.modules) - before_modules if _lies_below(sys.modules[n], roots)]:
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


def load_sources(files: tuple[Path, ...], names: Mapping[str, Any], roots: tuple[Path, ...] = ()) -> Registry:
    """Execute the files one after the other.

    Args:
        files: Source files.
        names: Globals that each file finds, such as `spark`.
        roots: Folders where notebooks are looked for that `%run` names in full.

    Returns:
        A registry with what they defined, and a problem for each file that failed.
    """
    registry = Registry()
    with collecting(registry), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for file in files:
            before, known = _size(registry), len(registry.problems)
            problems = _load(file, names, roots)
            problems = missing_entries(executed(file, roots), names, problems) if problems else ()
            if problems or len(registry.problems) > known:
                registry.unloaded.append(file)
                registry.problems.extend(p for p in problems if p not in registry.problems)
            elif file.suffix.lower() == ".sql" and _size(registry) == before:
                place = Origin(str(file), 1)
                registry.notices[str(place)] = f"{place}: no statement of the file defines anything"
    return registry


def _size(registry: Registry) -> int:
    return len(registry.datasets) + len(registry.flows) + len(registry.problems)


def _load(file: Path, names: Mapping[str, Any], roots: tuple[Path, ...]) -> tuple[Problem, ...]:
    # As `__main__`, like a notebook cell on Databricks: then Spark's workers get its functions by value.
    module = {"__name__": "__main__", "__file__": str(file), "__builtins__": __builtins__, **names}
    try:
        cells, problems = loadable_cells(file, roots)
        for cell in cells if not problems else ():
            LOADERS[cell.language](cell, module)
    except SyntaxError as error:
        return (_syntax_problem(error, file),)
    except UnicodeDecodeError as error:
        return (_encoding_problem(error, file),)
    except WeirError as error:
        return error.problems
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever user code raises is a finding
        return (user_problem("PIPELINE_SOURCE_FAILED", error, Origin(str(file), 1)),)
    finally:
        if "dbutils" in names:  # a notebook that failed has not given back its arguments
            names["dbutils"].widgets.take_all()
    return problems


def loadable_cells(file: Path, roots: tuple[Path, ...]) -> tuple[tuple[Cell, ...], tuple[Problem, ...]]:
    """The cells of a file and of the notebooks that it runs, and what is wrong with these or refused.

    Raises:
        OSError, SyntaxError, UnicodeDecodeError, WeirError: A file can't be read.
    """
    problems: list[Problem] = []
    cells = tuple(with_runs(cells_of(file), roots, problems, (file.resolve(),)))
    return cells, (*problems, *_without_loader(cells))


def _python(cell: Cell, module: dict[str, Any]) -> None:
    """Execute a cell; its lines keep the numbers that they have in its file."""
    text = "\n" * (cell.origin.line - 1) + cell.text
    code = compile(text, cell.origin.file, "exec", dont_inherit=True)
    if not Path(cell.origin.file).is_file():  # tracebacks and `inspect` show what no file holds
        lines = text.splitlines(keepends=True)
        linecache.cache[cell.origin.file] = (len(text), None, lines, cell.origin.file)
    exec(code, module)  # noqa: S102 - what Weir is for


def _text(cell: Cell, module: dict[str, Any]) -> None:
    """Text for people."""
    del cell, module


def _shown(cell: Cell, module: dict[str, Any]) -> None:
    """A query between cells of Python defines nothing: its rows are for whoever looks at the notebook."""
    del module
    current().notices.setdefault(
        str(cell.origin), f"{cell.origin}: a query that only shows its rows is passed over"
    )


def _environment(cell: Cell, module: dict[str, Any]) -> None:
    """The environment of a notebook on serverless compute, as its export has it."""
    del module
    current().notices.setdefault(
        str(cell.origin), f"{cell.origin}: %environment is passed over: a pipeline has its own environment"
    )


def _installation(cell: Cell, module: dict[str, Any]) -> None:
    """Packages are the environment's: what a notebook installs for itself is told once."""
    del module
    magic = f"%{cell.language} {cell.text.strip()}"
    sentence = f"{cell.origin}: `{magic}` is passed over: install it in the environment of Weir"
    current().notices.setdefault(magic, sentence)


def _arguments(cell: Cell, module: dict[str, Any]) -> None:
    """Values of widgets for the notebook that `%run` names, until it has ended."""
    widgets = module["dbutils"].widgets
    if cell.text:
        widgets.give(arguments_of(cell.text))
    else:
        widgets.take()


Loader = Callable[[Cell, dict[str, Any]], None]
LOADERS: Mapping[str, Loader] = {
    "python": _python, "sql": load_sql, "md": _text, "md-sandbox": _text, "pip": _installation,
    "conda": _installation, "show": _shown, "environment": _environment, ARGUMENTS: _arguments,
}  # fmt: skip
HINTS = {
    "sh": "do it before the update, from your own shell",
    "fs": "do it before the update, in the folders that --map names",
}


def _without_loader(cells: tuple[Cell, ...]) -> Iterator[Problem]:
    """A problem for each cell that runs on Databricks and can't here: none is left out in silence."""
    for cell in cells:
        if cell.language not in LOADERS:
            hint = HINTS.get(cell.language, "keep it out of the pipeline's sources, or write it in Python")
            yield from unsupported(f"A cell %{cell.language}", hint, cell.origin).problems


def _syntax_problem(error: SyntaxError, file: Path) -> Problem:
    shown = (error.text or "").strip()
    return Problem(
        "PARSE_SYNTAX_ERROR",
        f"{error.msg}: `{shown}`." if shown else f"{error.msg}.",
        Origin(error.filename or str(file), error.lineno or 1),
        _keyword(shown) or "correct the syntax; the other files were still read",
    )


def _keyword(line: str) -> str | None:
    """The keyword that the first word of a line was meant to be."""
    first = line.partition(" ")[0]
    return closest(first, keyword.kwlist) if first.isidentifier() and first not in keyword.kwlist else None


def _encoding_problem(error: UnicodeDecodeError, file: Path) -> Problem:
    """A file that is not in UTF-8, or a user's own text that is not in what its code says."""
    if error.object != file.read_bytes():
        return user_problem("PIPELINE_SOURCE_FAILED", error, Origin(str(file), 1))
    return Problem(
        "PARSE_SYNTAX_ERROR",
        f"The file holds a byte that is not {error.encoding}: {error.object[error.start]:#04x}.",
        Origin(str(file), error.object[: error.start].count(b"\n") + 1),
        "save it as UTF-8, or say its encoding in the first line: # coding: latin-1",
    )
