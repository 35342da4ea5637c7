"""Everything that must exist before a deployment and does not, all of it at once; nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Iterator

from databricks.sdk.errors.base import DatabricksError

from deploy.api import Api
from deploy.beyond import misspelt
from deploy.bundle import target_presets
from deploy.facts import Facts
from deploy.kinds.securables import PATH
from deploy.survey import Survey
from deploy.values import Json, Plan, Verb
from weir.bundle.located_yaml import LocatedValue
from weir.model.problems import Problem

SCIM = "/api/2.0/preview/scim/v2"


def missing(api: Api, facts: Facts, settings: LocatedValue) -> Iterator[Problem]:
    """What the workspace lacks of what no deployment makes."""
    yield from misspelt(settings)
    yield from facts.problems
    yield from _groups(api, facts, settings)
    yield from _principal(api, facts, settings)
    yield from _credentials(api, facts, settings)
    yield from _locations(api, facts)


def _groups(api: Api, facts: Facts, settings: LocatedValue) -> Iterator[Problem]:
    del facts
    for node in settings.get("requires").items_of("groups"):
        if _group(api, str(node.value)) is None:
            text = f"There is no group `{node.value}`, which receives grants."
            yield Problem("PRINCIPAL_DOES_NOT_EXIST", text, node.origin, "an account admin makes it")


def _group(api: Api, name: str) -> Json | None:
    found = (api.get(f"{SCIM}/Groups", filter=f'displayName eq "{name}"') or {}).get("Resources", [])
    return next(iter(found), None)


def _principal(api: Api, facts: Facts, settings: LocatedValue) -> Iterator[Problem]:
    """Whoever runs the pipelines is in the group to which masks show what they hide from others."""
    node = settings.get("requires", "member_of")
    wanted = node.value
    if wanted is None:
        return
    name = target_presets(facts).run_as.get("service_principal_name")
    if name is None:
        if wanted not in facts.groups and not _is_member(api, str(wanted)):
            yield _no_member(facts.user, str(wanted), node)
        return
    query = f'applicationId eq "{name}"'
    found = (api.get(f"{SCIM}/ServicePrincipals", filter=query) or {}).get("Resources", [])
    if not found:
        text = f"There is no service principal `{name}`, which shall run everything."
        hint = "make it, and give its application id: export BUNDLE_VAR_run_as=..."
        yield Problem("PRINCIPAL_DOES_NOT_EXIST", text, facts.bundle.whole.get("run_as").origin, hint)
        return
    members = (_group(api, str(wanted)) or {}).get("members", [])
    if found[0]["id"] not in {m["value"] for m in members}:
        yield _no_member(name, str(wanted), node)


def _is_member(api: Api, group: str) -> bool:
    """Is the caller in it, also through another group? The warehouse knows."""
    if not api.warehouse or "$" in api.warehouse:
        return False
    return api.rows(f"SELECT is_account_group_member('{group}')") == [["true"]]


def _no_member(who: str, group: str, node: LocatedValue) -> Problem:
    text = f"The pipelines run as `{who}`, which is not in `{group}`: masks would hide data from them."
    return Problem("PRINCIPAL_NOT_IN_GROUP", text, node.origin, f"let an account admin add it to `{group}`")


def _credentials(api: Api, facts: Facts, settings: LocatedValue) -> Iterator[Problem]:
    """The credentials that are required, and those of the external locations that the bundle makes."""
    places = facts.bundle.resources.get("external_locations").mapping().values()
    required = settings.get("requires").items_of("service_credentials")
    nodes = [*required, *(place.get("credential_name") for place in places)]
    for name, node in {facts.bundle.text(node): node for node in nodes}.items():
        if api.get(f"{PATH}/credentials/{name}") is None:
            text = f"There is no credential `{name}`, with which data is reached."
            yield Problem("CREDENTIAL_DOES_NOT_EXIST", text, node.origin, "a metastore admin makes it")


def _locations(api: Api, facts: Facts) -> Iterator[Problem]:
    """Paths of schemas that lie in no external location, each once."""
    resources = facts.bundle.resources
    own = [facts.bundle.text(n.get("url")) for n in resources.get("external_locations").mapping().values()]
    listed = [one["url"] for one in api.pages(f"{PATH}/external-locations", "external_locations")]
    urls = [url.rstrip("/") for url in (*listed, *own)]
    told = set[str]()
    for node in (*resources.get("catalogs").mapping().values(), *resources.get("schemas").mapping().values()):
        path = facts.bundle.text(node.get("storage_root")) if node.get("storage_root").value else ""
        held = path.startswith("${resources.external_locations.") or any(path.startswith(u) for u in urls)
        if path and path not in told and not held:
            told.add(path)
            text = f"No external location holds `{path}`, where tables shall lie."
            hint = "a metastore admin makes it, with CREATE MANAGED STORAGE for whoever deploys"
            origin = node.get("storage_root").origin
            yield Problem("EXTERNAL_LOCATION_DOES_NOT_EXIST", text, origin, hint)


def missing_values(plan: Plan, surveyed: Survey) -> Iterator[Problem]:
    """Environment variables from which a step of the plan would read a secret, and that are not set."""
    for step in plan.steps:
        if step.kind not in {"secrets", "destinations"} or step.verb not in {Verb.CREATE, Verb.UPDATE}:
            continue
        resource = next(k.resource for k in surveyed.known if k.resource.address == step.address)
        given = resource.fields["environment"]
        for name in given.values() if isinstance(given, dict) else [given]:
            if not os.environ.get(name):
                text = f"`{step.address}` has no value: the environment variable {name} is not set."
                yield Problem("SECRET_VALUE_MISSING", text, resource.origin, f"export {name}=...")


def quotas(api: Api) -> Iterator[str]:
    """Quotas of the metastore that are nearly used up, as far as the workspace tells them."""
    try:
        for quota in api.pages(f"{PATH}/resource-quotas/all-resource-quotas", "quotas"):
            used, limit = int(quota.get("quota_count", 0)), int(quota.get("quota_limit", 0))
            if limit and used >= 0.9 * limit:
                yield f"{quota.get('quota_name')} of {quota.get('parent_full_name')}: {used} of {limit}"
    except DatabricksError:
        return
