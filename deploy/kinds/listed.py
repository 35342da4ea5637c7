"""Alerts, clusters and SQL warehouses: found in a list by their names, known by an id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import top
from deploy.values import Change, Remote, Resource

Write = Callable[[Api, str, Resource, tuple[Change, ...]], object]


@dataclass(frozen=True, slots=True)
class Listed:
    """One kind.

    Attributes:
        path: Of the list.
        key: Under which the list comes.
        name: The field that holds the name.
        id: The field that holds the id.
        one: The path and query of one, by its id.
        made: The path to which a new one is sent.
        write: Changes one.
        erase: Removes one.
    """

    path: str
    key: str
    name: str
    id: str
    one: Callable[[str], tuple[str, dict[str, str]]]
    made: str
    write: Write
    erase: Callable[[Api, str], object]
    classes: Classes

    def find(self, api: Api, name: str) -> list[Remote]:
        """All that have this name."""
        listed = [one for one in api.pages(self.path, self.key) if one.get(self.name) == name]
        return [r for one in listed if (r := self.get(api, str(one[self.id])))]

    def get(self, api: Api, key: str) -> Remote | None:
        """The one with this id; what lies in the trash is gone."""
        path, query = self.one(key)
        fields = api.get(path, **query)
        return Remote(key, fields) if fields and fields.get("lifecycle_state") != "DELETED" else None

    def create(self, api: Api, resource: Resource) -> str:
        """Make one."""
        return str(api.send("POST", self.made, resource.fields)[self.id])

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Change it."""
        self.write(api, remote.id, resource, changes)

    def delete(self, api: Api, key: str) -> None:
        """Remove it."""
        api.remove(lambda: self.erase(api, key))


def _alert(api: Api, key: str, resource: Resource, changes: tuple[Change, ...]) -> object:
    fields = top(changes, resource.fields)
    return api.send("PATCH", f"{_ALERTS}/{key}", fields, update_mask=",".join(fields))


def _edit_cluster(api: Api, key: str, resource: Resource, _: tuple[Change, ...]) -> object:
    return api.send("POST", f"{_CLUSTERS}/edit", {"cluster_id": key, **resource.fields})


def _edit_warehouse(api: Api, key: str, resource: Resource, _: tuple[Change, ...]) -> object:
    return api.send("POST", f"{_WAREHOUSES}/{key}/edit", resource.fields)


_ALERTS, _CLUSTERS, _WAREHOUSES = "/api/2.0/alerts", "/api/2.1/clusters", "/api/2.0/sql/warehouses"
ALERTS = Listed(
    _ALERTS, "alerts", "display_name", "id", lambda key: (f"{_ALERTS}/{key}", {}), _ALERTS, _alert,
    lambda api, key: api.send("DELETE", f"{_ALERTS}/{key}"),
    Classes(defaults={"schedule.pause_status": "UNPAUSED"}, immutable=frozenset({"parent_path"})),
)  # fmt: skip
CLUSTERS = Listed(
    f"{_CLUSTERS}/list", "clusters", "cluster_name", "cluster_id",
    lambda key: (f"{_CLUSTERS}/get", {"cluster_id": key}), f"{_CLUSTERS}/create", _edit_cluster,
    lambda api, key: api.send("POST", f"{_CLUSTERS}/permanent-delete", {"cluster_id": key}),
    Classes(closed=frozenset({"custom_tags", "spark_conf"})),
)  # fmt: skip
WAREHOUSES = Listed(
    _WAREHOUSES, "warehouses", "name", "id", lambda key: (f"{_WAREHOUSES}/{key}", {}), _WAREHOUSES,
    _edit_warehouse, lambda api, key: api.send("DELETE", f"{_WAREHOUSES}/{key}"),
    Classes(keyed={"tags.custom_tags": "key"}),
)  # fmt: skip
