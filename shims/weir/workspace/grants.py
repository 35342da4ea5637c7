"""Who may do what with which securable: privileges by difference, and those that come from above."""

from __future__ import annotations

from collections.abc import Iterator

from databricks.sdk.service import catalog

from weir.workspace.calls import Call, Json, Route, not_found, wrong
from weir.workspace.tables import table_info
from weir.workspace.world import METASTORE, World, name_of

PATH = "/api/2.1/unity-catalog"
KINDS = {
    "catalog": "catalogs", "schema": "schemas", "volume": "volumes", "function": "functions",
    "external_location": "external_locations", "credential": "credentials", "table": "tables",
    "metastore": "metastore",
}  # fmt: skip
EVERYBODY = "account users"


def get(world: World, call: Call) -> Json:
    """The privileges that are granted on a securable itself."""
    kind, name = _securable(world, call)
    asked = call.query.get("principal")
    return {"privilege_assignments": [a for a in _assignments(world, kind, name)
                                      if asked in {None, a["principal"]}]}  # fmt: skip


def update(world: World, call: Call) -> Json:
    """Add and remove privileges; other principals keep theirs."""
    kind, name = _securable(world, call)
    for change in call.body.get("changes", []):
        change_grant(world, kind, name, change)
    return {"privilege_assignments": _assignments(world, kind, name)}


def effective(world: World, call: Call) -> Json:
    """The privileges on a securable, also those that its schema and catalog pass down."""
    kind, name = _securable(world, call)
    asked = call.query.get("principal")
    shown = []
    for principal in sorted({p for k, n in _with_above(kind, name) for p in _held(world, k, n)}):
        found = [
            {"privilege": privilege, **({} if (k, n) == (kind, name) else _inherited(k, n))}
            for k, n in _with_above(kind, name)
            for privilege in _held(world, k, n).get(principal, [])
        ]
        shown.append({"principal": principal, "privileges": found})
    return {"privilege_assignments": [s for s in shown if asked in {None, s["principal"]}]}


def _inherited(kind: str, name: str) -> Json:
    return {"inherited_from_type": kind.upper(), "inherited_from_name": name}


def change_grant(world: World, kind: str, name: str, change: Json) -> None:
    """Apply one change: `principal`, and what to `add` and `remove`.

    Raises:
        ApiError: There is no such principal, or a privilege is both added and removed.
    """
    principal, added, removed = (change.get(k) or [] for k in ("principal", "add", "remove"))
    if not _exists(world, str(principal)):
        raise not_found(f"Could not find principal with name {principal}")
    if set(added) & set(removed):
        raise wrong(f"Duplicate privileges to add and delete for principal {principal}.")
    held = _held(world, kind, name)
    kept = set() if "ALL_PRIVILEGES" in removed else set(held.get(str(principal), [])) - set(removed)
    new = {**held, str(principal): sorted(kept | set(added))}
    world.state.put("grants", f"{kind}/{name}", {p: v for p, v in new.items() if v})


def _exists(world: World, principal: str) -> bool:
    names = [name_of(person) for person in world.people()]
    groups = [g["displayName"] for g in world.state.all("Groups").values()]
    return principal in {EVERYBODY, *names, *groups}


def _securable(world: World, call: Call) -> tuple[str, str]:
    kind, name = call.names["kind"].lower().replace("-", "_"), call.names["name"].lower()
    if kind not in KINDS:
        raise wrong(f"SECURABLE_TYPE {kind} is none of: {', '.join(KINDS)}")
    known_securable(world, kind, name)
    return kind, name


def known_securable(world: World, kind: str, name: str) -> None:
    """Nothing, if there is such a securable.

    Raises:
        ApiError: There is none.
    """
    there = table_info(world, name) is not None if kind == "table" else (
        name == METASTORE if kind == "metastore" else name in world.state.all(KINDS[kind]))  # fmt: skip
    if not there:
        raise not_found(f"{kind.replace('_', ' ').capitalize()} '{name}' does not exist.")


def _held(world: World, kind: str, name: str) -> Json:
    return world.state.get("grants", f"{kind}/{name}") or {}


def _assignments(world: World, kind: str, name: str) -> list[Json]:
    return [{"principal": p, "privileges": v} for p, v in sorted(_held(world, kind, name).items())]


def _with_above(kind: str, name: str) -> Iterator[tuple[str, str]]:
    yield kind, name
    parts = name.split(".")
    if len(parts) > 2:  # noqa: PLR2004 - a name in full has a catalog, a schema and its own part
        yield "schema", ".".join(parts[:2])
    if len(parts) > 1:
        yield "catalog", parts[0]


def lacking(world: World, user: str, table: str) -> list[str]:
    """The privileges that a user would need to select from a table and has neither itself nor by a group."""
    principals = {user, EVERYBODY, *(g["displayName"] for g in world.groups_of(user))}
    places = list(_with_above("table", table))

    def has(privilege: str, below: int) -> bool:
        held = [_held(world, *place).get(p, []) for place in places[below:] for p in principals]
        return any({privilege, "ALL_PRIVILEGES"} & set(h) for h in held)

    needed = (("USE_CATALOG", 2, places[2]), ("USE_SCHEMA", 1, places[1]), ("SELECT", 0, places[0]))
    return [f"{p} on {kind} '{name}'" for p, below, (kind, name) in needed if not has(p, below)]


ROUTES = (
    Route("GET", f"{PATH}/permissions/{{kind}}/{{name}}", get, gives=catalog.GetPermissionsResponse),
    Route("PATCH", f"{PATH}/permissions/{{kind}}/{{name}}", update, catalog.GrantsAPI.update,
          catalog.UpdatePermissionsResponse),
    Route("GET", f"{PATH}/effective-permissions/{{kind}}/{{name}}", effective,
          gives=catalog.EffectivePermissionsList),
)  # fmt: skip
