"""`weir`: parses arguments, calls the engine, prints."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from weir.cli import exchange, looks, page, projects, trials, updates
from weir.cli.group import weir

__all__ = ["exchange", "looks", "main", "page", "projects", "trials", "updates", "weir"]
INTERRUPTED = 130  # as a shell tells that Ctrl-C ended a program


def main() -> None:
    """The entry point: a user's mistake ends with a message, not with a traceback of ours."""
    from weir.model.problems import WeirError

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr: no text ends a verb
    try:
        sys.exit(weir.main(prog_name="weir", standalone_mode=False))
    except click.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except WeirError as error:
        from weir.ui.output import report

        sys.exit(report(error.problems, as_json="--json" in sys.argv))
