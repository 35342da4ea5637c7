"""SQL warehouses, which run nothing by themselves: statements need one that exists."""

from __future__ import annotations

from databricks.sdk.service import sql

from weir.workspace.calls import Call, Json, Route, exists, page
from weir.workspace.state import new_id
from weir.workspace.world import World

PATH = "/api/2.0/sql/warehouses"
DEFAULTS: Json = {
    "auto_stop_mins": 120, "min_num_clusters": 1, "max_num_clusters": 1, "warehouse_type": "CLASSIC",
    "enable_photon": True, "enable_serverless_compute": False, "spot_instance_policy": "COST_OPTIMIZED",
    "channel": {},
}  # fmt: skip


def create(world: World, call: Call) -> Json:
    """Make a warehouse, which runs at once."""
    name = call.needs("name")
    if name in {w["name"] for w in world.state.all("warehouses").values()}:
        raise exists(f"SQL warehouse with name `{name}` already exists")
    added = new_id().replace("-", "")[:16]
    path = f"/sql/1.0/warehouses/{added}"
    odbc = {"hostname": world.url.partition("//")[2], "path": path, "port": 443, "protocol": "https"}
    own = {"id": added, "state": "RUNNING", "creator_name": call.user, "odbc_params": odbc, "num_clusters": 1}
    world.state.put("warehouses", added, {**DEFAULTS, **call.body, **own})
    return {"id": added}


def get(world: World, call: Call) -> Json:
    """Get a warehouse."""
    key = call.names["id"]
    return world.state.find("warehouses", key, f"SQL warehouse {key} does not exist.")


def list_(world: World, call: Call) -> Json:
    """List the warehouses, in pages."""
    return page(call, "warehouses", list(world.state.all("warehouses").values()), limit="page_size")


def edit(world: World, call: Call) -> None:
    """Change the fields of a warehouse that are given."""
    get(world, call)
    world.state.change("warehouses", call.names["id"], **call.body)


def delete(world: World, call: Call) -> None:
    """Remove a warehouse."""
    get(world, call)
    world.state.remove("warehouses", call.names["id"])


def start(world: World, call: Call) -> None:
    """Start a warehouse: it runs at once."""
    get(world, call)
    world.state.change("warehouses", call.names["id"], state="RUNNING", num_clusters=1)


def stop(world: World, call: Call) -> None:
    """Stop a warehouse at once."""
    get(world, call)
    world.state.change("warehouses", call.names["id"], state="STOPPED", num_clusters=0)


API = sql.WarehousesAPI
ROUTES = (
    Route("POST", PATH, create, API.create, sql.CreateWarehouseResponse),
    Route("GET", PATH, list_),
    Route("GET", f"{PATH}/{{id}}", get, gives=sql.GetWarehouseResponse),
    Route("POST", f"{PATH}/{{id}}/edit", edit, API.edit),
    Route("POST", f"{PATH}/{{id}}/start", start),
    Route("POST", f"{PATH}/{{id}}/stop", stop),
    Route("DELETE", f"{PATH}/{{id}}", delete),
)
