"""Unity Catalog's containers: catalogs, schemas, volumes, external locations and credentials."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from databricks.sdk.service import catalog

from weir.workspace.calls import Call, Json, Route, exists, page, wrong
from weir.workspace.state import new_id, now
from weir.workspace.tables import all_tables, drop_table
from weir.workspace.world import METASTORE, World

PATH = "/api/2.1/unity-catalog"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of container.

    Attributes:
        word: What it is called in messages.
        plural: Its part of the path, and the key of its lists.
        above: The fields that name what it lies in, outermost first.
        defaults: What the service adds to what is given.
        methods: The SDK's create and update.
    """

    word: str
    plural: str
    info: type
    above: tuple[str, ...]
    defaults: Callable[[World, Json], Json]
    methods: tuple[Callable[..., Any], Callable[..., Any]]


def create(kind: Kind, world: World, call: Call) -> Json:
    """Add one to what it lies in, which must exist."""
    names = [str(call.needs(name)).lower() for name in (*kind.above, "name")]
    if any(c in names[-1] for c in ". /"):
        raise wrong(f"Invalid input: `{names[-1]}` is not a valid name.")
    _above(world, names[:-1])
    full = ".".join(names)
    moment = {"created_at": now(), "updated_at": now()}
    people = {"owner": call.user, "created_by": call.user, "updated_by": call.user}
    given = {**call.body, **dict(zip((*kind.above, "name"), names, strict=True))}
    full_name = {"full_name": full} if kind.plural not in {"external_locations", "credentials"} else {}
    value = {**given, **full_name, **moment, **people, "metastore_id": METASTORE}
    added = {**kind.defaults(world, value), **value}
    return world.state.add(kind.plural, full, added, f"{kind.word} '{full}' already exists")


def _above(world: World, names: list[str]) -> None:
    for depth, above in enumerate((CATALOG, SCHEMA)[: len(names)], 1):
        full = ".".join(names[:depth])
        world.state.find(above.plural, full, f"{above.word} '{full}' does not exist.")


def get(kind: Kind, world: World, call: Call) -> Json:
    """Get one by its full name."""
    name = call.names["name"].lower()
    return world.state.find(kind.plural, name, f"{kind.word} '{name}' does not exist.")


def list_(kind: Kind, world: World, call: Call) -> Json:
    """List those that lie in what is named, in pages."""
    names = [str(call.needs(name)).lower() for name in kind.above]
    _above(world, names)
    values = sorted(world.state.all(kind.plural).items())
    inside = [v for _, v in values if [v[above] for above in kind.above] == names]
    return page(call, kind.plural, inside)


def update(kind: Kind, world: World, call: Call) -> Json:
    """Change the fields that are given; `new_name` renames it."""
    old = get(kind, world, call)
    key = call.names["name"].lower()
    new_name, fields = call.body.get("new_name"), {k: v for k, v in call.body.items() if k != "new_name"}
    changed = world.state.change(kind.plural, key, **fields, updated_at=now(), updated_by=call.user)
    return _renamed(kind, world, old, changed, str(new_name).lower()) if new_name else changed


def _renamed(kind: Kind, world: World, old: Json, changed: Json, name: str) -> Json:
    full = ".".join([*(old[above] for above in kind.above), name])
    if full in world.state.all(kind.plural):
        raise exists(f"{kind.word} '{full}' already exists")
    if any(_inside(world, old.get("full_name", old["name"]))):
        raise wrong(f"{kind.word} '{old['name']}' is not empty: this workspace renames only what is.")
    world.state.remove(kind.plural, ".".join([*(old[above] for above in kind.above), old["name"]]))
    new = {**changed, "name": name, **({"full_name": full} if "full_name" in old else {})}
    return world.state.put(kind.plural, full, new)


def delete(kind: Kind, world: World, call: Call) -> None:
    """Remove one; with what lies in it if `force` is true."""
    get(kind, world, call)
    full = call.names["name"].lower()
    inside = list(_inside(world, full)) if kind in {CATALOG, SCHEMA} else []
    if inside and not call.flag("force"):
        text = f"{kind.word} '{full}' is not empty. It has {len(inside)} objects, such as {inside[0][1]}."
        raise wrong(text, "INVALID_STATE")
    for plural, name in inside:
        _remove(world, plural, name)
    _remove(world, kind.plural, full)


def _remove(world: World, plural: str, name: str) -> None:
    if plural == "tables":
        drop_table(world, name)
    elif plural == "volumes":
        shutil.rmtree(world.volume(*name.split(".")), ignore_errors=True)
    world.state.remove(plural, name)
    for key in [k for k in world.state.all("grants") if k.partition("/")[2] == name]:
        world.state.remove("grants", key)


def _inside(world: World, full: str) -> Iterator[tuple[str, str]]:
    """What lies below, the innermost first."""
    names = [("tables", name) for name in all_tables(world)]
    for plural in ("functions", "volumes", "schemas"):
        names += [(plural, name) for name in world.state.all(plural)]
    yield from ((plural, name) for plural, name in names if name.startswith(f"{full}."))


def _catalog(_world: World, _value: Json) -> Json:
    return {"catalog_type": "MANAGED_CATALOG", "isolation_mode": "OPEN", "securable_type": "CATALOG"}


def _schema(_world: World, _value: Json) -> Json:
    return {
        "catalog_type": "MANAGED_CATALOG", "schema_id": new_id(), "enable_predictive_optimization": "INHERIT",
    }  # fmt: skip


def _volume(world: World, value: Json) -> Json:
    call_names = (value["catalog_name"], value["schema_name"], value["name"])
    if value.get("volume_type") == "EXTERNAL" and not value.get("storage_location"):
        raise wrong("CreateVolume storage_location is needed for an external volume.")
    if value.get("volume_type") != "EXTERNAL" and value.get("storage_location"):
        raise wrong("CreateVolume storage_location can not be provided.")
    folder = world.volume(*call_names)
    folder.mkdir(parents=True, exist_ok=True)
    return {"volume_id": new_id(), "storage_location": str(folder)}


def _location(_world: World, value: Json) -> Json:
    if not value.get("url"):
        raise wrong("CreateExternalLocation Missing required field: url")
    return {"read_only": False, "isolation_mode": "ISOLATION_MODE_OPEN"}


def _credential(_world: World, _value: Json) -> Json:
    return {"id": new_id(), "purpose": "SERVICE", "isolation_mode": "ISOLATION_MODE_OPEN"}


CATALOG = Kind(
    "Catalog", "catalogs", catalog.CatalogInfo, (), _catalog,
    (catalog.CatalogsAPI.create, catalog.CatalogsAPI.update),
)  # fmt: skip
SCHEMA = Kind(
    "Schema", "schemas", catalog.SchemaInfo, ("catalog_name",), _schema,
    (catalog.SchemasAPI.create, catalog.SchemasAPI.update),
)  # fmt: skip
VOLUME = Kind(
    "Volume", "volumes", catalog.VolumeInfo, ("catalog_name", "schema_name"), _volume,
    (catalog.VolumesAPI.create, catalog.VolumesAPI.update),
)  # fmt: skip
LOCATION = Kind(
    "External location", "external_locations", catalog.ExternalLocationInfo, (), _location,
    (catalog.ExternalLocationsAPI.create, catalog.ExternalLocationsAPI.update),
)  # fmt: skip
CREDENTIAL = Kind(
    "Credential", "credentials", catalog.CredentialInfo, (), _credential,
    (catalog.CredentialsAPI.create_credential, catalog.CredentialsAPI.update_credential),
)  # fmt: skip
KINDS = (CATALOG, SCHEMA, VOLUME, LOCATION, CREDENTIAL)


def _routes(kind: Kind) -> Iterator[Route]:
    path = f"{PATH}/{kind.plural.replace('_', '-')}"
    yield Route("POST", path, partial(create, kind), kind.methods[0], kind.info)
    yield Route("GET", path, partial(list_, kind))
    yield Route("GET", f"{path}/{{name}}", partial(get, kind), gives=kind.info)
    yield Route("PATCH", f"{path}/{{name}}", partial(update, kind), kind.methods[1], kind.info)
    yield Route("DELETE", f"{path}/{{name}}", partial(delete, kind))


def metastore(_world: World, _call: Call) -> Json:
    """The one metastore that there is."""
    return {"metastore_id": METASTORE, "workspace_id": 1, "default_catalog_name": "workspace"}


ROUTES = (
    *(route for kind in KINDS for route in _routes(kind)),
    Route("GET", f"{PATH}/current-metastore-assignment", metastore, gives=catalog.MetastoreAssignment),
)
