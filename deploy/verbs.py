"""The verbs: what each asks, plans and does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from databricks.sdk import WorkspaceClient

from deploy.api import Api
from deploy.apply import apply
from deploy.beyond import own_destinations, settings_beside
from deploy.facts import Facts, facts_of
from deploy.preflight import missing, missing_values, quotas
from deploy.survey import Survey, declared, survey
from deploy.values import Json, Plan, Step
from weir.bundle.bundle import BUNDLE_FILE, find_bundle
from weir.bundle.located_yaml import LocatedValue
from weir.model.problems import Problem, WeirError

Say = Callable[[str], None]
Told = Callable[[Step], None]
Approve = Callable[[Plan], None]
AFTERWARDS = frozenset({"DEPLOYMENT_STEP_FAILED", "UPDATE_NOT_COMPLETED", "STATEMENT_FAILED"})


def planned(client: WorkspaceClient, target: str | None, say: Say) -> Plan:
    """What apply would do.

    Raises:
        WeirError: Something is missing or wrong; all of it.
    """
    return _ready(client, target, say)[1].plan()


def applied(
    client: WorkspaceClient, target: str | None, saved: Json | None, approve: Approve, told: Told, say: Say
) -> Plan:
    """Do what the plan says.

    Args:
        saved: A plan that was saved, as data: another one is refused.
        approve: Called with the plan; it raises where nobody agrees.

    Raises:
        WeirError: Something is missing, the saved plan is stale, or a step failed.
    """
    api, surveyed = _ready(client, target, say)
    plan = surveyed.plan()
    if saved is not None and saved != json.loads(plan.to_text()):
        text = "The saved plan is stale: the files or the workspace have changed since it was made."
        raise WeirError(Problem("PLAN_STALE", text, hint="make a new one: python -m deploy plan --out FILE"))
    problems = tuple(missing_values(surveyed))
    if problems:
        raise WeirError(*problems)
    approve(plan)
    apply(api, surveyed, plan, told)
    return plan


def destroyed(client: WorkspaceClient, target: str | None, approve: Approve, told: Told, say: Say) -> Plan:
    """Remove everything that is remembered.

    Raises:
        WeirError: Something of it is protected, or a step failed.
    """
    api, facts, settings = _opened(client, target, say)
    surveyed = survey(api, facts, declared(facts, settings))
    plan = surveyed.destruction()
    approve(plan)
    apply(api, surveyed, plan, told)
    return plan


def drifted(client: WorkspaceClient, target: str | None, say: Say) -> Plan:
    """What was changed in the workspace since the last deployment."""
    api, facts, settings = _opened(client, target, say)
    plan = survey(api, facts, declared(facts, settings)).plan()
    return replace(plan, steps=tuple(step for step in plan.steps if step.outside))


def status(client: WorkspaceClient, target: str | None, say: Say) -> list[Json]:
    """Everything that shall be, with its id where it is."""
    api, facts, settings = _opened(client, target, say)
    known = survey(api, facts, declared(facts, settings)).known
    return [
        {
            "resource": k.resource.address,
            "name": k.resource.name,
            "id": k.remote.id if k.remote else None,
            "state": k.remote.fields.get("state", "") if k.remote and k.resource.kind == "updates" else "",
        }
        for k in known
    ]


def not_agreed(step: Step) -> Problem:
    """Nobody agreed to a loss."""
    text = f"{step.verb} {step.address} (`{step.name}`) loses {step.loses}."
    return Problem("DATA_LOSS_NOT_AGREED", text, hint=f"agree to it by name: --lose {step.address}")


def _opened(client: WorkspaceClient, target: str | None, say: Say) -> tuple[Api, Facts, LocatedValue]:
    file = find_bundle(Path.cwd())
    if file is None:
        text = f"No {BUNDLE_FILE} lies here or in a parent folder."
        raise WeirError(Problem("BUNDLE_NOT_FOUND", text, hint="go to the folder of the bundle"))
    settings = settings_beside(file)
    facts = facts_of(Api(client), file, target, own_destinations(settings))
    return Api(client, facts.bundle.variables.get("warehouse_id", ""), say), facts, settings


def _ready(client: WorkspaceClient, target: str | None, say: Say) -> tuple[Api, Survey]:
    api, facts, settings = _opened(client, target, say)
    problems = tuple(missing(api, facts, settings))
    if problems:
        raise WeirError(*problems)
    for sentence in quotas(api):
        say(f"nearly used up: {sentence}")
    return api, survey(api, facts, declared(facts, settings))
