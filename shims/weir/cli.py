"""`weir`: parses arguments, calls the engine, prints. Spark is imported only by the verbs that need it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

INTERRUPTED = 130  # as a shell tells that Ctrl-C ended a program
SOURCE_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("sources", nargs=-1, metavar="[PIPELINE | FILE | FOLDER]..."),
    click.option("--name", help="Name of the pipeline, for bare files."),
    click.option("--target", help="Target of the bundle."),
    click.option("--conf", multiple=True, metavar="K=V", help="Entry of the configuration."),
    click.option("--map", "maps", multiple=True, metavar="PREFIX=FOLDER", help="Where a path lies here."),
    click.option(
        "--table", "tables", multiple=True, metavar="NAME=PATH", help="Stands for an outside table."
    ),
    click.option("--storage", help="Folder of tables and checkpoints (./.weir)."),
    click.option("--remote", metavar="sc://...", help="Run over Spark Connect."),
    click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, nothing else."),
)
SELECTION_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--refresh", default="", metavar="A,B", help="Only these tables."),
    click.option("--full-refresh", default="", metavar="A,B", help="Reset these tables, then refresh."),
    click.option("--full-refresh-all", is_flag=True, help="Reset all tables, then refresh."),
)
STORAGE_OPTION = click.option("--storage", help="Folder of tables and checkpoints (./.weir).")
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
NAME_OPTION = click.option("--name", help="Name of the pipeline.")


def options(*groups: tuple[Callable[[Any], Any], ...]) -> Callable[[Any], Any]:
    """Several options as one decorator."""

    def decorate(command: Any) -> Any:
        for option in reversed([o for group in groups for o in group]):
            command = option(command)
        return command

    return decorate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="weir", message="%(version)s")
def weir() -> None:
    """Run Databricks declarative pipelines on plain Spark and Delta."""


@weir.command()
@options(SOURCE_OPTIONS, SELECTION_OPTIONS)
@click.option("--validate-only", is_flag=True, help="Check everything, write nothing.")
@click.option(
    "--continuous/--triggered", default=None, help="Go on until Ctrl-C, or run once (the pipeline's setting)."
)
@click.option(
    "--development/--production",
    default=None,
    help="Tell failures at once, or try again what may pass (the target's mode).",
)
@click.option("--json-events", is_flag=True, help="Each event as it happens, one JSON line on stdout.")
@click.option(
    "--all", "everything", is_flag=True, help="Every pipeline of the bundle, in order of their reads."
)
@click.pass_context
def run(context: click.Context, validate_only: bool, everything: bool, **arguments: Any) -> None:
    """One update: every table brought up to date, once or again and again."""
    if arguments["json_events"] and (validate_only or arguments["as_json"]):
        raise _alone("--json-events", "--validate-only" if validate_only else "--json")
    if everything and validate_only:
        raise _alone("--all", "--validate-only")
    if everything:
        sys.exit(_spark_verbs("bundle").run_all(arguments))
    if validate_only:
        from_validate = {k: v for k, v in arguments.items() if not k.endswith(("refresh", "_all"))}
        context.invoke(validate, **from_validate)
        return
    sys.exit(_spark_verbs().run_update(arguments))


@weir.command()
@options(SOURCE_OPTIONS)
def validate(**arguments: Any) -> None:
    """Check the definitions: names, schemas, rules; all problems at once, nothing written."""
    sys.exit(_spark_verbs().run_validate(arguments))


@weir.command()
@options(SOURCE_OPTIONS, SELECTION_OPTIONS)
def plan(**arguments: Any) -> None:
    """The steps that run would take, and why."""
    sys.exit(_spark_verbs().run_plan(arguments))


@weir.command()
@options(SOURCE_OPTIONS)
def graph(**arguments: Any) -> None:
    """Who reads what."""
    sys.exit(_spark_verbs().run_graph(arguments))


@weir.command("list")
@options((click.argument("folder", default="."),), (STORAGE_OPTION, JSON_OPTION))
def list_(**arguments: Any) -> None:
    """The pipelines of the bundle and the tables in the storage."""
    from weir.verbs.shelf import run_list

    sys.exit(run_list(**arguments))


@weir.command()
@click.argument("table")
@click.option("-n", "limit", default=10, show_default=True, help="How many rows.")
@click.option("--version", type=int, help="The table as it was.")
@click.option("--as", "group", metavar="GROUP", help="As this group of the bundle sees it; needs Spark.")
@click.option("--target", help="Target of the bundle, with --as.")
@options((STORAGE_OPTION, JSON_OPTION))
def show(group: str | None, target: str | None, **arguments: Any) -> None:
    """The first rows of a table, whole or as a group sees it."""
    if group is not None:
        sys.exit(_spark_verbs("groups").run_show_as(group=group, target=target, **arguments))
    from weir.verbs.shelf import run_show

    sys.exit(run_show(**arguments))


@weir.command()
@click.argument("name", metavar="TABLE[.COLUMN]")
@options((STORAGE_OPTION, JSON_OPTION))
def lineage(**arguments: Any) -> None:
    """What a table or a column is made of, and what it goes into."""
    from weir.verbs.lineage import run_lineage

    sys.exit(run_lineage(**arguments))


@weir.command()
@click.argument("pipeline", required=False)
@click.option("-n", "limit", default=50, show_default=True, help="How many, newest last.")
@click.option("--update", metavar="ID", help="Of this update; the first letters of its id suffice.")
@click.option("--level", type=click.Choice(["INFO", "WARN", "ERROR", "METRICS"]), help="Of this level.")
@click.option("--type", "event_type", metavar="TYPE", help="Of this type, such as flow_progress.")
@options((STORAGE_OPTION, JSON_OPTION))
def events(**arguments: Any) -> None:
    """The event log of a pipeline; of the only one in the storage by default."""
    from weir.verbs.history import run_events

    sys.exit(run_events(**arguments))


@weir.command()
@options(SOURCE_OPTIONS)
@click.option("--updates", default=5, show_default=True, help="How many of the last updates.")
@click.option("--why", metavar="TABLE", help="Show rows that break rules of this table or view instead.")
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="How many rows, with --why."
)
def quality(why: str | None, limit: int, updates: int, **arguments: Any) -> None:
    """What each expectation saw, rule by rule over the last updates; with --why, the rows behind it.

    With --why the flows into TABLE run once more over all that their sources hold now, and nothing is
    written: it takes the same sources and options as weir run. Without, it takes the name of a pipeline.
    """
    if why is not None:
        sys.exit(_spark_verbs("why").run_why({**arguments, "why": why, "limit": limit}))
    from weir.verbs.history import run_quality

    sys.exit(run_quality(updates=updates, **arguments))


@weir.command()
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@click.option("--dry-run", is_flag=True, help="Only list them.")
@click.option("--drop", is_flag=True, help="Remove tables that no source defines: unsupported.")
@options((NAME_OPTION, STORAGE_OPTION, JSON_OPTION))
def reset(**arguments: Any) -> None:
    """Remove old checkpoints: what a full refresh of TABLE has left behind (of all, if none).

    A full refresh (weir run --full-refresh TABLE) empties a table and starts its flows at a new
    checkpoint; the old ones, and what flows of changes remembered then, stay until this command. No rows
    and no current checkpoint are touched.
    """
    from weir.verbs.history import run_reset

    sys.exit(run_reset(**arguments))


@weir.group()
def contracts() -> None:
    """What tables promise to other pipelines."""


@contracts.command("check")
@click.argument("folder", default="expectations/contracts")
@options((STORAGE_OPTION, JSON_OPTION))
def check_contracts(**arguments: Any) -> None:
    """Compare each contract with its last release, with its table and with what others read of it."""
    from weir.verbs.contracts import run_check

    sys.exit(run_check(**arguments))


@weir.group()
def bi() -> None:
    """What BI tools need to read the tables."""


@bi.command("export")
@click.argument("pipeline", required=False)
@click.option("--target", help="Target of the bundle.")
@click.option("--out", metavar="FOLDER", help="Where the files go (bi/TARGET in the storage).")
@options((STORAGE_OPTION, JSON_OPTION))
def bi_export(**arguments: Any) -> None:
    """Write LookML, Tableau .tds, Power BI .pbids and the JDBC URL of a target.

    Told are the tables of the storage with the table property quality = gold, of one pipeline or of all, in
    the SQL warehouse that the variable warehouse_id names, on the workspace.host of the target.
    """
    from weir.verbs.bi import run_bi_export

    sys.exit(run_bi_export(**arguments))


@weir.command()
@options(SOURCE_OPTIONS)
@click.option("--dry-run", is_flag=True, help="Only tell what would be done.")
@click.option("--now", type=click.DateTime(), metavar="TIME", help="How old rows are then (the clock).")
@click.option(
    "--force-vacuum", "forced", default="", metavar="A,B",
    help="These tables may keep files for less than 168 hours.",
)  # fmt: skip
@click.option(
    "--skips-changes", "skipping", default="", metavar="A,B",
    help="These flows of other pipelines go on when rows are deleted.",
)  # fmt: skip
def maintain(**arguments: Any) -> None:
    """Keep tables in shape: delete rows past their time, OPTIMIZE, VACUUM.

    What is done stands in the properties of each table: retention.period and retention.column,
    pipelines.autoOptimize.zOrderCols, delta.deletedFileRetentionDuration.
    """
    sys.exit(_spark_verbs("maintain").run_maintain(arguments))


@weir.command()
@options((STORAGE_OPTION, JSON_OPTION))
def doctor(**arguments: Any) -> None:
    """What a run needs of this machine: what is there, what is not, and how to mend it."""
    from weir.verbs.doctor import run_doctor

    sys.exit(run_doctor(**arguments))


def _alone(option: str, other: str) -> Exception:
    from weir.model.problems import Problem, WeirError

    return WeirError(Problem("INVALID_ARGUMENT", f"{option} does not go with {other}.", hint="choose one"))


def _spark_verbs(module: str = "update") -> Any:
    """The verbs that need Spark, once nothing stands in the place of our packages."""
    from weir.run.machine.conflicts import refuse_conflicts

    refuse_conflicts()
    return import_module(f"weir.verbs.{module}")


def main() -> None:
    """The entry point: a user's mistake ends with a message, not with a traceback of ours."""
    from weir.model.problems import WeirError

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr: no text ends a verb
    try:
        sys.exit(weir.main(standalone_mode=False))
    except click.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except WeirError as error:
        from weir.ui.output import report

        sys.exit(report(error.problems, as_json="--json" in sys.argv))
