"""`%run`: the cells of another notebook take the place of the cell that names it (specification §1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from weir.define.cells import Cell
from weir.define.notebooks import cells_of
from weir.model.problems import Problem, closest, unsupported

ARGUMENTS = "arguments"  # the language of a cell that gives widgets their values
SUFFIXES = ("", ".py", ".sql", ".ipynb")
_ARGUMENT = r"""\s+\$(\w+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'$]+)"""
_RUN = re.compile(rf"""\s*("[^"]*"|'[^']*'|.*?)((?:{_ARGUMENT})*)\s*""")


def with_runs(
    cells: Iterable[Cell], roots: tuple[Path, ...], problems: list[Problem], above: tuple[Path, ...] = ()
) -> Iterator[Cell]:
    """The cells with those of the notebooks that they run, and of those that these run.

    Args:
        roots: Where a path of a workspace is looked for.
        problems: Receives one for each notebook that is missing, or that runs itself.
        above: The notebooks that led here.

    Raises:
        OSError, SyntaxError, UnicodeDecodeError, WeirError: A notebook can't be read.
    """
    for cell in cells:
        if cell.language != "run":
            yield cell
        elif re.search(r"\s\$\w", _parts(cell)[0]):
            what = 'write %run path $name="value", or give it in the pipeline\'s configuration'
            problems.extend(unsupported("This form of an argument of %run", what, cell.origin).problems)
        elif (file := _notebook(cell, roots)) is None:
            problems.append(_missing(cell))
        elif file in above:
            problems.append(_circle(cell, file))
        else:
            yield from _with_arguments(cell, with_runs(cells_of(file), roots, problems, (*above, file)))


def arguments_of(text: str) -> dict[str, str]:
    """The values behind the path of `%run`: those of widgets of the notebook that is run.

    >>> arguments_of(' $env="dev" $day = 3')
    {'env': 'dev', 'day': '3'}
    """
    return {name: value.strip("\"'") for name, value in re.findall(_ARGUMENT, text)}


def _with_arguments(run: Cell, cells: Iterator[Cell]) -> Iterator[Cell]:
    """The cells of a notebook between one that gives its widgets values and one that takes them away."""
    _, arguments = _parts(run)
    if not arguments:
        yield from cells
        return
    yield Cell(ARGUMENTS, arguments, run.origin)
    yield from cells
    yield Cell(ARGUMENTS, "", run.origin)


def _parts(run: Cell) -> tuple[str, str]:
    """The path of a notebook, and what stands behind it."""
    match = _RUN.fullmatch(run.text)
    return (match[1], match[2]) if match else (run.text, "")


def _notebook(cell: Cell, roots: tuple[Path, ...]) -> Path | None:
    """The notebook beside the one that runs it; a path of a workspace: its longest tail below a root."""
    path = _path(cell)
    parts = path.parts[1:] if path.is_absolute() else ()
    tails = (Path(*parts[n:]) for n in range(len(parts)))
    candidates = [_folder(cell) / path, *(root / tail for tail in tails for root in roots)]
    files = (Path(f"{candidate}{suffix}") for candidate in candidates for suffix in SUFFIXES)
    return next((file.resolve() for file in files if file.is_file()), None)


def _path(cell: Cell) -> Path:
    return Path(_parts(cell)[0].strip("\"'").strip())


def _folder(cell: Cell) -> Path:
    """A cell of a Jupyter notebook names its number behind the file: the folder is the same."""
    return Path(cell.origin.file).parent


def _missing(cell: Cell) -> Problem:
    path = _path(cell)
    siblings = [file.stem for file in (_folder(cell) / path).parent.glob("*")]
    where = "below the folder of the sources" if path.is_absolute() else "where the path leads"
    return Problem(
        "NOTEBOOK_NOT_FOUND",
        f"%run names the notebook `{path}`, which is not there.",
        cell.origin,
        closest(path.stem, siblings) or f"put it {where}, as .py, .sql or .ipynb",
    )


def _circle(cell: Cell, file: Path) -> Problem:
    return Problem(
        "NOTEBOOK_RUNS_ITSELF",
        f"%run leads back to `{file.name}`, which is being run.",
        cell.origin,
        "move what both notebooks need into a third one",
    )
