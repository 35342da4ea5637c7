"""Tags of securables, and policies that mask and filter by them."""

from __future__ import annotations

from databricks.sdk.service import catalog

from weir.workspace.calls import Call, Json, Route, not_found, page, wrong
from weir.workspace.grants import KINDS, known_securable
from weir.workspace.state import new_id, now
from weir.workspace.tables import found_table
from weir.workspace.world import World

PATH = "/api/2.1/unity-catalog/entity-tag-assignments"
OF_ENTITY = PATH + "/{entity_type}/{entity_name}/tags"
POLICIES = "/api/2.1/unity-catalog/policies"
PLURALS = {plural: kind for kind, plural in KINDS.items()}
MASKED = {"POLICY_TYPE_COLUMN_MASK": "column_mask", "POLICY_TYPE_ROW_FILTER": "row_filter"}


def create(world: World, call: Call) -> Json:
    """Put a tag on a catalog, schema, table, column or volume."""
    entity, name, tag = (str(call.needs(n)) for n in ("entity_type", "entity_name", "tag_key"))
    known_entity(world, entity, name)
    key = f"{entity}/{name.lower()}/{tag}"
    value = dict(call.body)
    return world.state.add("tags", key, value, f"Tag '{tag}' is assigned to {entity} '{name}' already.")


def known_entity(world: World, entity: str, name: str) -> None:
    """Nothing, if there is such an entity.

    Raises:
        ApiError: There is none, or entities of that kind have no tags here.
    """
    if entity == "columns":
        table, _, column = name.rpartition(".")
        if column.lower() not in {c["name"].lower() for c in found_table(world, table)["columns"]}:
            raise not_found(f"Column '{name}' does not exist.")
    elif entity in PLURALS:
        known_securable(world, PLURALS[entity], name.lower())
    else:
        raise wrong(f"entity_type {entity} is none of: columns, {', '.join(PLURALS)}")


def _key(call: Call) -> str:
    return "/".join((call.names["entity_type"], call.names["entity_name"].lower(), call.names["tag_key"]))


def get(world: World, call: Call) -> Json:
    """Get a tag of an entity."""
    tag, name = call.names["tag_key"], call.names["entity_name"]
    return world.state.find("tags", _key(call), f"Tag '{tag}' is not assigned to '{name}'.")


def list_(world: World, call: Call) -> Json:
    """List the tags of an entity, in pages."""
    begin = f"{call.names['entity_type']}/{call.names['entity_name'].lower()}/"
    return page(call, "tag_assignments", [v for k, v in sorted(world.state.all("tags").items())
                                          if k.startswith(begin)])  # fmt: skip


def update(world: World, call: Call) -> Json:
    """Change the value of a tag."""
    get(world, call)
    return world.state.change("tags", _key(call), tag_value=call.body.get("tag_value"))


def delete(world: World, call: Call) -> None:
    """Take a tag away."""
    get(world, call)
    world.state.remove("tags", _key(call))


def _policy_key(call: Call) -> str:
    return "/".join(call.names[n] for n in ("kind", "on", "name")).lower()


def create_policy(world: World, call: Call) -> Json:
    """Add a policy to a catalog, schema or table; it is kept, and statements do not apply it."""
    kind, on, name = (str(call.needs(n)) for n in ("on_securable_type", "on_securable_fullname", "name"))
    known_securable(world, kind.lower(), on.lower())
    part = MASKED.get(str(call.needs("policy_type")))
    if part and part not in call.body:
        raise wrong(f"A policy of type {call.body['policy_type']} needs {part}.")
    value = {**call.body, "id": new_id(), "created_at": now(), "created_by": call.user}
    taken = f"Policy '{name}' already exists on {kind} '{on}'"
    return world.state.add("policies", f"{kind}/{on}/{name}".lower(), value, taken)


def get_policy(world: World, call: Call) -> Json:
    """Get a policy."""
    return world.state.find("policies", _policy_key(call), f"Policy '{call.names['name']}' does not exist.")


def list_policies(world: World, call: Call) -> Json:
    """List the policies of a securable, in pages."""
    begin = f"{call.names['kind']}/{call.names['on']}/".lower()
    policies = sorted(world.state.all("policies").items())
    return page(call, "policies", [v for k, v in policies if k.startswith(begin)])


def update_policy(world: World, call: Call) -> Json:
    """Change the fields of a policy that are given, or those that `update_mask` names."""
    get_policy(world, call)
    mask = call.query.get("update_mask")
    names = mask.split(",") if mask and mask != "*" else [*call.body]
    given = {n: call.body.get(n) for n in names}
    return world.state.change("policies", _policy_key(call), **given, updated_at=now(), updated_by=call.user)


def delete_policy(world: World, call: Call) -> None:
    """Remove a policy."""
    get_policy(world, call)
    world.state.remove("policies", _policy_key(call))


TAG, POLICY = catalog.EntityTagAssignment, catalog.PolicyInfo
ROUTES = (
    Route("POST", PATH, create, TAG, TAG),
    Route("GET", OF_ENTITY, list_),
    Route("GET", f"{OF_ENTITY}/{{tag_key}}", get, gives=TAG),
    Route("PATCH", f"{OF_ENTITY}/{{tag_key}}", update, TAG, TAG),
    Route("DELETE", f"{OF_ENTITY}/{{tag_key}}", delete),
    Route("POST", POLICIES, create_policy, POLICY, POLICY),
    Route("GET", f"{POLICIES}/{{kind}}/{{on}}", list_policies),
    Route("GET", f"{POLICIES}/{{kind}}/{{on}}/{{name}}", get_policy, gives=POLICY),
    Route("PATCH", f"{POLICIES}/{{kind}}/{{on}}/{{name}}", update_policy, POLICY, POLICY),
    Route("DELETE", f"{POLICIES}/{{kind}}/{{on}}/{{name}}", delete_policy),
)
