"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

STORAGE_OPTION = click.option(
    "--storage", help="Folder of tables and checkpoints [default: .weir beside databricks.yml, else here]."
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
VERBOSE_OPTION = click.option("-v", "--verbose", is_flag=True, help="Also say if weir dev's engine is used.")
SOURCE_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("sources", nargs=-1, metavar="[PIPELINE | FILE | FOLDER]..."),
    click.option("--name", help="Name of the pipeline, if files or folders are given."),
    click.option("--target", help="Target in databricks.yml [default: its default target]."),
    click.option(
        "--conf", multiple=True, metavar="K=V", help="Set an entry of the configuration; may be repeated."
    ),
    click.option(
        "--map", "maps", multiple=True, metavar="PREFIX=FOLDER",
        help="Read paths that begin with PREFIX from this FOLDER; may be repeated.",
    ),
    click.option(
        "--table", "tables", multiple=True, metavar="NAME=PATH",
        help="Read the outside table NAME from this PATH; may be repeated.",
    ),
    click.option(
        "--stream", "streams", multiple=True, metavar="NAME=PLACE",
        help="Read the stream, subscription or topic NAME from this folder, or from kafka://HOST:PORT/TOPIC; "
        "may be repeated.",
    ),
    STORAGE_OPTION,
    click.option("--remote", metavar="sc://...", help="Run on this Spark Connect server."),
    JSON_OPTION,
    VERBOSE_OPTION,
)  # fmt: skip
SELECTION_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--refresh", default="", metavar="A,B", help="Refresh only these tables."),
    click.option(
        "--full-refresh", default="", metavar="A,B",
        help="Clear the rows and checkpoints of these tables, then refresh them.",
    ),
    click.option("--full-refresh-all", is_flag=True, help="Clear and refresh all tables."),
)  # fmt: skip
NAME_OPTION = click.option("--name", help="Name of the pipeline.")


def options(*groups: tuple[Callable[[Any], Any], ...]) -> Callable[[Any], Any]:
    """Several options as one decorator."""

    def decorate(command: Any) -> Any:
        for option in reversed([o for group in groups for o in group]):
            command = option(command)
        return command

    return decorate
