"""Clusters, which run nothing: what a bundle says of them is kept, and their states follow what is asked."""

from __future__ import annotations

from databricks.sdk.service import compute

from weir.workspace.calls import Call, Json, Route, page, wrong
from weir.workspace.state import new_id, now
from weir.workspace.world import World

PATH = "/api/2.1/clusters"


def create(world: World, call: Call) -> Json:
    """Make a cluster, which runs at once."""
    call.needs("spark_version")
    key = new_id()[-20:]
    own = {"cluster_id": key, "state": "RUNNING", "creator_user_name": call.user, "start_time": now()}
    world.state.put("clusters", key, {"autotermination_minutes": 60, **call.body, **own})
    return {"cluster_id": key}


def _key(world: World, call: Call) -> str:
    key = call.needs("cluster_id")
    if key not in world.state.all("clusters"):
        raise wrong(f"Cluster {key} does not exist")
    return key


def get(world: World, call: Call) -> Json:
    """Get a cluster."""
    return world.state.all("clusters")[_key(world, call)]


def list_(world: World, call: Call) -> Json:
    """List the clusters, in pages."""
    return page(call, "clusters", list(world.state.all("clusters").values()), limit="page_size")


def edit(world: World, call: Call) -> None:
    """Replace the settings of a cluster."""
    known = world.state.all("clusters")[_key(world, call)]
    kept = {name: known[name] for name in ("state", "creator_user_name", "start_time")}
    world.state.put("clusters", known["cluster_id"], {**call.body, **kept})


def start(world: World, call: Call) -> None:
    """Start a cluster: it runs at once."""
    world.state.change("clusters", _key(world, call), state="RUNNING")


def terminate(world: World, call: Call) -> None:
    """Stop a cluster at once; it can be started again."""
    world.state.change("clusters", _key(world, call), state="TERMINATED")


def remove(world: World, call: Call) -> None:
    """Remove a cluster for good."""
    world.state.remove("clusters", _key(world, call))


API = compute.ClustersAPI
ROUTES = (
    Route("POST", f"{PATH}/create", create, API.create, compute.CreateClusterResponse),
    Route("GET", f"{PATH}/get", get, gives=compute.ClusterDetails),
    Route("GET", f"{PATH}/list", list_),
    Route("POST", f"{PATH}/edit", edit, API.edit),
    Route("POST", f"{PATH}/start", start, API.start),
    Route("POST", f"{PATH}/delete", terminate, API.delete),
    Route("POST", f"{PATH}/permanent-delete", remove, API.permanent_delete),
)
