"""`weir create-test`: rows of the last run become a YAML test."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weir.model.names import short
from weir.model.problems import Problem, WeirError
from weir.testing.unit_freeze import Freezing, Frozen, freeze
from weir.ui.output import only_ours, print_json
from weir.ui.screen import console
from weir.verbs.arguments import pairs, request_from


def run_create_test(arguments: Mapping[str, Any]) -> int:
    """Write the file, and say what is in it.

    Raises:
        WeirError: The file is there already, or see `freeze`.
    """
    table = arguments["table"]
    file = Path(arguments["out"] or f"{table}.unit_tests.yml").resolve()
    if file.exists() and not arguments["force"]:
        hint = "name another with --out, or write it anew with --force"
        raise WeirError(Problem("PATH_ALREADY_EXISTS", f"`{file.name}` is there already.", hint=hint))
    sources = tuple(_beside(source, file.parent) for source in arguments["sources"])
    freezing = Freezing(
        table, arguments["limit"], arguments["personal"], file, sources, arguments["target"],
        pairs(arguments["conf"], "--conf"),
    )  # fmt: skip
    with only_ours(arguments["as_json"]):
        frozen = freeze(request_from(arguments), freezing)
    if arguments["as_json"]:
        print_json(_json(frozen, file))
    else:
        _show(frozen, file)
    return 0


def _beside(source: str, folder: Path) -> str:
    """A path relative to the file of the test; a pipeline of the bundle as it is."""
    path = Path(source)
    return Path(os.path.relpath(path.resolve(), folder)).as_posix() if path.exists() else source


def _json(frozen: Frozen, file: Path) -> dict[str, Any]:
    return {
        "file": str(file),
        "table": frozen.table,
        "given": dict(frozen.given),
        "rows": frozen.rows,
        "personal": list(frozen.personal),
        "unstable": list(frozen.unstable),
    }


def _show(frozen: Frozen, file: Path) -> None:
    screen = console()
    given = ", ".join(f"{n} rows of {source}" for source, n in frozen.given.items())
    what = "a rule stops the update" if frozen.rows is None else f"{frozen.rows} rows are expected"
    screen.say(f"{file.name}: {given}; {what} of {short(frozen.table)}")
    if frozen.personal:
        screen.say(
            f"stand-ins are in: {', '.join(frozen.personal)}; read the file before you share it", "yellow"
        )
    if frozen.unstable:
        screen.say(
            f"nothing is expected of what differs from run to run: {', '.join(frozen.unstable)}", "dim"
        )
    screen.say(f"weir test {file.name}", "bold")
