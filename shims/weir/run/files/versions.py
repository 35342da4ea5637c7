"""The versions of a source's columns, in a folder as Auto Loader keeps them (specification §7.2)."""

from __future__ import annotations

import json
from pathlib import Path

from pyspark.sql.types import StructType

from weir.run.files.columns import Columns

_FOLDER = "_schemas"
_FORMAT = "v1"


def latest(place: Path) -> Columns | None:
    """The newest version; None before the first."""
    numbers = _numbers(place)
    if not numbers:
        return None
    text = (place / _FOLDER / str(numbers[-1])).read_text(encoding="utf-8")
    content = json.loads(text.partition("\n")[2])
    parts = (content["dataSchemaJson"], content["partitionSchemaJson"])
    return Columns(*(StructType.fromJson(json.loads(part)) for part in parts))


def record(place: Path, columns: Columns) -> None:
    """Write the next version: whole or not at all."""
    folder = place / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    number = max(_numbers(place), default=-1) + 1
    content = {"dataSchemaJson": columns.data.json(), "partitionSchemaJson": columns.partitions.json()}
    draft = folder / f".{number}.draft"
    draft.write_text(f"{_FORMAT}\n{json.dumps(content)}\n", encoding="utf-8")
    draft.replace(folder / str(number))


def _numbers(place: Path) -> list[int]:
    return sorted(int(f.name) for f in (place / _FOLDER).glob("*") if f.name.isdigit())
