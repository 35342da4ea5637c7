"""The steps of a plan, one call after the other; what is remembered is written between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from databricks.sdk.errors.base import DatabricksError

from deploy.api import Api, in_words
from deploy.cli import Cli
from deploy.difference import differences, plain
from deploy.kinds.kind import Kind
from deploy.lock import DeployLock
from deploy.state import State, write_state
from deploy.survey import Survey, look, looked
from deploy.values import Entry, Plan, Remote, Resource, Step, Verb, resolved
from weir.model.problems import Problem, WeirError


def apply(
    api: Api, surveyed: Survey, plan: Plan, told: Callable[[Step], None], lock: DeployLock, *,
    destroying: bool = False,
) -> None:  # fmt: skip
    """Take all steps of a plan.

    Args:
        surveyed: What the plan was made of.
        lock: Held.
        told: Called before each step.
        destroying: Does the plan remove everything?

    Raises:
        WeirError: A step failed; those before it are done and remembered.
    """
    state, ids, by_cli = surveyed.state, surveyed.ids, False
    resources = {k.resource.address: k.resource for k in (*surveyed.known, *surveyed.gone)}
    for step in plan.steps:
        told(step)
        if step.by_cli and surveyed.cli and not by_cli:
            with lock.lent():
                _by_cli(api, surveyed, surveyed.cli, ids, destroying=destroying)
            by_cli = True
        if step.by_cli or step.kind == "tables":  # that is all of the CLI's steps, or the next update's
            continue
        kind, resource = surveyed.kinds[step.kind], _known(resources[step.address], ids)
        state = write_state(api, surveyed.facts.state, _begun(state, step, resource))
        key = _taken(api, kind, step, resource, ids)
        if key is None:
            ids.pop(step.address, None)
            state = state.without(step.address)
        else:
            ids[step.address] = key
            state = state.with_entry(_entry(resource, key))
    if plan.steps:
        write_state(api, surveyed.facts.state, replace(state, definitions=surveyed.tables))


def _by_cli(api: Api, surveyed: Survey, cli: Cli, ids: dict[str, str], *, destroying: bool) -> None:
    """Let the Databricks CLI take all its steps; then the ids of the bundle's resources are known."""
    if destroying:
        cli.destroy(ids)
        return
    cli.deploy(ids)
    resources = [k.resource for k in surveyed.theirs]
    looked(api, surveyed.kinds, resources, surveyed.state, ids)


def _known(resource: Resource, ids: Mapping[str, str]) -> Resource:
    return replace(resource, name=resolved(resource.name, ids), fields=resolved(resource.fields, ids))


def _entry(resource: Resource, key: str | None) -> Entry:
    return Entry(resource.kind, resource.key, resource.name, key, dict(resource.fields), resource.protected)


def _begun(state: State, step: Step, resource: Resource) -> State:
    """What a kill after the coming call must leave behind: that it was to be made."""
    known = state.entries.get(step.address)
    if step.verb in {Verb.CREATE, Verb.RECREATE}:
        return state.with_entry(_entry(resource, None))
    return state if known else state.with_entry(replace(_entry(resource, step.id), fields={}))


def _taken(api: Api, kind: Kind, step: Step, resource: Resource, ids: Mapping[str, str]) -> str | None:
    """Take a step, and give the id of its resource; one whose answer was lost may have been taken."""
    try:
        return _call(api, kind, step, resource)
    except DatabricksError as error:
        entry = None if step.id is None or step.verb is Verb.RECREATE else _entry(resource, step.id)
        known = look(api, kind, resource, entry, ids)
        if step.verb is Verb.DELETE and known.remote is None and not step.changes:
            return None
        if step.verb is not Verb.DELETE and known.remote and _fits(kind, step, resource, known.remote):
            return known.remote.id
        text = f"{step.verb} {step.address} (`{resource.name}`): {in_words(error)}"
        hint = "mend the cause and call apply again: it goes on from here"
        raise WeirError(Problem("DEPLOYMENT_STEP_FAILED", text, resource.origin, hint)) from error


def _fits(kind: Kind, step: Step, resource: Resource, remote: Remote) -> bool:
    """Is all as it shall be? What the workspace never tells nobody knows."""
    hidden = step.verb is Verb.UPDATE and any(plain(c.path) in kind.classes.unread for c in step.changes)
    return not hidden and not differences(resource.fields, remote.fields, None, kind.classes)


def _call(api: Api, kind: Kind, step: Step, resource: Resource) -> str | None:
    if step.verb is Verb.ADOPT:
        return step.id
    if step.verb is Verb.CREATE:
        return kind.create(api, resource)
    if step.verb is Verb.UPDATE:
        kind.update(api, Remote(step.id or ""), resource, step.changes)
        return step.id
    if step.verb is Verb.DELETE and step.changes:  # ours alone are taken away
        api.remove(lambda: kind.update(api, Remote(step.id or ""), resource, step.changes))
        return None
    kind.delete(api, step.id or "")
    return kind.create(api, resource) if step.verb is Verb.RECREATE else None
