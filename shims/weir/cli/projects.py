"""The verbs for a project and the machine that it runs on."""

from __future__ import annotations

import sys
from typing import Any

import click

from weir.cli.group import spark_verbs, weir
from weir.cli.updates import run
from weir.verbs.options import JSON_OPTION, STORAGE_OPTION, options


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
    sys.exit(spark_verbs("init").run_init(**arguments))


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
        sys.exit(spark_verbs("diagnosis").run_diagnosis(folder, **arguments))
    from weir.verbs.doctor import run_doctor

    sys.exit(run_doctor(**arguments))


@weir.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENT OF weir run]...")
@click.option("--stop", is_flag=True, help="End the engine that is kept warm for this project.")
@click.option("--idle", default=60.0, show_default=True, help="End after so many minutes without a command.")
@click.option("--memory", default=4.0, show_default=True, help="Begin anew beyond so many gigabytes.")
def dev(words: tuple[str, ...], stop: bool, idle: float, memory: float) -> None:
    """Keep an engine warm, and update what a save affects.

    While it runs, weir run, validate, plan, preview, show --as and quality --why, and tests of this project,
    start in a fraction of the time. One of them uses it at a time; the others start an engine of their own.
    """
    verbs, arguments = spark_verbs("dev"), run.make_context("weir run", list(words)).params
    sys.exit(verbs.run_dev(arguments, words, idle, memory, stop=stop))
