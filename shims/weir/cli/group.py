"""`weir` itself, and what its verbs share. Spark is imported only by the verbs that need it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from weir.verbs.commands import Verbs


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


def alone(option: str, other: str) -> Exception:
    """The mistake of two options that exclude one another."""
    from weir.model.problems import Problem, WeirError

    text = f"{option} can't be combined with {other}."
    return WeirError(Problem("INVALID_ARGUMENT", text, hint="choose one"))


def spark_verbs(module: str = "update") -> Any:
    """The verbs that need Spark, once nothing stands in the place of our packages."""
    from weir.run.machine.conflicts import refuse_conflicts

    refuse_conflicts()
    return import_module(f"weir.verbs.{module}")
