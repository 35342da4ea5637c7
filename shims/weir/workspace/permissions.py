"""Who may see, run and change pipelines, jobs, warehouses, folders and alerts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from databricks.sdk.service import iam

from weir.workspace.calls import Call, Json, Route, not_found, wrong
from weir.workspace.files import UNMADE
from weir.workspace.world import World

PATH = "/api/2.0/permissions"
_FOLDER = ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE")
LEVELS: Mapping[str, tuple[str, ...]] = {
    "pipelines": ("CAN_VIEW", "CAN_RUN", "CAN_MANAGE", "IS_OWNER"),
    "jobs": ("CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER"),
    "warehouses": ("CAN_USE", "CAN_MONITOR", "CAN_VIEW", "CAN_MANAGE", "IS_OWNER"),
    "sql/warehouses": ("CAN_USE", "CAN_MONITOR", "CAN_VIEW", "CAN_MANAGE", "IS_OWNER"),
    "alertsv2": _FOLDER,
    "dashboards": ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"),
    "clusters": ("CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"),
    "directories": _FOLDER,
    "files": _FOLDER,
    "notebooks": _FOLDER,
}
KINDS = {"alertsv2": "alerts", "sql/warehouses": "warehouses"}
PRINCIPALS = ("user_name", "group_name", "service_principal_name")
OWNERS = {"pipelines": "creator_user_name", "jobs": "creator_user_name", "warehouses": "creator_name"}


def get(world: World, call: Call) -> Json:
    """Who may do what with an object."""
    kind, key, owner = _object(world, call)
    return _shown(kind, key, _entries(world, kind, key, owner))


def set_(world: World, call: Call) -> Json:
    """Replace all permissions on an object; whoever owns it stays its owner."""
    kind, key, owner = _object(world, call)
    given = dict(_given(call))
    world.state.put("acls", f"{kind}/{key}", {"entries": given})
    return _shown(kind, key, _entries(world, kind, key, owner))


def update(world: World, call: Call) -> Json:
    """Add permissions on an object."""
    kind, key, owner = _object(world, call)
    known = world.state.get("acls", f"{kind}/{key}") or {"entries": {}}
    world.state.put("acls", f"{kind}/{key}", {"entries": {**known["entries"], **dict(_given(call))}})
    return _shown(kind, key, _entries(world, kind, key, owner))


def levels(_world: World, call: Call) -> Json:
    """The levels that an object of this kind has."""
    return {"permission_levels": [{"permission_level": level} for level in _levels(_kind(call))]}


def _kind(call: Call) -> str:
    sql = call.path.startswith(f"{PATH}/sql/")
    return f"sql/{call.names['kind']}" if sql else call.names["kind"]


def _levels(kind: str) -> tuple[str, ...]:
    if kind not in LEVELS:
        raise wrong(f"request_object_type is not recognized: {kind}")
    return LEVELS[kind]


def _object(world: World, call: Call) -> tuple[str, str, str | None]:
    """The kind, the id and the maker of the object."""
    kind, key = _kind(call), call.names["id"]
    _levels(kind)
    plural = KINDS.get(kind, kind)
    if kind in {"directories", "files", "notebooks"}:
        made = (v for v in world.state.all("objects").values() if str(v["object_id"]) == key)
        known = next(made, {} if key == str(UNMADE) else None)
    else:
        known = world.state.get(plural, key)
    if known is None:
        raise not_found(f"{plural.removesuffix('s').capitalize()} {key} does not exist.")
    return plural, key, known.get(OWNERS.get(plural, ""))


def _given(call: Call) -> Iterator[tuple[str, str]]:
    """Each principal, as `kind/name`, with its level."""
    known = _levels(_kind(call))
    for entry in call.body.get("access_control_list", []):
        named = [(p, entry[p]) for p in PRINCIPALS if entry.get(p)]
        level = entry.get("permission_level")
        if len(named) != 1 or level not in known:
            text = f"An entry needs one principal and one of the levels {', '.join(known)}."
            raise wrong(text)
        yield "/".join(named[0]), level


def _entries(world: World, kind: str, key: str, owner: str | None) -> Iterable[tuple[str, str]]:
    entries = (world.state.get("acls", f"{kind}/{key}") or {"entries": {}})["entries"]
    owned = {} if owner is None or "IS_OWNER" in entries.values() else {f"user_name/{owner}": "IS_OWNER"}
    return {**owned, **entries}.items()


def _shown(kind: str, key: str, entries: Iterable[tuple[str, str]]) -> Json:
    shown = []
    for principal, level in entries:
        field, _, name = principal.partition("/")
        given = [{"permission_level": level, "inherited": False}]
        shown.append({field: name, "display_name": name, "all_permissions": given})
    return {
        "object_id": f"/{kind}/{key}",
        "object_type": kind.removesuffix("s"),
        "access_control_list": shown,
    }


def _routes() -> Iterator[Route]:
    api = iam.PermissionsAPI
    for path in (f"{PATH}/sql/{{kind}}/{{id}}", f"{PATH}/{{kind}}/{{id}}"):
        yield Route("GET", f"{path}/permissionLevels", levels, gives=iam.GetPermissionLevelsResponse)
        yield Route("GET", path, get, gives=iam.ObjectPermissions)
        yield Route("PUT", path, set_, api.set, iam.ObjectPermissions)
        yield Route("PATCH", path, update, api.update, iam.ObjectPermissions)


ROUTES = tuple(_routes())
