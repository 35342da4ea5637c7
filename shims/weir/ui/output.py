"""The two ways out: one JSON object for programs, problems for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from weir.model.problems import Problem
from weir.ui.tables import console, problems_view


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


def report(problems: Sequence[Problem], *, as_json: bool, extra: Mapping[str, Any] | None = None) -> int:
    """Print problems; the exit code of wrong definitions or arguments."""
    if as_json:
        print_json({**(extra or {}), "problems": [p.to_json() for p in problems]})
    else:
        console(stderr=True).print(problems_view(problems), soft_wrap=True)
    return 2
