"""The verbs that try a pipeline and leave its tables alone."""

from __future__ import annotations

import sys
from typing import Any

import click

from weir.cli.group import spark_verbs, weir
from weir.verbs.options import JSON_OPTION, SOURCE_OPTIONS, options


@weir.command()
@click.argument("dataset")
@options(SOURCE_OPTIONS)
@click.option(
    "-n", "limit", type=click.IntRange(0), default=20, show_default=True, help="How many rows to show."
)
@click.option("--given", metavar="FILE", help="Take the rows of inputs from this YAML file, as tests do.")
def preview(**arguments: Any) -> None:
    """Show what rows a table or view would have.

    Nothing is written: the flows into DATASET run as in a full refresh, in a folder that is removed again,
    over the tables that lie in the storage. Those that are missing there are computed, too. What its rules
    saw stands below the rows. The exit code is that of weir run.
    """
    sys.exit(spark_verbs("preview").run_preview(arguments))


@weir.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENT OF pytest]...")
@options((JSON_OPTION,))
def test(words: tuple[str, ...], as_json: bool) -> None:
    """Run the YAML tests and the pytest tests of a project.

    YAML tests are files *.unit_tests.yml. Files, folders and options are those of pytest, such as -k NAME,
    -n 2 or --rule-coverage. The last line has the totals. The exit code is 0 if all passed, 1 if a test
    failed, 2 if there are none, or something is wrong with them.
    """
    sys.exit(spark_verbs("test").run_tests(words, as_json=as_json))


@weir.command("create-test")
@click.argument("table")
@options(SOURCE_OPTIONS)
@click.option(
    "-n", "limit", type=click.IntRange(1), default=10, show_default=True, help="How many rows of each input."
)
@click.option(
    "--personal", multiple=True, metavar="COLUMN",
    help="Replace the values of this column, too; may be repeated.",
)  # fmt: skip
@click.option("--out", metavar="FILE", help="Where it goes [default: TABLE.unit_tests.yml].")
@click.option("--force", is_flag=True, help="Write the file anew if there is one.")
def create_test(**arguments: Any) -> None:
    """Write a YAML test with rows of the last run.

    It holds the first rows of the tables that TABLE reads, and expects what its flows make of them now: rows
    and what rules see. Values of columns that have a mask anywhere in the pipeline are replaced, the same one
    by the same stand-in in all tables. weir test runs it.
    """
    sys.exit(spark_verbs("create_test").run_create_test(arguments))
