"""AI/BI dashboards: a draft of what the file says, and what people see: the draft as it was published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import top
from deploy.values import Change, Remote, Resource

PATH = "/api/2.0/lakeview/dashboards"
BESIDE = ("dataset_catalog", "dataset_schema")  # sent beside the dashboard, and never told
OF_PUBLISHED = ("published", "embed_credentials")


class Dashboards:
    """Dashboards, found by their names; `published` tells whether people see the draft."""

    classes = Classes(unread=frozenset(BESIDE), immutable=frozenset({"parent_path"}))

    def find(self, api: Api, name: str) -> list[Remote]:
        """All that have this name."""
        listed = [d for d in api.pages(PATH, "dashboards") if d.get("display_name") == name]
        return [r for one in listed if (r := self.get(api, str(one["dashboard_id"])))]

    def get(self, api: Api, key: str) -> Remote | None:
        """The one with this id; what lies in the trash is gone."""
        draft = api.get(f"{PATH}/{key}")
        if not draft or draft.get("lifecycle_state") == "TRASHED":
            return None
        shown = api.get(f"{PATH}/{key}/published")
        published = shown is not None and shown["revision_create_time"] >= draft["update_time"]
        embeds = bool(shown and shown.get("embed_credentials"))
        content = canonical(draft.get("serialized_dashboard", "{}"))
        own = {"serialized_dashboard": content, "published": published, "embed_credentials": embeds}
        return Remote(key, {**draft, **own})

    def create(self, api: Api, resource: Resource) -> str:
        """Make a draft and publish it."""
        made = api.send("POST", PATH, _draft(resource.fields), **_beside(resource))
        _publish(api, str(made["dashboard_id"]), resource)
        return str(made["dashboard_id"])

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Change the draft, and publish it."""
        if fields := _draft(top(changes, resource.fields)):
            api.send("PATCH", f"{PATH}/{remote.id}", fields, **_beside(resource))
        _publish(api, remote.id, resource)

    def delete(self, api: Api, key: str) -> None:
        """Put it into the trash."""
        api.remove(lambda: api.send("DELETE", f"{PATH}/{key}"))


def canonical(text: str) -> str:
    """The text of a dashboard, whatever the order of its keys and its blanks were."""
    return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)


def _draft(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in fields.items() if k not in (*BESIDE, *OF_PUBLISHED)}


def _beside(resource: Resource) -> dict[str, Any]:
    return {name: resource.fields[name] for name in BESIDE if name in resource.fields}


def _publish(api: Api, key: str, resource: Resource) -> None:
    fields = resource.fields
    body = {name: fields[name] for name in ("embed_credentials", "warehouse_id") if name in fields}
    api.send("POST", f"{PATH}/{key}/published", body)
