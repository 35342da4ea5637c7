"""The verbs that take a pipeline's sources and bring its tables forward."""

from __future__ import annotations

import sys
from typing import Any

import click

from weir.cli.group import alone, spark_verbs, weir
from weir.verbs.options import (
    JSON_OPTION,
    NAME_OPTION,
    SELECTION_OPTIONS,
    SOURCE_OPTIONS,
    STORAGE_OPTION,
    options,
)


@weir.command()
@options(SOURCE_OPTIONS, SELECTION_OPTIONS)
@click.option("--validate-only", is_flag=True, help="Only check the definitions, like weir validate.")
@click.option(
    "--continuous/--triggered", default=None,
    help="Keep running until Ctrl-C, or run each flow once [default: the pipeline's setting].",
)  # fmt: skip
@click.option(
    "--development/--production", default=None,
    help="Fail at once, or retry after temporary errors [default: the target's mode].",
)  # fmt: skip
@click.option("--saved", multiple=True, hidden=True, help="Only what these sources define, and its readers.")
@click.option("--json-events", is_flag=True, help="Print each event as it happens, one JSON object per line.")
@click.option(
    "--all", "everything", is_flag=True,
    help="Run every pipeline of the bundle, each after those whose tables it reads.",
)  # fmt: skip
@click.pass_context
def run(context: click.Context, validate_only: bool, everything: bool, **arguments: Any) -> None:
    """Bring every table of a pipeline up to date.

    PIPELINE is a name in databricks.yml, optional if there is only one. FILE and FOLDER are sources without
    a bundle. The exit code is 0 if all went well, 1 if a flow failed, 2 if definitions or arguments are
    wrong, 3 if an expectation stopped a flow, 130 after Ctrl-C and 143 after SIGTERM.
    """
    if arguments["json_events"] and (validate_only or arguments["as_json"]):
        raise alone("--json-events", "--validate-only" if validate_only else "--json")
    if everything and validate_only:
        raise alone("--all", "--validate-only")
    if everything:
        sys.exit(spark_verbs("bundle").run_all(arguments))
    if validate_only:
        from_validate = {k: v for k, v in arguments.items() if not k.endswith(("refresh", "_all"))}
        context.invoke(validate, **from_validate)
        return
    sys.exit(spark_verbs().run_update(arguments))


@weir.command()
@options(SOURCE_OPTIONS)
def validate(**arguments: Any) -> None:
    """Check the definitions and write nothing.

    All mistakes in names, schemas and rules are shown together, each with file, line and a hint.
    """
    sys.exit(spark_verbs().run_validate(arguments))


@weir.command()
@options(SOURCE_OPTIONS, SELECTION_OPTIONS)
def plan(**arguments: Any) -> None:
    """Show the steps that weir run would take, and why."""
    sys.exit(spark_verbs().run_plan(arguments))


@weir.command()
@options(SOURCE_OPTIONS)
def graph(**arguments: Any) -> None:
    """Show which dataset reads which."""
    sys.exit(spark_verbs().run_graph(arguments))


@weir.command()
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@click.option("--dry-run", is_flag=True, help="Only list what would be removed.")
@click.option("--drop", is_flag=True, help="Not supported; remove the folder of a table by hand.")
@options((NAME_OPTION, STORAGE_OPTION, JSON_OPTION))
def reset(**arguments: Any) -> None:
    """Remove old checkpoints that full refreshes have left behind.

    A full refresh (weir run --full-refresh TABLE) empties a table and gives its flows new checkpoints. The
    old checkpoints and the old records of AUTO CDC stay in the storage until this command removes them, for
    the named tables or for all. It touches neither rows nor checkpoints that are in use.
    """
    from weir.verbs.history import run_reset

    sys.exit(run_reset(**arguments))


@weir.command()
@options(SOURCE_OPTIONS)
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option(
    "--now", type=click.DateTime(), metavar="TIME",
    help="Compute the age of rows as of this time [default: the current time].",
)  # fmt: skip
@click.option(
    "--force-vacuum", "forced", default="", metavar="A,B",
    help="Let VACUUM keep files of these tables for less than 168 hours.",
)  # fmt: skip
@click.option(
    "--skips-changes", "skipping", default="", metavar="A,B",
    help="Flows of other pipelines that skip deletes (skipChangeCommits).",
)  # fmt: skip
def maintain(**arguments: Any) -> None:
    """Delete rows past their retention, then OPTIMIZE and VACUUM.

    The properties of each table control what is done: retention.period and retention.column,
    pipelines.autoOptimize.zOrderCols, delta.deletedFileRetentionDuration.
    """
    sys.exit(spark_verbs("maintain").run_maintain(arguments))
