"""AI/BI dashboards: drafts, and what is published of them; nothing is drawn, no query runs."""

from __future__ import annotations

from databricks.sdk.service import dashboards

from weir.workspace.calls import Call, Json, Route, not_found, page
from weir.workspace.state import new_id, now
from weir.workspace.world import World

PATH = "/api/2.0/lakeview/dashboards"


def create(world: World, call: Call) -> Json:
    """Make a draft of a dashboard."""
    name, key = call.needs("display_name"), new_id()
    folder = call.body.get("parent_path") or f"/Users/{call.user}"
    own = {
        "dashboard_id": key, "etag": "1", "lifecycle_state": "ACTIVE", "parent_path": folder,
        "path": f"{folder}/{name}.lvdash.json", "create_time": now(),
    }  # fmt: skip
    return world.state.put("dashboards", key, {**call.body, **own, "update_time": now()})


def get(world: World, call: Call) -> Json:
    """Get a draft; one in the trash is TRASHED."""
    key = call.names["id"]
    return world.state.find("dashboards", key, f"Unable to find dashboard {key}.")


def list_(world: World, call: Call) -> Json:
    """List the drafts that are not in the trash, in pages."""
    values = [d for d in world.state.all("dashboards").values() if d["lifecycle_state"] == "ACTIVE"]
    return page(call, "dashboards", values, 20, "page_size")


def update(world: World, call: Call) -> Json:
    """Change a draft; each change has another etag."""
    known = get(world, call)
    own = {"etag": str(int(known["etag"]) + 1), "update_time": now(), "dashboard_id": call.names["id"]}
    return world.state.change("dashboards", call.names["id"], **{**call.body, **own})


def trash(world: World, call: Call) -> None:
    """Put a draft into the trash, and take back what is published."""
    get(world, call)
    world.state.change("dashboards", call.names["id"], lifecycle_state="TRASHED")
    world.state.remove("published_dashboards", call.names["id"])


def publish(world: World, call: Call) -> Json:
    """Publish a draft as it is."""
    draft = get(world, call)
    shown = {
        "display_name": draft["display_name"],
        "embed_credentials": bool(call.body.get("embed_credentials", False)),
        "warehouse_id": call.body.get("warehouse_id") or draft.get("warehouse_id"),
        "revision_create_time": now(),
    }
    return world.state.put("published_dashboards", call.names["id"], shown)


def get_published(world: World, call: Call) -> Json:
    """Get what is published of a dashboard."""
    key = call.names["id"]
    return world.state.find("published_dashboards", key, f"Unable to find published dashboard {key}.")


def unpublish(world: World, call: Call) -> None:
    """Take back what is published."""
    if call.names["id"] not in world.state.all("published_dashboards"):
        raise not_found(f"Unable to find published dashboard {call.names['id']}.")
    world.state.remove("published_dashboards", call.names["id"])


API = dashboards.LakeviewAPI
ROUTES = (
    Route("POST", PATH, create, dashboards.Dashboard, dashboards.Dashboard),
    Route("GET", PATH, list_),
    Route("GET", f"{PATH}/{{id}}", get, gives=dashboards.Dashboard),
    Route("PATCH", f"{PATH}/{{id}}", update, dashboards.Dashboard, dashboards.Dashboard),
    Route("DELETE", f"{PATH}/{{id}}", trash),
    Route("POST", f"{PATH}/{{id}}/published", publish, API.publish, dashboards.PublishedDashboard),
    Route("GET", f"{PATH}/{{id}}/published", get_published, gives=dashboards.PublishedDashboard),
    Route("DELETE", f"{PATH}/{{id}}/published", unpublish),
)
