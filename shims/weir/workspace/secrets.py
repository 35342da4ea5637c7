"""Secrets: scopes, keys and who may read them; a list or a message never holds a value."""

from __future__ import annotations

import base64
import binascii

from databricks.sdk.service import workspace

from weir.workspace.calls import Call, Json, Route, denied, not_found, wrong
from weir.workspace.state import now
from weir.workspace.world import World

PATH = "/api/2.0/secrets"
LEVELS = ("READ", "WRITE", "MANAGE")


def _scope(world: World, call: Call) -> str:
    name = call.needs("scope")
    world.state.find("scopes", name, f"Scope {name} does not exist!")
    return name


def create_scope(world: World, call: Call) -> None:
    """Make a scope, which its maker manages."""
    name = call.needs("scope")
    taken = f"Scope {name} already exists!"
    world.state.add("scopes", name, {"name": name, "backend_type": "DATABRICKS"}, taken)
    world.state.put("scope_acls", f"{name}/{call.user}", {"principal": call.user, "permission": "MANAGE"})


def list_scopes(world: World, _call: Call) -> Json:
    """List the scopes."""
    return {"scopes": [v for _, v in sorted(world.state.all("scopes").items())]}


def delete_scope(world: World, call: Call) -> None:
    """Remove a scope with its secrets."""
    name = _scope(world, call)
    world.state.remove("scopes", name)
    for kind in ("secrets", "secret_values", "scope_acls"):
        for key in [k for k in world.state.all(kind) if k.startswith(f"{name}/")]:
            world.state.remove(kind, key)


def put(world: World, call: Call) -> None:
    """Put a value under a key of a scope."""
    scope, key = _scope(world, call), call.needs("key")
    _needs(world, call, scope, "WRITE")
    text, encoded = call.body.get("string_value"), call.body.get("bytes_value")
    if (text is None) == (encoded is None):
        raise wrong("Exactly one of string_value and bytes_value is needed.")
    try:
        value = text.encode() if text is not None else base64.b64decode(str(encoded), validate=True)
    except binascii.Error as error:
        raise wrong("bytes_value must be base64-encoded") from error
    world.state.put("secrets", f"{scope}/{key}", {"key": key, "last_updated_timestamp": now()})
    world.state.put("secret_values", f"{scope}/{key}", {"value": base64.b64encode(value).decode()})


def get(world: World, call: Call) -> Json:
    """Read a value, in base64, for whoever may read the scope."""
    scope, key = _scope(world, call), call.needs("key")
    _needs(world, call, scope, "READ")
    missing = f"Secret does not exist with scope: {scope} and key: {key}"
    return {"key": key, **world.state.find("secret_values", f"{scope}/{key}", missing)}


def list_(world: World, call: Call) -> Json:
    """List the keys of a scope, without their values."""
    scope = _scope(world, call)
    _needs(world, call, scope, "READ")
    values = sorted(world.state.all("secrets").items())
    return {"secrets": [v for k, v in values if k.startswith(f"{scope}/")]}


def delete(world: World, call: Call) -> None:
    """Remove a key with its value."""
    scope, key = _scope(world, call), call.needs("key")
    world.state.find("secrets", f"{scope}/{key}", f"Secret {key} does not exist in scope {scope}!")
    world.state.remove("secrets", f"{scope}/{key}")
    world.state.remove("secret_values", f"{scope}/{key}")


def _needs(world: World, call: Call, scope: str, level: str) -> None:
    principals = {call.user, "users", *(g["displayName"] for g in world.groups_of(call.user))}
    held = [a["permission"] for k, a in world.state.all("scope_acls").items()
            if k.startswith(f"{scope}/") and a["principal"] in principals]  # fmt: skip
    if not world.is_admin(call.user) and not any(LEVELS.index(h) >= LEVELS.index(level) for h in held):
        raise denied(f"User {call.user} lacks {level} on scope {scope}")


def put_acl(world: World, call: Call) -> None:
    """Let a principal read, write or manage a scope."""
    scope, principal, level = _scope(world, call), call.needs("principal"), call.needs("permission")
    _needs(world, call, scope, "MANAGE")
    world.state.put("scope_acls", f"{scope}/{principal}", {"principal": principal, "permission": level})


def get_acl(world: World, call: Call) -> Json:
    """What a principal may do with a scope."""
    scope, principal = _scope(world, call), call.needs("principal")
    known = world.state.get("scope_acls", f"{scope}/{principal}")
    if known is None:
        raise not_found(f"Principal {principal} has no permission on scope {scope}")
    return known


def list_acls(world: World, call: Call) -> Json:
    """Who may do what with a scope."""
    scope = _scope(world, call)
    values = sorted(world.state.all("scope_acls").items())
    return {"items": [v for k, v in values if k.startswith(f"{scope}/")]}


def delete_acl(world: World, call: Call) -> None:
    """Take a principal's permission on a scope away."""
    get_acl(world, call)
    world.state.remove("scope_acls", f"{call.body['scope']}/{call.body['principal']}")


API = workspace.SecretsAPI
ROUTES = (
    Route("POST", f"{PATH}/scopes/create", create_scope, API.create_scope),
    Route("GET", f"{PATH}/scopes/list", list_scopes, gives=workspace.ListScopesResponse),
    Route("POST", f"{PATH}/scopes/delete", delete_scope, API.delete_scope),
    Route("POST", f"{PATH}/put", put, API.put_secret),
    Route("GET", f"{PATH}/get", get, gives=workspace.GetSecretResponse),
    Route("GET", f"{PATH}/list", list_, gives=workspace.ListSecretsResponse),
    Route("POST", f"{PATH}/delete", delete, API.delete_secret),
    Route("POST", f"{PATH}/acls/put", put_acl, API.put_acl),
    Route("GET", f"{PATH}/acls/get", get_acl, gives=workspace.AclItem),
    Route("GET", f"{PATH}/acls/list", list_acls, gives=workspace.ListAclsResponse),
    Route("POST", f"{PATH}/acls/delete", delete_acl, API.delete_acl),
)
