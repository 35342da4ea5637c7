"""`weir show --as`: a table as a group sees it."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession

from weir import engine
from weir.bundle.bundle import default_storage
from weir.run.lake.storage import Storage
from weir.run.machine.session import start_session
from weir.ui.output import print_json
from weir.ui.screen import console
from weir.ui.tables import rows_table
from weir.verbs.arguments import remarks, say_on_stderr
from weir.views.rows import plain


def run_show_as(
    group: str, table: str, limit: int, version: int | None, target: str | None, storage: str | None,
    **modes: bool,
) -> int:  # fmt: skip
    """`weir show TABLE --as GROUP`; the modes are `as_json` and `verbose`."""
    place = Storage(default_storage(storage))
    remark = remarks(verbose=modes["verbose"])

    def start(log: Path) -> SparkSession:
        return start_session(log, {}, say_on_stderr, remark=remark)

    with engine.as_group(group, place, Path.cwd(), target=target, start=start) as session:
        reader = session.read if version is None else session.read.option("versionAsOf", version)
        # By way of Arrow, times are in UTC here too, wherever the machine is.
        rows_in_arrow = reader.table(table).limit(limit).toArrow()
    columns, rows = rows_in_arrow.column_names, rows_in_arrow.to_pylist()
    if modes["as_json"]:
        shown = {"table": table, "as": group, "columns": columns, "rows": [plain(r) for r in rows]}
        print_json(shown)
    else:
        console().print(rows_table(columns, rows, f"{table} as {group}"))
    return 0
