"""Unity Catalog's containers: catalogs, schemas, volumes and external locations."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import Named, top
from deploy.values import Change, Remote, Resource

PATH = "/api/2.1/unity-catalog"


@dataclass(frozen=True, slots=True)
class Securable(Named):
    """One kind of container.

    Attributes:
        path: Its part of the path.
        forced: Can it be removed with what lies in it? Whoever approved its loss by name wants that.
    """

    path: str
    classes: Classes
    forced: bool = False

    def get(self, api: Api, key: str) -> Remote | None:
        """The container with this full name."""
        fields = api.get(f"{PATH}/{self.path}/{quote(key)}")
        return Remote(key, fields) if fields else None

    def create(self, api: Api, resource: Resource) -> str:
        """Make it."""
        given = {k: v for k, v in resource.fields.items() if v not in ("", None)}
        api.send("POST", f"{PATH}/{self.path}", given)
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Change the fields that differ."""
        api.send("PATCH", f"{PATH}/{self.path}/{quote(remote.id)}", top(changes, resource.fields))

    def delete(self, api: Api, key: str) -> None:
        """Remove it."""
        path, force = f"{PATH}/{self.path}/{quote(key)}", str(self.forced).lower()
        api.remove(lambda: api.send("DELETE", path, force=force))


CATALOGS = Securable("catalogs", Classes(immutable=frozenset({"storage_root", "name"})), forced=True)
SCHEMAS = Securable(
    "schemas", Classes(immutable=frozenset({"storage_root", "name", "catalog_name"})), forced=True
)
VOLUMES = Securable(
    "volumes",
    Classes(immutable=frozenset({"name", "catalog_name", "schema_name", "volume_type", "storage_location"})),
)
LOCATIONS = Securable("external-locations", Classes(immutable=frozenset({"name"})))
