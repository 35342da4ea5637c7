"""`python -m deploy`: parses arguments, asks the workspace, prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError

from deploy import verbs
from deploy.api import in_words
from deploy.planning import uncovered
from deploy.show import headline, markdown, print_counts, print_plan, summary
from deploy.values import Plan, Step
from weir.model.problems import Problem, WeirError
from weir.ui.screen import console
from weir.ui.tables import problems_view, rows_table

PENDING, WRONG, FAILED = 2, 3, 1
TARGET = click.option("--target", "-t", help="Target in databricks.yml [default: its default target].")
PROFILE = click.option("--profile", "-p", help="Profile of the Databricks CLI's configuration.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
LOSE = click.option(
    "--lose", multiple=True, metavar="RESOURCE",
    help="Agree to the loss of the data of this resource, or of those of a pattern; may be repeated.",
)  # fmt: skip
BY_CLI = click.option(
    "--cli/--no-cli", "by_cli", default=None,
    help="Let the Databricks CLI deploy the bundle, or do it here [default: the CLI where it is on PATH].",
)  # fmt: skip
FORCE_LOCK = click.option(
    "--force-lock", is_flag=True, help="Take the lock of a deployment that was killed on another machine."
)
APPROVE = click.option("--auto-approve", is_flag=True, help="Ask nothing; losses still need --lose.")


def options(command: Any) -> Any:
    """What every verb takes."""
    return TARGET(PROFILE(BY_CLI(AS_JSON(command))))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def deploy() -> None:
    """Deploy the bundle, and what no bundle declares, to a Databricks workspace.

    The exit code is 0 if all is done, 1 if a step failed, 2 if changes are pending, 3 if something is missing
    or wrong before anything was changed.
    """


@deploy.command()
@options
@click.option("--out", type=click.Path(path_type=Path), help="Save the plan in this file, for apply.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print it for a pull request.")
def plan(out: Path | None, as_markdown: bool, **given: Any) -> None:
    """Show what apply would do: field by field, and which data a change would lose."""
    made = verbs.planned(_session(**given), out)
    if as_markdown:
        click.echo(markdown(made))
    else:
        _show(made, as_json=given["as_json"])
    sys.exit(PENDING if made.steps else 0)


@deploy.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@options
@APPROVE
@LOSE
@FORCE_LOCK
def apply(file: Path | None, **given: Any) -> None:
    """Do what plan shows; a plan of a FILE is refused if anything changed since."""
    saved = json.loads(file.read_text(encoding="utf-8")) if file else None
    if saved:
        given |= {"target": given["target"] or saved["target"], "auto_approve": True}
    _end(verbs.applied(_session(**given), saved), as_json=given["as_json"])


@deploy.command()
@options
@APPROVE
@LOSE
@FORCE_LOCK
def destroy(**given: Any) -> None:
    """Remove everything that was deployed, in the opposite order; what is protected is refused."""
    _end(verbs.destroyed(_session(**given)), as_json=given["as_json"])


@deploy.command()
@options
def drift(**given: Any) -> None:
    """Show what somebody changed in the workspace since the last deployment."""
    made = verbs.drifted(_session(**given))
    if made.steps or given["as_json"]:
        _show(made, as_json=given["as_json"])
    else:
        console().say(f"Nobody has changed {made.target} in the workspace.")
    sys.exit(PENDING if made.steps else 0)


@deploy.command()
@click.argument("pipelines", nargs=-1)
@options
def run(pipelines: tuple[str, ...], **given: Any) -> None:
    """Bring PIPELINES up to date, all of them if none is named, with their events, rows and rules."""
    for key, counts in verbs.updated(_session(**given), pipelines):
        if given["as_json"]:
            click.echo(json.dumps({"pipeline": key, **counts.to_json()}, ensure_ascii=False))
        else:
            print_counts(console(), key, counts)


@deploy.command()
@options
def status(**given: Any) -> None:
    """List what is deployed, with the state of each pipeline's last update."""
    rows = verbs.status(_session(**given))
    if given["as_json"]:
        click.echo(json.dumps({"resources": rows}, ensure_ascii=False))
    else:
        console().print(rows_table(["resource", "name", "id", "state"], rows))


def _session(
    target: str | None, profile: str | None, by_cli: bool | None, as_json: bool, auto_approve: bool = False,
    lose: tuple[str, ...] = (), force_lock: bool = False,
) -> verbs.Session:  # fmt: skip
    client = WorkspaceClient(profile=profile, product="altrupets-deploy", product_version="0.1.0")
    screen = console(stderr=as_json)

    def told(step: Step) -> None:
        screen.print(headline(step), soft_wrap=True)

    return verbs.Session(
        client, target, profile, by_cli, screen.say, told,
        _approval(auto_approve=auto_approve, lose=lose, as_json=as_json), force_lock,
    )  # fmt: skip


def _show(made: Plan, *, as_json: bool) -> None:
    if as_json:
        click.echo(made.to_text())
    else:
        print_plan(console(), made)


def _end(done: Plan, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**done.to_json(), "applied": True}, ensure_ascii=False, default=str))
    else:
        console().say(summary(done).replace("Plan for", "Done for"))


def _approval(*, auto_approve: bool, lose: tuple[str, ...], as_json: bool) -> Callable[[Plan], None]:
    """Shows a plan and asks; what loses data needs its name."""

    def approve(made: Plan) -> None:
        if not as_json:
            print_plan(console(), made)
        losses = uncovered(made.steps, lose)
        if losses and (auto_approve or not sys.stdin.isatty()):
            raise WeirError(*map(verbs.not_agreed, losses))
        typed = list(lose)
        while left := uncovered(made.steps, typed):
            one = click.Choice([left[0].address])
            text = f"This loses {left[0].loses}. Type {left[0].address}"
            typed.append(click.prompt(text, type=one, show_choices=False))
        if made.steps and not auto_approve and not losses:
            click.confirm("Apply this plan?", abort=True)

    return approve


def main() -> None:
    """Run a verb; mistakes are shown without a traceback of ours."""
    try:
        deploy(standalone_mode=False)
    except WeirError as error:
        sys.exit(_report(error.problems))
    except DatabricksError as error:
        sys.exit(_report((Problem(str(error.error_code or "DATABRICKS_ERROR"), in_words(error)),)))
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG)
    except click.Abort:
        sys.exit(FAILED)
    except ValueError as error:  # how the SDK says that it has no credentials
        hint = "name a profile (--profile), or set DATABRICKS_HOST and DATABRICKS_TOKEN"
        sys.exit(_report((Problem("UNAUTHENTICATED", str(error).split(". Config:")[0], hint=hint),)))


def _report(problems: tuple[Problem, ...]) -> int:
    if "--json" in sys.argv:
        click.echo(json.dumps({"problems": [p.to_json() for p in problems]}, ensure_ascii=False))
    else:
        console(stderr=True).print(problems_view(problems), soft_wrap=True)
    return FAILED if any(p.condition in verbs.AFTERWARDS for p in problems) else WRONG


if __name__ == "__main__":
    main()
