"""The verbs that need no Spark: what lies in a storage, read by delta-rs in milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from weir.bundle.bundle import default_storage, find_bundle, read_bundle
from weir.history.tables import first_rows, full_name, tables_of
from weir.model.problems import Problem, WeirError
from weir.run.lake.storage import Storage
from weir.ui.output import print_json
from weir.ui.screen import console
from weir.ui.tables import rows_table
from weir.views.rows import plain


def run_show(table: str, limit: int, version: int | None, storage: str | None, as_json: bool) -> int:
    """`weir show`."""
    place = Storage(default_storage(storage))
    name = full_name(table, place)
    content = first_rows(place.table(name), limit, version)
    if content is None:
        raise WeirError(
            Problem("TABLE_NOT_READABLE", f"`{name}` has no such version.", hint="leave --version out")
        )
    if as_json:
        print_json({"table": name, "columns": content.columns, "rows": [plain(r) for r in content.rows]})
    else:
        screen = console()
        screen.print(rows_table(content.columns, content.rows, name))
        if content.count > len(content.rows):
            shown = f"{len(content.rows)} of {content.count} rows: -n {content.count} shows all"
            screen.say(shown, "dim")
    return 0


def run_list(folder: str, storage: str | None, as_json: bool) -> int:
    """`weir list`."""
    bundle_file = find_bundle(Path(folder))
    place = default_storage(storage, folder)
    pipelines = list(read_bundle(bundle_file, None).pipelines) if bundle_file else []
    tables = [asdict(table) for table in tables_of(Storage(place))]
    if as_json:
        print_json({"pipelines": pipelines, "tables": tables})
        return 0
    screen = console()
    screen.print(rows_table(["pipeline"], [{"pipeline": p} for p in pipelines]))
    screen.print(rows_table(["name", "pipeline", "version", "inactive"], (_list_row(t) for t in tables)))
    return 0


def _list_row(table: Mapping[str, Any]) -> dict[str, Any]:
    return {**table, "inactive": "inactive" if table["inactive"] else None}
