"""The verbs for other programs: contracts, BI tools and Databricks' clients."""

from __future__ import annotations

import sys
from typing import Any

import click

from weir.cli.group import spark_verbs, weir
from weir.verbs.options import JSON_OPTION, STORAGE_OPTION, options


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
    sys.exit(spark_verbs("workspace").run_workspace(**arguments))
