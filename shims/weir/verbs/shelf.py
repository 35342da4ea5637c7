"""The verbs that need no Spark: what lies in a storage, read by delta-rs in milliseconds."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError

from weir.bundle.bundle import default_storage, find_bundle, read_bundle
from weir.model.names import by_ends, fold, meant
from weir.model.problems import Problem, WeirError, closest
from weir.run.lake.existing import PIPELINE, is_inactive
from weir.run.lake.storage import Storage, open_table
from weir.ui.output import print_json
from weir.ui.screen import console
from weir.ui.tables import rows_table


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table."""

    columns: list[str]
    rows: list[dict[str, Any]]


def run_show(table: str, limit: int, version: int | None, storage: str | None, as_json: bool) -> int:
    """`weir show`."""
    place = Storage(default_storage(storage))
    name = full_name(table, place)
    found = first_rows(place.table(name), limit, version)
    if found is None:
        raise WeirError(
            Problem("TABLE_NOT_READABLE", f"`{name}` has no such version.", hint="leave --version out")
        )
    if as_json:
        print_json({"table": name, "columns": found.columns, "rows": [plain(r) for r in found.rows]})
    else:
        console().print(rows_table(found.columns, found.rows, name))
    return 0


def run_list(folder: str, storage: str | None, as_json: bool) -> int:
    """`weir list`."""
    bundle_file = find_bundle(Path(folder))
    place = default_storage(storage, folder)
    pipelines = list(read_bundle(bundle_file, None).pipelines) if bundle_file else []
    tables = [_listed(name, Storage(place)) for name in Storage(place).tables()]
    if as_json:
        print_json({"pipelines": pipelines, "tables": tables})
        return 0
    screen = console()
    screen.print(rows_table(["pipeline"], [{"pipeline": p} for p in pipelines]))
    screen.print(rows_table(["name", "pipeline", "version", "inactive"], (_list_row(t) for t in tables)))
    return 0


def _listed(name: str, place: Storage) -> dict[str, Any]:
    state = place.state(name)
    return {
        "name": name,
        "pipeline": state.properties.get(PIPELINE) if state else None,
        "version": state.version if state else None,
        "inactive": state is not None and is_inactive(state),
    }


def _list_row(table: Mapping[str, Any]) -> dict[str, Any]:
    return {**table, "inactive": "inactive" if table["inactive"] else None}


def full_name(table: str, storage: Storage) -> str:
    """The one table in the storage whose name ends like this.

    Raises:
        WeirError: None or several.
    """
    tables = storage.tables()
    hits = meant(table, by_ends(tables))
    if len(hits) == 1:
        return hits[0]
    listed = ", ".join(hits or tables) or "none yet"
    raise WeirError(
        Problem(
            "TABLE_OR_VIEW_NOT_FOUND",
            f"`{table}` means {'several tables' if hits else 'no table'} in {storage.root}.",
            None,
            (None if hits else closest(fold(table), tables)) or f"there are: {listed}",
        )
    )


def first_rows(path: Path, limit: int, version: int | None) -> Rows | None:
    """The first rows of a Delta table, without a JVM; None if there is none."""
    if open_table(path) is None:
        return None
    try:
        table = DeltaTable(path, version=version)
        query = QueryBuilder().register("t", table)
        found = pa.table(query.execute(f"SELECT * FROM t LIMIT {int(limit)}"))
    except DeltaError:
        return None
    return Rows(found.column_names, found.to_pylist())


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON has it."""
    return {k: _plain(v) for k, v in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, (Decimal, bytes)):
        return str(value) if isinstance(value, Decimal) else value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, dict):
        return plain(value)
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value
