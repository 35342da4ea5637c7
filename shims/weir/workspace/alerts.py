"""SQL alerts (version 2), evaluated when somebody looks, and the destinations; nothing is ever sent."""

from __future__ import annotations

from datetime import UTC, datetime

from databricks.sdk.service import settings, sql

from weir.workspace.alert_states import alert_state
from weir.workspace.calls import ApiError, Call, Json, Later, Route, denied, exists, page, wrong
from weir.workspace.commands import Context
from weir.workspace.queries import rows_of
from weir.workspace.state import new_id
from weir.workspace.world import World

ALERTS = "/api/2.0/alerts"
DESTINATIONS = "/api/2.0/notification-destinations"
TYPES = {
    "email": "EMAIL", "slack": "SLACK", "generic_webhook": "WEBHOOK", "pagerduty": "PAGERDUTY",
    "microsoft_teams": "MICROSOFT_TEAMS",
}  # fmt: skip
OPEN = {"addresses"}  # what a destination tells again: everything else is a secret


def create(world: World, call: Call) -> Json:
    """Make an alert; its warehouse must exist."""
    for name in ("display_name", "query_text", "warehouse_id", "evaluation", "schedule"):
        call.needs(name)
    _warehouse(world, call.body)
    moment = datetime.now(UTC).isoformat()
    own = {"id": new_id(), "lifecycle_state": "ACTIVE", "owner_user_name": call.user, "create_time": moment}
    run_as = call.body.get("run_as") or {"user_name": call.user}
    shown = {"effective_run_as": run_as, "parent_path": f"/Workspace/Users/{call.user}", **call.body}
    return world.state.put("alerts", own["id"], {**shown, **own, "update_time": moment})


def _warehouse(world: World, alert: Json) -> None:
    key = alert.get("warehouse_id")
    if key is not None:
        world.state.find("warehouses", key, f"SQL warehouse {key} does not exist.")


def get(world: World, call: Call) -> Json | Later:
    """Get an alert, evaluated now where queries run; one in the trash is DELETED."""
    alert = _found(world, call)
    if world.recorded is not None or alert["lifecycle_state"] != "ACTIVE":
        return alert
    return lambda: _evaluated(world, alert)


def _found(world: World, call: Call) -> Json:
    return world.state.find("alerts", call.names["id"], f"Alert {call.names['id']} does not exist.")


def _evaluated(world: World, alert: Json) -> Json:
    """The alert with its state: its query runs as whom it says."""
    (user,) = alert["effective_run_as"].values()
    try:
        result = rows_of(world, alert["query_text"], Context(user))
        state = alert_state(alert["evaluation"], [name for name, _ in result.columns], result.rows)
    except (ApiError, ValueError):
        state = "ERROR"
    told = {"state": state, "last_evaluated_at": datetime.now(UTC).isoformat()}
    return {**alert, "evaluation": {**alert["evaluation"], **told}}


def list_(world: World, call: Call) -> Json:
    """List the alerts that are not in the trash, in pages."""
    values = [v for v in world.state.all("alerts").values() if v["lifecycle_state"] == "ACTIVE"]
    return page(call, "alerts", values, 20, "page_size")


def update(world: World, call: Call) -> Json:
    """Change the fields of an alert that `update_mask` names, or all that are given."""
    _found(world, call)
    _warehouse(world, call.body)
    mask = call.query.get("update_mask", "*")
    names = [*call.body] if mask == "*" else mask.split(",")
    given = {name.partition(".")[0]: call.body.get(name.partition(".")[0]) for name in names}
    return world.state.change(
        "alerts", call.names["id"], **given, update_time=datetime.now(UTC).isoformat(), id=call.names["id"]
    )


def trash(world: World, call: Call) -> None:
    """Put an alert into the trash, or remove it if `purge` is true."""
    _found(world, call)
    if call.flag("purge"):
        world.state.remove("alerts", call.names["id"])
    else:
        world.state.change("alerts", call.names["id"], lifecycle_state="DELETED")


def create_destination(world: World, call: Call) -> Json:
    """Make a destination: only admins may."""
    _admin(world, call)
    name = call.needs("display_name")
    if name in {d["display_name"] for d in world.state.all("destinations").values()}:
        raise exists(f"Notification destination with name {name} already exists.")
    kind = _type(call.needs("config"))
    value = {"id": new_id(), "display_name": name, "destination_type": kind, "config": _shown(call.body)}
    return world.state.put("destinations", value["id"], value)


def _admin(world: World, call: Call) -> None:
    if not world.is_admin(call.user):
        raise denied("Only workspace admins can change notification destinations.")


def _type(config: Json) -> str:
    kinds = [kind for kind in TYPES if config.get(kind)]
    if len(kinds) != 1:
        raise wrong(f"config needs exactly one of: {', '.join(TYPES)}")
    return TYPES[kinds[0]]


def _shown(body: Json) -> Json:
    """A configuration without its secrets: of each it says that it is set."""
    return {
        kind: {(name if name in OPEN else f"{name}_set"): (value if name in OPEN else True)
               for name, value in fields.items()}
        for kind, fields in body["config"].items()
    }  # fmt: skip


def get_destination(world: World, call: Call) -> Json:
    """Get a destination, without its secrets."""
    key = call.names["id"]
    return world.state.find("destinations", key, f"Notification destination {key} does not exist.")


def list_destinations(world: World, call: Call) -> Json:
    """List the destinations, in pages."""
    shown = ("id", "display_name", "destination_type")
    values = [{n: d[n] for n in shown} for d in world.state.all("destinations").values()]
    return page(call, "results", values, limit="page_size")


def update_destination(world: World, call: Call) -> Json:
    """Change the name or the configuration of a destination."""
    _admin(world, call)
    get_destination(world, call)
    given = {"display_name": call.body["display_name"]} if call.body.get("display_name") else {}
    if call.body.get("config"):
        kind = _type(call.body["config"])
        given |= {"config": _shown(call.body), "destination_type": kind}
    return world.state.change("destinations", call.names["id"], **given)


def delete_destination(world: World, call: Call) -> None:
    """Remove a destination."""
    _admin(world, call)
    get_destination(world, call)
    world.state.remove("destinations", call.names["id"])


API = settings.NotificationDestinationsAPI
ROUTES = (
    Route("POST", ALERTS, create, sql.AlertV2, sql.AlertV2),
    Route("GET", ALERTS, list_),
    Route("GET", f"{ALERTS}/{{id}}", get, gives=sql.AlertV2),
    Route("PATCH", f"{ALERTS}/{{id}}", update, sql.AlertV2, sql.AlertV2),
    Route("DELETE", f"{ALERTS}/{{id}}", trash),
    Route("POST", DESTINATIONS, create_destination, API.create, settings.NotificationDestination),
    Route("GET", DESTINATIONS, list_destinations),
    Route("GET", f"{DESTINATIONS}/{{id}}", get_destination, gives=settings.NotificationDestination),
    Route("PATCH", f"{DESTINATIONS}/{{id}}", update_destination, API.update,
          settings.NotificationDestination),
    Route("DELETE", f"{DESTINATIONS}/{{id}}", delete_destination),
)  # fmt: skip
