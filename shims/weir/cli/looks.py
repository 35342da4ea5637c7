"""The verbs that show what is in the storage and in the event log."""

from __future__ import annotations

import sys
from typing import Any

import click

from weir.cli.group import spark_verbs, weir
from weir.verbs.options import JSON_OPTION, SOURCE_OPTIONS, STORAGE_OPTION, VERBOSE_OPTION, options


@weir.command("list")
@options((click.argument("folder", default="."),), (STORAGE_OPTION, JSON_OPTION))
def list_(**arguments: Any) -> None:
    """List pipelines of the bundle and tables of the storage."""
    from weir.verbs.shelf import run_list

    sys.exit(run_list(**arguments))


@weir.command()
@click.argument("table")
@click.option("-n", "limit", default=10, show_default=True, help="How many rows to show.")
@click.option("--version", type=int, help="Show the table as it was at this version.")
@click.option(
    "--as", "group", metavar="GROUP",
    help="Show what this group of the bundle sees of the table; needs Spark.",
)  # fmt: skip
@click.option("--target", help="Target in databricks.yml; only with --as.")
@options((STORAGE_OPTION, JSON_OPTION, VERBOSE_OPTION))
def show(group: str | None, target: str | None, verbose: bool, **arguments: Any) -> None:
    """Show a table's first rows, whole or as a group sees them."""
    if group is not None:
        sys.exit(spark_verbs("groups").run_show_as(group=group, target=target, verbose=verbose, **arguments))
    from weir.verbs.shelf import run_show

    sys.exit(run_show(**arguments))


@weir.command()
@click.argument("name", metavar="TABLE[.COLUMN]")
@options((STORAGE_OPTION, JSON_OPTION))
def lineage(**arguments: Any) -> None:
    """Show what a table or column is computed from and used for."""
    from weir.verbs.lineage import run_lineage

    sys.exit(run_lineage(**arguments))


@weir.command()
@click.argument("pipeline", required=False)
@click.option("-n", "limit", default=50, show_default=True, help="How many events to show, the newest last.")
@click.option(
    "--update", metavar="ID", help="Show only this update; the first characters of its id are enough."
)
@click.option(
    "--level", type=click.Choice(["INFO", "WARN", "ERROR", "METRICS"]), help="Show only events of this level."
)
@click.option(
    "--type", "event_type", metavar="TYPE", help="Show only events of this type, such as flow_progress."
)
@options((STORAGE_OPTION, JSON_OPTION))
def events(**arguments: Any) -> None:
    """Show the event log of a pipeline.

    PIPELINE is optional if only one has run in the storage.
    """
    from weir.verbs.history import run_events

    sys.exit(run_events(**arguments))


@weir.command()
@click.argument("pipeline", required=False)
@click.option(
    "--update", metavar="ID",
    help="Report this update; the first characters of its id are enough [default: the newest].",
)  # fmt: skip
@click.option("--output", default="report.html", show_default=True, metavar="FILE", help="Where to write it.")
@click.option(
    "--language", type=click.Choice(["en", "es"]), default="en", show_default=True, help="Of the page."
)
@options((STORAGE_OPTION, JSON_OPTION))
def report(**arguments: Any) -> None:
    """Write an update as one HTML page.

    The page needs no server and no other file, so it can be an artefact of CI or go by mail. PIPELINE is
    optional if only one has run in the storage.
    """
    from weir.verbs.report import run_report

    sys.exit(run_report(**arguments))


@weir.command()
@options(SOURCE_OPTIONS)
@click.option("--updates", default=5, show_default=True, help="How many of the last updates to show.")
@click.option(
    "--why", metavar="TABLE", help="Instead, show the rows of this table or view that fail expectations."
)
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="How many rows to show with --why."
)
def quality(why: str | None, limit: int, updates: int, **arguments: Any) -> None:
    """Show how many rows passed and failed each expectation.

    The counts are those of the last updates of PIPELINE. With --why TABLE, weir shows the rows that failed.
    To find them, it runs the flows into TABLE again over everything that their sources hold now, without
    writing to the tables, so it takes the same sources and options as weir run.
    """
    if why is not None:
        sys.exit(spark_verbs("why").run_why({**arguments, "why": why, "limit": limit}))
    from weir.verbs.history import run_quality

    sys.exit(run_quality(updates=updates, **arguments))
