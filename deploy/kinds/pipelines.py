"""Pipelines; their tables outlive them."""

from __future__ import annotations

from deploy.api import Api
from deploy.difference import Classes
from deploy.values import Change, Remote, Resource

PATH = "/api/2.0/pipelines"


class Pipelines:
    """The settings of pipelines."""

    classes = Classes(
        immutable=frozenset({"catalog", "storage"}),
        defaults={
            "development": False, "continuous": False, "serverless": False, "photon": False,
            "channel": "CURRENT", "edition": "ADVANCED", "notifications": "",
        },
        closed=frozenset({"configuration", "tags"}),
        keyed={"clusters": "label"},
        sets=frozenset({"notifications.alerts", "notifications.email_recipients"}),
    )  # fmt: skip

    def find(self, api: Api, name: str) -> list[Remote]:
        """The pipelines of this name."""
        wanted = "name LIKE '{}'".format(name.replace("'", "''"))
        listed = [p for p in api.pages(PATH, "statuses", filter=wanted) if p["name"] == name]
        return [r for p in listed if (r := self.get(api, p["pipeline_id"]))]

    def get(self, api: Api, key: str) -> Remote | None:
        """The pipeline with this id."""
        answer = api.get(f"{PATH}/{key}")
        if answer is None:
            return None
        beside = {n: answer[n] for n in ("run_as", "parameters") if n in answer}
        return Remote(key, {**answer["spec"], **beside})

    def create(self, api: Api, resource: Resource) -> str:
        """Make a pipeline."""
        return api.send("POST", PATH, resource.fields)["pipeline_id"]

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Replace its settings, which takes effect at its next update."""
        del changes
        api.send("PUT", f"{PATH}/{remote.id}", {"id": remote.id, **resource.fields})

    def delete(self, api: Api, key: str) -> None:
        """Remove it, and leave its tables."""
        api.remove(lambda: api.send("DELETE", f"{PATH}/{key}", cascade="false"))
