"""The verbs: what each asks, plans and does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from databricks.sdk import WorkspaceClient

from deploy.api import Api
from deploy.apply import apply
from deploy.beyond import is_own, own_destinations, settings_beside
from deploy.bi import write_bi
from deploy.bundle import pipelines_in_order
from deploy.cli import Cli, installed
from deploy.definitions import definitions_of
from deploy.facts import Facts, facts_of
from deploy.kinds.all import OF_BUNDLES
from deploy.kinds.updates import Counts, run_update
from deploy.lock import DeployLock
from deploy.planning import Known
from deploy.preflight import missing, missing_values, quotas
from deploy.smoke import readings, wrong
from deploy.state import read_state
from deploy.survey import Survey, declared, survey
from deploy.values import Json, Plan, Step
from weir.bundle.bundle import BUNDLE_FILE, find_bundle
from weir.bundle.located_yaml import LocatedValue
from weir.model.problems import Problem, WeirError, closest

AFTERWARDS = frozenset(
    [
        "DEPLOYMENT_STEP_FAILED", "UPDATE_NOT_COMPLETED", "STATEMENT_FAILED", "SMOKE_TEST_FAILED",
        "BUNDLE_COMMAND_FAILED",
    ]
)  # fmt: skip


def silent(_: object) -> None:
    """Tell nobody, agree to all."""


@dataclass(frozen=True, slots=True)
class Session:
    """Where a verb works, and whom it tells.

    Attributes:
        profile: Of the Databricks CLI's configuration.
        by_cli: Shall the CLI deploy the bundle? None lets it where it is on PATH.
        say: Told what takes a while.
        told: Told of each step before it is taken.
        approve: Called with a plan; it raises where nobody agrees.
        force_lock: Take the lock of a deployment that was killed elsewhere.
    """

    client: WorkspaceClient
    target: str | None = None
    profile: str | None = None
    by_cli: bool | None = None
    say: Callable[[str], None] = silent
    told: Callable[[Step], None] = silent
    approve: Callable[[Plan], None] = silent
    force_lock: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A workspace and a bundle that was read for it."""

    session: Session
    api: Api
    facts: Facts
    settings: LocatedValue

    def survey(self) -> Survey:
        """What shall be and what is.

        Raises:
            WeirError: The bundle or the sources have problems.
        """
        cli = self._cli()
        definitions = definitions_of(self.facts.bundle)
        wanted = declared(self.facts, self.settings, definitions, by_cli=cli is not None)
        for name, problem in definitions.unread.items():
            self.session.say(f"What a change does to the tables of {name} is not foretold: {problem.message}")
        return survey(self.api, self.facts, wanted, definitions, cli)

    def refuse_missing(self) -> None:
        """See that nothing is missing.

        Raises:
            WeirError: Something is; all of it.
        """
        problems = tuple(missing(self.api, self.facts, self.settings))
        if problems:
            raise WeirError(*problems)
        for sentence in quotas(self.api):
            self.session.say(f"nearly used up: {sentence}")

    def lock(self) -> DeployLock:
        """The lock of the target."""
        return DeployLock(self.api, self.facts.lock, self.facts.user, self.session.force_lock)

    def _cli(self) -> Cli | None:
        """Who began with the bundle goes on with it: two would make each thing twice."""
        program, wanted = installed(), self.session.by_cli
        kinds = {entry.kind for entry in read_state(self.api, self.facts.state).entries.values()}
        theirs = self.api.get("/api/2.0/workspace/get-status", path=self.facts.cli_state) is not None
        if theirs and not program:
            text = "The Databricks CLI has deployed this bundle, and it is not on PATH."
            raise WeirError(Problem("BUNDLE_COMMAND_FAILED", text, hint="install it, or destroy by it first"))
        if not program or wanted is False or kinds & {*OF_BUNDLES, "files"}:
            return None
        bundle = self.facts.bundle
        variables = {n: v for n, v in bundle.variables.items() if v.startswith("${resources.destinations.")}
        return Cli(program, bundle.file.parent, bundle.target, self.session.profile, variables)


def opened(session: Session) -> Opened:
    """Read the bundle of the working directory for a workspace.

    Raises:
        WeirError: There is none, or it can't be read.
    """
    file = find_bundle(Path.cwd())
    if file is None:
        text = f"No {BUNDLE_FILE} lies here or in a parent folder."
        raise WeirError(Problem("BUNDLE_NOT_FOUND", text, hint="go to the folder of the bundle"))
    settings = settings_beside(file)
    facts = facts_of(Api(session.client), file, session.target, own_destinations(settings))
    warehouse = facts.bundle.variables.get("warehouse_id", "")
    return Opened(session, Api(session.client, warehouse, session.say), facts, settings)


def planned(session: Session, out: Path | None = None) -> Plan:
    """What apply would do.

    Args:
        out: The file in which the plan is saved.

    Raises:
        WeirError: Something is missing or wrong; all of it.
    """
    here = opened(session)
    if out is not None:
        _refuse_own(here.facts, out)
    here.refuse_missing()
    plan = here.survey().plan()
    if out is not None:
        out.write_text(plan.to_text(), encoding="utf-8")
    return plan


def _refuse_own(facts: Facts, out: Path) -> None:
    """A plan among the files of the bundle would be stale by being there."""
    out.parent.mkdir(parents=True, exist_ok=True)
    known = out.exists()
    out.touch()
    own = is_own(facts, out)
    if not known:
        out.unlink()
    if own:
        text = f"`{out}` would be a file of the bundle: the plan would be stale once it is saved there."
        raise WeirError(Problem("PLAN_IN_BUNDLE", text, hint=f"save it elsewhere: --out .weir/{out.name}"))


def applied(session: Session, saved: Json | None = None) -> Plan:
    """Do what the plan says, then look at what came of it.

    Args:
        saved: A plan that was saved, as data: another one is refused.

    Raises:
        WeirError: Something is missing, somebody else deploys, the saved plan is stale, or a step failed.
    """
    here = opened(session)
    lock = here.lock()
    here.refuse_missing()
    with lock.held():
        surveyed = here.survey()
        plan = surveyed.plan()
        _refuse_stale(plan, saved)
        if problems := tuple(missing_values(plan, surveyed)):
            raise WeirError(*problems)
        session.approve(plan)
        apply(here.api, surveyed, plan, session.told, lock)
    if folder := write_bi(here.api, here.facts, surveyed.tables):
        session.say(f"what BI tools need lies in {folder}")
    read = list(readings(here.api, here.facts, here.settings))
    for one in read:
        session.say(f"{one.table} as {one.reader}: {one.answer}")
    if problems := tuple(wrong(iter(read))):
        raise WeirError(*problems)
    return plan


def _refuse_stale(plan: Plan, saved: Json | None) -> None:
    if saved is not None and saved != json.loads(plan.to_text()):
        text = "The saved plan is stale: the files or the workspace have changed since it was made."
        raise WeirError(Problem("PLAN_STALE", text, hint="make a new one: python -m deploy plan --out FILE"))


def destroyed(session: Session) -> Plan:
    """Remove everything that is remembered.

    Raises:
        WeirError: Something of it is protected, somebody else deploys, or a step failed.
    """
    here = opened(session)
    lock = here.lock()
    with lock.held():
        surveyed = here.survey()
        plan = surveyed.destruction()
        session.approve(plan)
        apply(here.api, surveyed, plan, session.told, lock, destroying=True)
    return plan


def drifted(session: Session) -> Plan:
    """What was changed in the workspace since the last deployment."""
    plan = opened(session).survey().plan()
    return replace(plan, steps=tuple(step for step in plan.steps if step.outside))


def updated(session: Session, pipelines: tuple[str, ...]) -> Iterator[tuple[str, Counts]]:
    """Bring pipelines up to date, one after the other, each after those that a job runs before it.

    Args:
        pipelines: Their keys in the bundle; all if none is named.

    Raises:
        WeirError: There is no such pipeline, it was not deployed, or an update did not complete.
    """
    here = opened(session)
    order = pipelines_in_order(here.facts.bundle)
    if unknown := [key for key in pipelines if key not in order]:
        text, hint = f"The bundle has no pipeline `{unknown[0]}`.", closest(unknown[0], order)
        raise WeirError(Problem("PIPELINE_NOT_FOUND", text, hint=hint or f"available: {', '.join(order)}"))
    ids = here.survey().ids
    for key in (key for key in order if key in pipelines or not pipelines):
        if f"pipelines.{key}" not in ids:
            text = f"The pipeline `{key}` is not in the workspace."
            raise WeirError(Problem("PIPELINE_NOT_FOUND", text, hint="python -m deploy apply"))
        yield key, run_update(here.api, ids[f"pipelines.{key}"], key)


def status(session: Session) -> list[Json]:
    """Everything that shall be, with its id where it is."""
    surveyed = opened(session).survey()
    return [_row(known) for known in (*surveyed.theirs, *surveyed.known)]


def _row(known: Known) -> Json:
    remote: Mapping[str, object] = known.remote.fields if known.remote else {}
    return {
        "resource": known.resource.address,
        "name": known.resource.name,
        "id": known.remote.id if known.remote else None,
        "state": remote.get("state", "") if known.resource.kind == "updates" else "",
    }


def not_agreed(step: Step) -> Problem:
    """Nobody agreed to a loss."""
    text = f"{step.verb} {step.address} (`{step.name}`) loses {step.loses}."
    return Problem("DATA_LOSS_NOT_AGREED", text, hint=f"agree to it by name: --lose {step.address}")
