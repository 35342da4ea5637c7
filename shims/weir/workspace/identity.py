"""Who there is: users, groups and service principals (SCIM), and who calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from databricks.sdk.service import iam

from weir.workspace.calls import Call, Json, Route, exists, wrong
from weir.workspace.world import World, name_of

NAMES = {"Users": "userName", "Groups": "displayName", "ServicePrincipals": "displayName"}
CLASSES = {"Users": iam.User, "Groups": iam.Group, "ServicePrincipals": iam.ServicePrincipal}
_FILTER = re.compile(r"""(\w+) eq ["']?([^"']*)["']?""")


def me(world: World, call: Call) -> Json:
    """The caller, with the groups that it is in."""
    found = next(p for p in world.people() if name_of(p) == call.user)
    shown = {k: found[k] for k in ("id", "displayName", "active") if k in found}
    groups = [{"display": g["displayName"], "value": g["id"]} for g in world.groups_of(call.user)]
    return {"userName": call.user, **shown, "groups": groups}


def _missing(kind: str, key: str) -> str:
    return f"{kind.removesuffix('s')} with id {key} not found."


def create(kind: str, world: World, call: Call) -> Json:
    """Add one; its name must be free."""
    name = call.needs(NAMES[kind])
    if kind != "ServicePrincipals" and name in {v[NAMES[kind]] for v in world.state.all(kind).values()}:
        raise exists(f"{kind.removesuffix('s')} with name {name} already exists.")
    added = world.state.number()
    given = {"applicationId": f"00000000-0000-4000-8000-{added:012}"} if kind == "ServicePrincipals" else {}
    return world.state.put(kind, str(added), {"active": True, **given, **call.body, "id": str(added)}
                           if kind != "Groups" else {**call.body, "id": str(added)})  # fmt: skip


def get(kind: str, world: World, call: Call) -> Json:
    """Get one by its id."""
    return world.state.find(kind, call.names["id"], _missing(kind, call.names["id"]))


def list_(kind: str, world: World, call: Call) -> Json:
    """List them, in pages, by a filter such as `displayName eq "x"`."""
    values = list(world.state.all(kind).values())
    if asked := call.query.get("filter"):
        match = _FILTER.fullmatch(asked)
        if match is None:
            raise wrong(f"Unsupported filter: {asked}", "invalidFilter")
        values = [v for v in values if str(v.get(match[1], "")).lower() == match[2].lower()]
    begin, count = int(call.query.get("startIndex", 1)), int(call.query.get("count", 100))
    shown = values[begin - 1 : begin - 1 + count]
    return {
        "Resources": shown,
        "totalResults": len(values),
        "startIndex": begin,
        "itemsPerPage": len(shown),
    }


def replace(kind: str, world: World, call: Call) -> None:
    """Replace one."""
    old = get(kind, world, call)
    kept = {k: old[k] for k in ("id", "applicationId") if k in old}
    world.state.put(kind, call.names["id"], {**call.body, **kept})


def patch(kind: str, world: World, call: Call) -> None:
    """Add, replace or remove members and other fields of one."""
    value = get(kind, world, call)
    for operation in call.body.get("Operations", []):
        value = _patched(value, operation)
    world.state.put(kind, call.names["id"], value)


def _patched(value: Json, operation: Json) -> Json:
    path, given = operation.get("path"), operation.get("value")
    member = re.fullmatch(r'members\[value eq "([^"]+)"\]', path or "")
    if operation["op"] == "remove":
        gone = [m for m in value.get("members", []) if member and m["value"] != member[1]]
        return {**value, "members": gone} if member else {k: v for k, v in value.items() if k != path}
    given = given if path is None and isinstance(given, dict) else {str(path): given}
    return {**value, **dict(_merged(value, given, operation["op"]))}


def _merged(value: Json, given: Json, operation: str) -> Iterator[tuple[str, object]]:
    for name, new in given.items():
        old = value.get(name, [])
        added = [*old, *(n for n in new if n not in old)] if isinstance(new, list) else new
        yield name, new if operation == "replace" else added


def delete(kind: str, world: World, call: Call) -> None:
    """Remove one."""
    get(kind, world, call)
    world.state.remove(kind, call.names["id"])


def _routes(kind: str) -> Iterator[Route]:
    path, class_ = f"/api/2.0/preview/scim/v2/{kind}", CLASSES[kind]
    yield Route("POST", path, partial(create, kind), class_, class_)
    yield Route("GET", path, partial(list_, kind))
    yield Route("GET", f"{path}/{{id}}", partial(get, kind), gives=class_)
    yield Route("PUT", f"{path}/{{id}}", partial(replace, kind), class_)
    yield Route("PATCH", f"{path}/{{id}}", partial(patch, kind))
    yield Route("DELETE", f"{path}/{{id}}", partial(delete, kind))


ROUTES = (
    Route("GET", "/api/2.0/preview/scim/v2/Me", me, gives=iam.User),
    *(route for kind in NAMES for route in _routes(kind)),
)
