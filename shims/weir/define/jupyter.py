"""Jupyter's notebooks, `.ipynb`, as cells (specification §1.1)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from weir.define.cells import Cell, Line, notebook_cells
from weir.model.origin import Origin, in_cell
from weir.model.problems import Problem, WeirError

OF_DATABRICKS = "application/vnd.databricks.v1+notebook"


def jupyter_cells(file: Path) -> Iterator[Cell]:
    """The cells with code, which are counted with all others, from 1 on.

    Raises:
        OSError: The file can't be read.
        WeirError: It is no notebook.
    """
    notebook = _read(file)
    language = _language(notebook.metadata)
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code":
            lines = [Line(text) for text in cell.source.replace("\r\n", "\n").split("\n")]
            yield from notebook_cells(lines, language, in_cell(str(file), number), 1)


def _read(file: Path) -> Any:
    import nbformat  # noqa: PLC0415 - a tenth of a second, which only notebooks need

    text = file.read_text("utf-8-sig")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cells without an id, which Jupyter adds
        try:
            reads: Any = nbformat.reads  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            return reads(text, as_version=4)
        except Exception as error:
            raise WeirError(_no_notebook(file, error)) from error


def _language(metadata: Any) -> str:
    """The language of the cells that have no magic."""
    given = (
        metadata.get(OF_DATABRICKS, {}).get("language"),
        metadata.get("kernelspec", {}).get("language"),
        metadata.get("language_info", {}).get("name"),
    )
    return next((language.lower() for language in given if language), "python")


def _no_notebook(file: Path, error: Exception) -> Problem:
    return Problem(
        "PARSE_SYNTAX_ERROR",
        f"The file is no Jupyter notebook: {type(error).__name__}.",
        Origin(str(file), 1),
        "save it again in Jupyter, or export it as a source file: File > Export > Source file",
    )
