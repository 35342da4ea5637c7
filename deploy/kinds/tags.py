"""Tags of tables and columns."""

from __future__ import annotations

from urllib.parse import quote

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import Named
from deploy.kinds.securables import PATH
from deploy.values import Change, Remote, Resource

TAGS = f"{PATH}/entity-tag-assignments"


class Tags(Named):
    """A tag, `tables/FULL.NAME/KEY` or `columns/FULL.NAME.COLUMN/KEY`."""

    classes = Classes()

    def get(self, api: Api, key: str) -> Remote | None:
        """The value of the tag."""
        answer = api.get(_path(key))
        return Remote(key, {"value": answer.get("tag_value", "")}) if answer else None

    def create(self, api: Api, resource: Resource) -> str:
        """Put the tag there."""
        api.send("POST", TAGS, _body(resource.name, resource))
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Change its value."""
        del changes
        api.send("PATCH", _path(remote.id), _body(remote.id, resource), update_mask="tag_value")

    def delete(self, api: Api, key: str) -> None:
        """Take it away."""
        api.remove(lambda: api.send("DELETE", _path(key)))


def _body(key: str, resource: Resource) -> dict[str, str]:
    entity, name, tag = key.split("/")
    value = resource.fields["value"]
    return {"entity_type": entity, "entity_name": name, "tag_key": tag, "tag_value": value}


def _path(key: str) -> str:
    entity, name, tag = key.split("/")
    return f"{TAGS}/{entity}/{quote(name)}/tags/{quote(tag)}"
