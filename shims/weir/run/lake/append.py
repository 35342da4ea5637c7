"""Rows appended to the tables that Weir writes for itself, without Spark; readers need no pyarrow."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake
from pyarrow.json import ParseOptions, ReadOptions, read_json

from weir.model.texts import encodable

OWN: Mapping[str, str | None] = {"delta.checkpointInterval": "20"}


def append_rows(path: Path, rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> str | None:
    """Append to a table of our own; what went wrong, in a line: an update fails for none."""
    try:
        data = _table([_encodable(row) for row in rows], schema)
        write_deltalake(path, data, mode="append", schema_mode="merge", configuration=OWN)
    except BaseException as error:  # noqa: BLE001 - delta-rs' panics are no Exceptions
        return str(error).partition("\n")[0]
    return None


def _table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """By way of JSON: to make arrays of Python's values pyarrow imports pandas, for a third of a second."""
    lines = "\n".join(json.dumps(row, default=datetime.isoformat) for row in rows).encode()
    options = ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    return read_json(io.BytesIO(lines), ReadOptions(block_size=len(lines) + 1), options).cast(schema)


def _encodable(value: Any) -> Any:
    """The same with texts that a file can hold."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, Mapping):
        return {name: _encodable(cell) for name, cell in value.items()}
    return [_encodable(v) for v in value] if isinstance(value, (list, tuple)) else value
