"""The two ways out: one JSON object for programs, problems for people."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any, TextIO

import click

from weir.model.problems import Problem
from weir.model.texts import encodable
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


def print_line(value: Mapping[str, Any], stdout: TextIO) -> None:
    """One JSON line, at once; a reader that has left ends nothing."""
    try:
        click.echo(_json(value), stdout)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())


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
