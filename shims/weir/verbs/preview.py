"""`weir preview`: the rows that a dataset would have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from weir import engine
from weir.bundle.weir_toml import with_weir_toml
from weir.engine import Preview
from weir.model.names import by_ends, meant, short
from weir.model.problems import Problem, WeirError
from weir.request import Request, session_for
from weir.testing.given import Given
from weir.testing.given_inputs import with_given
from weir.testing.unit_tests import read_given_file
from weir.ui.output import only_ours, print_json
from weir.ui.screen import console
from weir.ui.tables import print_errors, rows_table, rules_table
from weir.verbs.arguments import NO_FLAGS, request_from
from weir.views.rows import plain


def run_preview(arguments: Mapping[str, Any]) -> int:
    """`weir preview DATASET`; the exit code is that of an update with these flows."""
    as_json = arguments["as_json"]
    with only_ours(as_json):
        file = arguments["given"]
        given = read_given_file(Path(file)) if file else {}
        seen = _seen(request_from(arguments), arguments["dataset"], arguments["limit"], given)
    if as_json:
        print_json(_json(seen))
    else:
        _show(seen)
    return seen.result.exit_code


def preview(
    dataset: str, sources: Sequence[str], limit: int, given: Mapping[str, Given], options: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows, for programs: see `weir.preview`.

    Raises:
        WeirError: There are none.
    """
    if unknown := options.keys() - NO_FLAGS.keys():
        raise TypeError(f"preview() got an unexpected keyword argument {min(unknown)!r}")
    flags = {**NO_FLAGS, "sources": tuple(sources), **{k: _flag(value) for k, value in options.items()}}
    seen = _seen(request_from(with_weir_toml(flags, Path.cwd())), dataset, limit, given)
    if seen.columns is None:
        raise WeirError(*(Problem("FLOW_FAILED", d.error) for d in seen.result.datasets if d.error))
    return [dict(row) for row in seen.rows]


def _seen(request: Request, dataset: str, limit: int, given: Mapping[str, Given]) -> Preview:
    """A preview on given rows, all of which something reads.

    Raises:
        WeirError: Nothing reads some of them, or see `engine.preview`.
    """
    if not given:
        return engine.preview(request, dataset, limit)
    with TemporaryDirectory(prefix="weir-") as folder:
        apart = replace(request, settings=replace(request.settings, storage=Path(folder, "log")))
        request = replace(request, session=session_for(apart))
        seen = engine.preview(with_given(request, given, Path(folder)), dataset, limit)
    ends = by_ends(seen.outside)
    unread = [name for name in given if not meant(name, ends)]
    if unread:
        text, hint = "Rows are given for `{}`, which `{}` does not read.", "leave them out"
        raise WeirError(
            *(Problem("GIVEN_ROWS_NOT_READ", text.format(n, seen.dataset), hint=hint) for n in unread)
        )
    return seen


def _flag(value: Any) -> Any:
    """As the command line gives it: a dictionary is an option that is repeated."""
    return tuple(f"{name}={v}" for name, v in value.items()) if isinstance(value, Mapping) else value


def _json(seen: Preview) -> dict[str, Any]:
    return {
        "dataset": seen.dataset,
        "columns": seen.columns,
        "rows": [plain(row) for row in seen.rows],
        "total": seen.total,
        "datasets": seen.result.to_json()["datasets"],
    }


def _show(seen: Preview) -> None:
    screen, name = console(), short(seen.dataset)
    if seen.columns is not None:
        screen.print(rows_table(seen.columns, seen.rows, name))
    if (rules := rules_table(seen.result)) is not None:
        screen.print()
        screen.print(rules)
    print_errors(screen, seen.result)
    also = [short(d.name) for d in seen.result.datasets if d.moved and d.name != seen.dataset]
    if also:
        screen.say(f"computed, too, as they are not in the storage: {', '.join(also)}", "dim")
    screen.say(f"{len(seen.rows):,} of {seen.total:,} rows of {name}, nothing written", "bold")
