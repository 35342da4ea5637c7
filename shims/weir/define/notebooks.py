"""Notebooks that Databricks keeps as Python files, where cells in another language are comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from weir.model.origin import Origin
from weir.model.problems import Problem, unsupported

CELL = "# COMMAND ----------"
MAGIC = re.compile(r"# MAGIC\s+%(\S+)")
WITHOUT_CODE = frozenset({"md", "md-sandbox", "pip"})  # a missing package is told where it is imported
HINTS = {
    "sql": "write the dataset in Python, with spark.sql for its query",
    "run": "import what it defines from a Python module",
}


def cells_in_other_languages(text: str, file: str) -> Iterator[Problem]:
    """A problem for each cell that runs on Databricks and that Python reads as comments.

    Args:
        text: The text of a source file, notebook or not.
        file: Its path.
    """
    cell_has_magic = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(CELL):
            cell_has_magic = False
        elif not cell_has_magic and (magic := MAGIC.match(line)):
            cell_has_magic = True
            if magic[1] not in WITHOUT_CODE:
                hint = HINTS.get(magic[1], "keep it out of the pipeline's sources, or write it in Python")
                yield from unsupported(f"A cell %{magic[1]}", hint, Origin(file, number)).problems
