"""The two ways out: one JSON object for programs, problems for people."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any, TextIO

import click

from weir.model.events import Event
from weir.model.problems import Problem
from weir.model.texts import encodable
from weir.run.listeners.listener import Listener, Row
from weir.run.listeners.rows import rest_json
from weir.ui.screen import console
from weir.ui.tables import problems_view


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout."""
    click.echo(_json(value))


@contextmanager
def only_ours(as_json: bool) -> Iterator[TextIO]:
    """Keep stdout for JSON: what user code prints in this block, in any thread, goes to stderr then."""
    stdout = sys.stdout
    with redirect_stdout(sys.stderr if as_json else stdout):
        yield stdout


class JsonLines(Listener):
    """Prints each event as Databricks' REST API has it, one JSON line at once."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def heard(self, event: Event, row: Row) -> None:
        """Print one; a reader that has left ends nothing."""
        del event
        try:
            click.echo(_json(rest_json(row)), self._stdout)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stdout.fileno())


def report(problems: Sequence[Problem], *, as_json: bool, extra: Mapping[str, Any] | None = None) -> int:
    """Print problems; the exit code of wrong definitions or arguments."""
    if as_json:
        print_json({**(extra or {}), "problems": [p.to_json() for p in problems]})
    else:
        console(stderr=True).print(problems_view(problems), soft_wrap=True)
    return 2


def _json(value: Mapping[str, Any]) -> bytes:
    """JSON is UTF-8, whatever the terminal's encoding."""
    return encodable(json.dumps(value, ensure_ascii=False, default=str)).encode()
