"""Scopes of secrets, who may read them, and the secrets: their values come from environment variables."""

from __future__ import annotations

import os

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import Named
from deploy.values import Change, Remote, Resource

PATH = "/api/2.0/secrets"


class Scopes(Named):
    """Scopes, by their names."""

    classes = Classes()

    def get(self, api: Api, key: str) -> Remote | None:
        """The scope of this name."""
        scopes = (api.get(f"{PATH}/scopes/list") or {}).get("scopes", [])
        return next((Remote(key, s) for s in scopes if s["name"] == key), None)

    def create(self, api: Api, resource: Resource) -> str:
        """Make it."""
        api.send("POST", f"{PATH}/scopes/create", {"scope": resource.name})
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """A scope has nothing but its name."""

    def delete(self, api: Api, key: str) -> None:
        """Remove it with its secrets."""
        api.remove(lambda: api.send("POST", f"{PATH}/scopes/delete", {"scope": key}))


class ScopeAcls(Named):
    """What one principal may do with a scope, `SCOPE/PRINCIPAL`."""

    classes = Classes()

    def get(self, api: Api, key: str) -> Remote | None:
        """The permission of the principal."""
        scope, _, principal = key.partition("/")
        found = api.get(f"{PATH}/acls/get", scope=scope, principal=principal)
        return Remote(key, {"permission": found["permission"]}) if found else None

    def create(self, api: Api, resource: Resource) -> str:
        """Give it."""
        scope, _, principal = resource.name.partition("/")
        body = {"scope": scope, "principal": principal, "permission": resource.fields["permission"]}
        api.send("POST", f"{PATH}/acls/put", body)
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Give another one."""
        del remote, changes
        self.create(api, resource)

    def delete(self, api: Api, key: str) -> None:
        """Take it away."""
        scope, _, principal = key.partition("/")
        body = {"scope": scope, "principal": principal}
        api.remove(lambda: api.send("POST", f"{PATH}/acls/delete", body))


class Secrets(Named):
    """A secret, `SCOPE/KEY`: its value is read where it is sent, and nowhere else.

    One that exists is left alone until its `version` in our files is raised.
    """

    classes = Classes(unread=frozenset({"environment", "version"}))

    def get(self, api: Api, key: str) -> Remote | None:
        """Is there such a secret? Its value is not asked for."""
        scope, _, name = key.partition("/")
        found = (api.get(f"{PATH}/list", scope=scope) or {}).get("secrets", [])
        return next((Remote(key) for secret in found if secret["key"] == name), None)

    def create(self, api: Api, resource: Resource) -> str:
        """Send its value."""
        scope, _, name = resource.name.partition("/")
        value = os.environ[resource.fields["environment"]]
        api.send("POST", f"{PATH}/put", {"scope": scope, "key": name, "string_value": value})
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Send its value again."""
        del remote, changes
        self.create(api, resource)

    def delete(self, api: Api, key: str) -> None:
        """Remove it."""
        scope, _, name = key.partition("/")
        api.remove(lambda: api.send("POST", f"{PATH}/delete", {"scope": scope, "key": name}))
