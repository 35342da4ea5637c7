"""`weir`: parses arguments, calls the engine, prints. Spark is imported only by the verbs that need it."""

from __future__ import annotations

import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from weir.verbs.commands import Verbs
from weir.verbs.options import (
    JSON_OPTION,
    NAME_OPTION,
    SELECTION_OPTIONS,
    SOURCE_OPTIONS,
    STORAGE_OPTION,
    VERBOSE_OPTION,
    options,
)

INTERRUPTED = 130  # as a shell tells that Ctrl-C ended a program


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="weir", message="%(version)s")
def weir() -> None:
    """Run Databricks declarative pipelines on plain Spark and Delta.

    Start with weir run PIPELINE in the folder of a databricks.yml, or with weir run FILE anywhere. If that
    fails, weir doctor says what this machine lacks.

    Flags that every call needs can stand in a file weir.toml: sources, name, target, storage, remote, and the
    tables [conf], [map], [table] and [stream]. Weir looks for it in the folder that holds all sources of the
    command line, then in those above; without sources, or if none is there, in the working directory and
    above. Paths in it are relative to it. The command line wins over weir.toml, and weir.toml over
    databricks.yml.
    """


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
    """Check the definitions and write nothing.

    All mistakes in names, schemas and rules are shown together, each with file, line and a hint.
    """
    sys.exit(_spark_verbs().run_validate(arguments))


@weir.command()
@options(SOURCE_OPTIONS, SELECTION_OPTIONS)
def plan(**arguments: Any) -> None:
    """Show the steps that weir run would take, and why."""
    sys.exit(_spark_verbs().run_plan(arguments))


@weir.command()
@options(SOURCE_OPTIONS)
def graph(**arguments: Any) -> None:
    """Show which dataset reads which."""
    sys.exit(_spark_verbs().run_graph(arguments))


@weir.command()
@click.argument("folder", default=".")
@click.option("--target", help="Target in databricks.yml [default: its default target].")
@click.option("--force", is_flag=True, help="Write the file anew if there is one.")
@options((STORAGE_OPTION, JSON_OPTION))
def init(**arguments: Any) -> None:
    """Write a weir.toml with what the sources in FOLDER need.

    FOLDER holds a bundle, a pipeline of Spark's own (spark-pipeline.yml), or notebooks, Python and SQL files.
    Its pipelines are checked as by weir validate. The file has an entry for each value, path and table that
    is missing, with the place that needs it, and names the secrets. A file that is there already stays as
    it is, and the lines that it lacks are shown.
    """
    sys.exit(_spark_verbs("init").run_init(**arguments))


@weir.command("list")
@options((click.argument("folder", default="."),), (STORAGE_OPTION, JSON_OPTION))
def list_(**arguments: Any) -> None:
    """List the pipelines of the bundle and the tables in the storage."""
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
    """Show the first rows of a table, whole or as a group sees them."""
    if group is not None:
        sys.exit(_spark_verbs("groups").run_show_as(group=group, target=target, verbose=verbose, **arguments))
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
        sys.exit(_spark_verbs("why").run_why({**arguments, "why": why, "limit": limit}))
    from weir.verbs.history import run_quality

    sys.exit(run_quality(updates=updates, **arguments))


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


@weir.group()
def contracts() -> None:
    """Check what tables promise to other pipelines."""


@contracts.command("check")
@click.argument("folder", default="expectations/contracts")
@options((STORAGE_OPTION, JSON_OPTION))
def check_contracts(**arguments: Any) -> None:
    """Compare each contract with its release, its table and its readers.

    The contracts are the YAML files in FOLDER, and their releases lie below it in released/.
    """
    from weir.verbs.contracts import run_check

    sys.exit(run_check(**arguments))


@weir.group()
def bi() -> None:
    """Write the files with which BI tools read the tables."""


@bi.command("export")
@click.argument("pipeline", required=False)
@click.option("--target", help="Target in databricks.yml [default: its default target].")
@click.option("--out", metavar="FOLDER", help="Folder for the files [default: bi/TARGET in the storage].")
@options((STORAGE_OPTION, JSON_OPTION))
def bi_export(**arguments: Any) -> None:
    """Write LookML, Tableau .tds, Power BI .pbids and the JDBC URL.

    The files describe the tables of PIPELINE, or of all pipelines, whose table property quality is gold. The
    tools read them in the workspace of the target (workspace.host), through the SQL warehouse in its variable
    warehouse_id.
    """
    from weir.verbs.bi import run_bi_export

    sys.exit(run_bi_export(**arguments))


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
    sys.exit(_spark_verbs("maintain").run_maintain(arguments))


@weir.command()
@click.option("--port", default=0, help="Where to listen on 127.0.0.1 [default: any free port].")
@click.option(
    "--group", "groups", multiple=True,
    help="Also print the token of a member of this GROUP; may be repeated.",
)  # fmt: skip
@click.option("--support", is_flag=True, help="Only list what the workspace answers.")
@options((STORAGE_OPTION, JSON_OPTION))
def workspace(**arguments: Any) -> None:
    """Serve a workspace that Databricks' SDK and CLI can deploy to.

    It listens on this machine only. Its pipelines run with Weir, and queries see what grants, masks and row
    filters let the caller see. It keeps tables and files in the storage, and forgets everything else when it
    ends. Use the printed address and token as DATABRICKS_HOST and DATABRICKS_TOKEN.
    """
    sys.exit(_spark_verbs("workspace").run_workspace(**arguments))


@weir.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENT OF weir run]...")
@click.option("--stop", is_flag=True, help="End the engine that is kept warm for this project.")
@click.option("--idle", default=60.0, show_default=True, help="End after so many minutes without a command.")
@click.option("--memory", default=4.0, show_default=True, help="Begin anew beyond so many gigabytes.")
def dev(words: tuple[str, ...], stop: bool, idle: float, memory: float) -> None:
    """Keep an engine warm, and update whenever a source is saved.

    While it runs, weir run, validate, plan, show --as and quality --why, and tests of this project, start in
    a fraction of the time. One of them uses it at a time; the others start an engine of their own.
    """
    verbs, arguments = _spark_verbs("dev"), run.make_context("weir run", list(words)).params
    sys.exit(verbs.run_dev(arguments, words, idle, memory, stop=stop))


@weir.command()
@options((click.argument("folder", required=False),), (STORAGE_OPTION, JSON_OPTION))
def doctor(folder: str | None, **arguments: Any) -> None:
    """Check that this machine can run pipelines, or a project's.

    Each line shows something that is present, or something that is missing and how to fix it. With FOLDER,
    weir reads the sources of its bundle, or its notebooks, Python and SQL files, and shows what of them it
    refuses, with file and line and what to do instead, and what is missing. The exit code is then 1 if
    something is refused or wrong.
    """
    if folder is not None:
        sys.exit(_spark_verbs("diagnosis").run_diagnosis(folder, **arguments))
    from weir.verbs.doctor import run_doctor

    sys.exit(run_doctor(**arguments))


def _alone(option: str, other: str) -> Exception:
    from weir.model.problems import Problem, WeirError

    text = f"{option} can't be combined with {other}."
    return WeirError(Problem("INVALID_ARGUMENT", text, hint="choose one"))


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
        sys.exit(weir.main(prog_name="weir", standalone_mode=False))
    except click.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except WeirError as error:
        from weir.ui.output import report

        sys.exit(report(error.problems, as_json="--json" in sys.argv))


if __name__ == "__main__":
    main()
