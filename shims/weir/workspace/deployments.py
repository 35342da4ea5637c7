"""The history of bundles' deployments: versions, of which one at a time is open, and what each did."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from databricks.sdk.service import bundledeployments as history

from weir.workspace.calls import Call, Json, Route, not_found, page, wrong
from weir.workspace.state import new_id
from weir.workspace.world import World

PATH = "/api/2.0/bundle/deployments"
ONE = PATH + "/{deployment}"
VERSION = ONE + "/versions/{version}"
LEASE = timedelta(minutes=5)
SUCCESS = "VERSION_COMPLETE_SUCCESS"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def create(world: World, call: Call) -> Json:
    """Begin the history of a bundle's target."""
    call.needs("initial_parent_path")
    name = f"deployments/{new_id()}"
    given = {k: v for k, v in call.body.items() if k != "initial_parent_path"}
    own = {"name": name, "status": "DEPLOYMENT_STATUS_ACTIVE", "created_by": call.user, "create_time": _now()}
    return world.state.put("deployments", name, {**given, **own})


def _name(call: Call) -> str:
    return call.path.partition("/bundle/")[2].removesuffix("/complete").removesuffix("/heartbeat")


def _deployment(world: World, call: Call) -> Json:
    name = f"deployments/{call.names['deployment']}"
    return world.state.find("deployments", name, f"Deployment {name} does not exist.")


def get(world: World, call: Call) -> Json:
    """Get a deployment."""
    return _deployment(world, call)


def list_(world: World, call: Call) -> Json:
    """List the deployments, in pages."""
    return page(call, "deployments", list(world.state.all("deployments").values()), limit="page_size")


def delete(world: World, call: Call) -> None:
    """Say that a deployment was destroyed."""
    name = _deployment(world, call)["name"]
    gone = {"status": "DEPLOYMENT_STATUS_DELETED", "destroyed_by": call.user, "destroy_time": _now()}
    world.state.change("deployments", name, **gone)


def create_version(world: World, call: Call) -> Json:
    """Open a version after the last one, which must be completed, with what it is going to do."""
    deployment, key = _deployment(world, call), call.needs("version_id")
    last = deployment.get("last_version_id")
    if not re.fullmatch(r"[1-9]\d*", key) or int(key) <= int(last or 0):
        raise wrong(f"version_id {key} is not greater than {last or 0}.")
    if call.body.get("previous_version_id") != last:
        raise wrong(f"previous_version_id is not {last}: somebody else has deployed.")
    if last and world.state.all("versions")[f"{deployment['name']}/versions/{last}"]["status"].endswith(
        "PROGRESS"
    ):
        raise wrong(f"Version {last} is in progress.", "ABORTED")
    name = f"{deployment['name']}/versions/{key}"
    for planned in call.body.get("operations", []):
        place = f"{name}/operations/{planned['resource_key']}"
        own = {"name": place, "status": "OPERATION_STATUS_PENDING", "sequence_id": 0, "create_time": _now()}
        world.state.put("operations", place, {**planned, **own})
    world.state.change(
        "deployments", deployment["name"], last_version_id=key, status="DEPLOYMENT_STATUS_IN_PROGRESS"
    )
    given = {k: v for k, v in call.body.items() if k != "operations"}
    own = {"name": name, "version_id": key, "created_by": call.user, "create_time": _now()}
    return world.state.put("versions", name, {**given, **own, "status": "VERSION_STATUS_IN_PROGRESS"})


def get_version(world: World, call: Call) -> Json:
    """Get a version."""
    return world.state.find("versions", _name(call), f"Version {_name(call)} does not exist.")


def list_versions(world: World, call: Call) -> Json:
    """List the versions of a deployment, the newest first, in pages."""
    begin = f"{_deployment(world, call)['name']}/"
    values = [v for k, v in world.state.all("versions").items() if k.startswith(begin)]
    return page(call, "versions", values[::-1], limit="page_size")


def complete(world: World, call: Call) -> Json:
    """Close a version, and say how it ended."""
    known, reason = get_version(world, call), call.needs("completion_reason")
    if known["status"] == "VERSION_STATUS_COMPLETED":
        raise wrong(f"{known['name']} is completed.", "INVALID_STATE")
    good = reason == SUCCESS
    last = {"last_successful_version_id": known["version_id"]} if good else {}
    status = f"DEPLOYMENT_STATUS_{'ACTIVE' if good else 'FAILED'}"
    world.state.change("deployments", f"deployments/{call.names['deployment']}", status=status, **last)
    ended = {"completed_by": call.user, "complete_time": _now(), "completion_reason": reason}
    return world.state.change("versions", known["name"], status="VERSION_STATUS_COMPLETED", **ended)


def heartbeat(world: World, call: Call) -> Json:
    """Keep a version open."""
    get_version(world, call)
    return {"expire_time": (datetime.now(UTC) + LEASE).isoformat().replace("+00:00", "Z")}


def list_operations(world: World, call: Call) -> Json:
    """List what a version does, in pages."""
    begin = _name(call)
    values = [v for k, v in world.state.all("operations").items() if k.startswith(f"{begin}/")]
    return page(call, "operations", values, limit="page_size")


def get_operation(world: World, call: Call) -> Json:
    """Get one thing that a version does."""
    return world.state.find("operations", _name(call), f"Operation {_name(call)} does not exist.")


def update_operation(world: World, call: Call) -> Json:
    """Say how one thing ended; its state becomes that of the deployment's resource."""
    known, mask = get_operation(world, call), call.query.get("update_mask", "*")
    if int(call.body.get("sequence_id", known["sequence_id"])) != known["sequence_id"]:
        raise wrong(f"sequence_id is {known['sequence_id']}: somebody else has changed it.", "ABORTED")
    names = [*call.body] if mask == "*" else mask.split(",")
    given = {n: call.body.get(n) for n in names if n != "sequence_id"}
    if "state" in given:
        _keep_resource(world, call, {**known, **given})
    shown = {n: v for n, v in given.items() if n != "state"}
    number = known["sequence_id"] + 1
    return world.state.change("operations", known["name"], **shown, sequence_id=number, update_time=_now())


def _keep_resource(world: World, call: Call, operation: Json) -> None:
    name = f"deployments/{call.names['deployment']}/resources/{operation['resource_key']}"
    if not operation.get("state"):
        world.state.remove("bundle_resources", name)
        return
    kept = {n: operation[n] for n in ("resource_key", "resource_id", "state") if operation.get(n)}
    kind = operation["resource_key"].partition(".")[0].removesuffix("s").upper()
    own = {
        "name": name,
        "last_action_type": operation["action_type"],
        "last_version_id": call.names["version"],
    }
    known = f"DEPLOYMENT_RESOURCE_TYPE_{kind}" in history.DeploymentResourceType.__members__
    type_ = {"resource_type": f"DEPLOYMENT_RESOURCE_TYPE_{kind}"} if known else {}
    world.state.put("bundle_resources", name, {**kept, **own, **type_, "update_time": _now()})


def list_resources(world: World, call: Call) -> Json:
    """List the resources of a deployment with their states, in pages."""
    begin = f"{_deployment(world, call)['name']}/"
    values = [v for k, v in world.state.all("bundle_resources").items() if k.startswith(begin)]
    return page(call, "resources", values, limit="page_size")


def get_resource(world: World, call: Call) -> Json:
    """Get a resource of a deployment."""
    known = world.state.get("bundle_resources", _name(call))
    if known is None:
        raise not_found(f"Resource {_name(call)} does not exist.")
    return known


API = history.BundleDeploymentsAPI
ROUTES = (
    Route("POST", PATH, create, history.Deployment, history.Deployment),
    Route("GET", PATH, list_, gives=history.ListDeploymentsResponse),
    Route("GET", ONE, get, gives=history.Deployment),
    Route("DELETE", ONE, delete),
    Route("POST", f"{ONE}/versions", create_version, history.Version, history.Version),
    Route("GET", f"{ONE}/versions", list_versions, gives=history.ListVersionsResponse),
    Route("GET", f"{ONE}/resources", list_resources, gives=history.ListResourcesResponse),
    Route("GET", f"{ONE}/resources/{{key:path}}", get_resource, gives=history.Resource),
    Route("GET", VERSION, get_version, gives=history.Version),
    Route("POST", f"{VERSION}/complete", complete, API.complete_version, history.Version),
    Route("POST", f"{VERSION}/heartbeat", heartbeat, gives=history.HeartbeatResponse),
    Route("GET", f"{VERSION}/operations", list_operations, gives=history.ListOperationsResponse),
    Route("GET", f"{VERSION}/operations/{{key:path}}", get_operation, gives=history.Operation),
    Route(
        "PATCH", f"{VERSION}/operations/{{key:path}}", update_operation, history.Operation, history.Operation
    ),
)
