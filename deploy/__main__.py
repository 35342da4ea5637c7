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
from deploy.show import markdown, print_plan, summary
from deploy.values import Plan, Step
from weir.model.problems import Problem, WeirError
from weir.ui.screen import console
from weir.ui.tables import problems_view

PENDING, WRONG, FAILED = 2, 3, 1
TARGET = click.option("--target", "-t", help="Target in databricks.yml [default: its default target].")
PROFILE = click.option("--profile", "-p", help="Profile of the Databricks CLI's configuration.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
LOSE = click.option(
    "--lose", multiple=True, metavar="RESOURCE",
    help="Agree to the loss of the data of this resource, or of those of a pattern; may be repeated.",
)  # fmt: skip
APPROVE = click.option("--auto-approve", is_flag=True, help="Ask nothing; losses still need --lose.")


def options(command: Any) -> Any:
    """What every verb takes."""
    return TARGET(PROFILE(AS_JSON(command)))


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
def plan(target: str | None, profile: str | None, as_json: bool, out: Path | None, as_markdown: bool) -> None:
    """Show what apply would do: field by field, and which data a change would lose."""
    made = verbs.planned(_client(profile), target, _say(as_json))
    if out:
        out.write_text(made.to_text(), encoding="utf-8")
    if as_markdown:
        click.echo(markdown(made))
    else:
        _show(made, as_json=as_json)
    sys.exit(PENDING if made.steps else 0)


@deploy.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@options
@APPROVE
@LOSE
def apply(
    file: Path | None, target: str | None, profile: str | None, as_json: bool, auto_approve: bool,
    lose: tuple[str, ...],
) -> None:  # fmt: skip
    """Do what plan shows; a plan of a FILE is refused if anything changed since."""
    saved = json.loads(file.read_text(encoding="utf-8")) if file else None
    wanted = target or (saved and saved["target"])
    approve = _approval(auto_approve=auto_approve or bool(saved), lose=lose, as_json=as_json)
    done = verbs.applied(_client(profile), wanted, saved, approve, _told(as_json), _say(as_json))
    _end(done, as_json=as_json)


@deploy.command()
@options
@APPROVE
@LOSE
def destroy(
    target: str | None, profile: str | None, as_json: bool, auto_approve: bool, lose: tuple[str, ...]
) -> None:
    """Remove everything that was deployed, in the opposite order; what is protected is refused."""
    approve = _approval(auto_approve=auto_approve, lose=lose, as_json=as_json)
    done = verbs.destroyed(_client(profile), target, approve, _told(as_json), _say(as_json))
    _end(done, as_json=as_json)


@deploy.command()
@options
def drift(target: str | None, profile: str | None, as_json: bool) -> None:
    """Show what somebody changed in the workspace since the last deployment."""
    made = verbs.drifted(_client(profile), target, _say(as_json))
    _show(made, as_json=as_json)
    sys.exit(PENDING if made.steps else 0)


@deploy.command()
@options
def status(target: str | None, profile: str | None, as_json: bool) -> None:
    """List what is deployed, with the state of each pipeline's last update."""
    rows = verbs.status(_client(profile), target, _say(as_json))
    if as_json:
        click.echo(json.dumps({"resources": rows}, ensure_ascii=False))
        return
    for row in rows:
        console().say(f"{row['resource']}  {row['id'] or 'missing'}  {row['name']}  {row['state']}".rstrip())


def _client(profile: str | None) -> WorkspaceClient:
    return WorkspaceClient(profile=profile, product="altrupets-deploy", product_version="0.1.0")


def _say(as_json: bool) -> Callable[[str], None]:
    return console(stderr=as_json).say


def _told(as_json: bool) -> Callable[[Step], None]:
    return lambda step: console(stderr=as_json).say(f"{step.verb} {step.address} ({step.name})")


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
