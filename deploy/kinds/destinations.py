"""Destinations of notifications: what is secret of them comes from environment variables."""

from __future__ import annotations

import os

from deploy.api import Api
from deploy.difference import Classes
from deploy.values import Change, Json, Remote, Resource

PATH = "/api/2.0/notification-destinations"


class Destinations:
    """A destination has a type, and for each of its settings the variable that holds the value."""

    classes = Classes(unread=frozenset({"environment", "version"}))

    def find(self, api: Api, name: str) -> list[Remote]:
        """The destinations of this name."""
        listed = api.pages(PATH, "results")
        return [_remote(one) for one in listed if one["display_name"] == name]

    def get(self, api: Api, key: str) -> Remote | None:
        """The destination with this id."""
        answer = api.get(f"{PATH}/{key}")
        return _remote(answer) if answer else None

    def create(self, api: Api, resource: Resource) -> str:
        """Make it."""
        return api.send("POST", PATH, {"display_name": resource.name, "config": _config(resource)})["id"]

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Send all settings again."""
        del changes
        body = {"display_name": resource.name, "config": _config(resource)}
        api.send("PATCH", f"{PATH}/{remote.id}", body)

    def delete(self, api: Api, key: str) -> None:
        """Remove it."""
        api.remove(lambda: api.send("DELETE", f"{PATH}/{key}"))


def _remote(answer: Json) -> Remote:
    return Remote(answer["id"], {"type": str(answer["destination_type"]).lower()})


def _config(resource: Resource) -> Json:
    kind = "generic_webhook" if resource.fields["type"] == "webhook" else resource.fields["type"]
    values = {name: os.environ[variable] for name, variable in resource.fields["environment"].items()}
    return {kind: {k: v.split(",") if k == "addresses" else v for k, v in values.items()}}
