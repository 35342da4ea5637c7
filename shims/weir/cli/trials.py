"""The verbs that try a pipeline and leave its tables alone."""

from __future__ import annotations

import sys
from typing import Any

import click

from weir.cli.group import spark_verbs, weir
from weir.verbs.options import SOURCE_OPTIONS, options


@weir.command()
@click.argument("dataset")
@options(SOURCE_OPTIONS)
@click.option(
    "-n", "limit", type=click.IntRange(0), default=20, show_default=True, help="How many rows to show."
)
def preview(**arguments: Any) -> None:
    """Show the rows that a table or view would have, and write nothing.

    The flows into DATASET run as in a full refresh, in a folder that is removed again, over the tables that
    lie in the storage; those that are missing there are computed, too. What its rules saw stands below the
    rows. The exit code is that of weir run.
    """
    sys.exit(spark_verbs("preview").run_preview(arguments))
