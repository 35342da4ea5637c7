"""Which files of a folder define datasets: repositories also hold dashboards, generators and scripts."""

from __future__ import annotations

import re
from pathlib import Path

from weir.define.cells import Cell
from weir.define.mentions import executed
from weir.define.statements.preview import statements_in
from weir.define.statements.values import CreateDataset, CreateFlow
from weir.model.problems import UnsupportedError, WeirError

_DECORATES = re.compile(
    r"\b(?:import\s+dlt\b|from\s+dlt\b|dlt\.\w+\(|(?:pyspark|databricks)(?:\.| import )pipelines?\b)|@dlt\.\w"
    # By another name, or by one that is not imported: a file with such a mistake is not passed over.
    r"|@\w+\.(?:append_flow|expect\w*|materialized_view|table|temporary_view|update_flow|view)\b"
    r"|\b\w+\.(?:apply_changes|create_auto_cdc|create_sink|create_streaming_)\w*\("
    r"|\budf\.register\("  # a function that the SQL of other files may call
)
# A statement that can't be read, by its first words; names of kinds may be misspelt.
_DEFINES = re.compile(
    r"\s*(?:APPLY\b|CREATE\s+(?:OR\s+\w+\s+)?(?:FLOW|INC|LIVE|MAT|PRIV|REFRESH|STR|TEMP))", re.IGNORECASE
)


def defines_datasets(file: Path, roots: tuple[Path, ...]) -> bool:
    """Does a file, or a notebook that it runs, say anything about datasets, be it rightly or wrongly?

    Args:
        file: A source file.
        roots: Folders where notebooks are looked for that `%run` names in full.
    """
    return any(_defines(cell) for cell in executed(file, roots))


def _defines(cell: Cell) -> bool:
    if cell.language == "python":
        return _DECORATES.search(cell.text) is not None
    return cell.language == "sql" and any(
        isinstance(said, CreateDataset | CreateFlow) or (_is_wrong(said) and _DEFINES.match(source.text))
        for source, said in statements_in(cell)
    )


def _is_wrong(said: object) -> bool:
    """It can't be read; a statement that is refused makes something else."""
    return isinstance(said, WeirError) and not isinstance(said, UnsupportedError)
