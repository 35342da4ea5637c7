"""The verb that opens the page in a browser."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

import click

from weir.cli.group import weir
from weir.verbs.options import JSON_OPTION, STORAGE_OPTION, options

NEEDS = ("starlette", "uvicorn", "pygraphviz")


@weir.command()
@click.argument("folder", default=".")
@options((STORAGE_OPTION,))
@click.option("--target", help="Target in databricks.yml [default: its default target].")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Where to listen on 127.0.0.1 [default: 4747, if free]."
)
@click.option("--no-open", is_flag=True, help="Only print the address.")
@click.option("--read-only", is_flag=True, help="Show, and offer no actions.")
@options((JSON_OPTION,))
def ui(**arguments: Any) -> None:
    """Open a page with graphs, rules, rows and updates.

    It shows the pipelines of the bundle in FOLDER and of its storage, also while they run, and can start
    updates. It listens on this machine only, and the printed address lets one browser in. Ctrl-C ends the
    page, but no update.
    """
    if not all(map(find_spec, NEEDS)):
        from weir.model.problems import missing_extra

        raise missing_extra("weir ui", "ui")
    from weir.verbs.web import run_ui

    sys.exit(run_ui(**arguments))
