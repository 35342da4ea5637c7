"""Privileges by difference: those of principals that our files do not name stay as they are."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import Named
from deploy.values import Change, Json, Remote, Resource

PATH = "/api/2.1/unity-catalog/permissions"
PERMISSIONS = "/api/2.0/permissions"


class Grants(Named):
    """Privileges on a securable, `KIND/FULL.NAME`: each principal with its privileges as one text."""

    classes = Classes()

    def get(self, api: Api, key: str) -> Remote | None:
        """Who holds which privileges; None where nobody holds any, or there is no such securable."""
        answer = api.get(f"{PATH}/{quote(key)}") or {}
        held = {a["principal"]: text_of(a["privileges"]) for a in answer.get("privilege_assignments", [])}
        return Remote(key, held) if held else None

    def create(self, api: Api, resource: Resource) -> str:
        """Grant all of them."""
        self._change(api, resource.name, tuple(Change(p, None, v) for p, v in resource.fields.items()))
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Grant what is missing, and revoke what is too much, in one call."""
        del resource
        self._change(api, remote.id, changes)

    def delete(self, api: Api, key: str) -> None:
        """Ours are taken away by `update`; others keep theirs."""

    def _change(self, api: Api, name: str, changes: Iterable[Change]) -> None:
        body = {"changes": [_difference(change) for change in changes]}
        api.send("PATCH", f"{PATH}/{quote(name)}", body)


def text_of(privileges: Iterable[str]) -> str:
    """Privileges as a plan shows them."""
    return ", ".join(sorted(privileges))


def _difference(change: Change) -> Json:
    old, new = (set(filter(None, (text or "").split(", "))) for text in (change.old, change.new))
    return {"principal": change.path, "add": sorted(new - old), "remove": sorted(old - new)}


class Permissions(Named):
    """Who may see, run and manage a pipeline, job or alert, `KIND/ID`; its owner is not ours to change."""

    classes = Classes()

    def get(self, api: Api, key: str) -> Remote | None:
        """Each principal with its level."""
        answer = api.get(f"{PERMISSIONS}/{key}")
        if answer is None:
            return None
        levels = dict(_levels(answer))
        return Remote(key, levels) if levels else None

    def create(self, api: Api, resource: Resource) -> str:
        """Give all levels."""
        self._patch(api, resource.name, resource.fields.items())
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Give levels that differ; to take one away all others have to be told again."""
        del resource
        if all(change.new for change in changes):
            self._patch(api, remote.id, ((c.path, c.new) for c in changes))
            return
        answer = api.get(f"{PERMISSIONS}/{remote.id}") or {}
        kept = {**dict(_levels(answer, owners=True)), **{c.path: c.new for c in changes}}
        entries = [_entry(principal, level) for principal, level in kept.items() if level]
        api.send("PUT", f"{PERMISSIONS}/{remote.id}", {"access_control_list": entries})

    def delete(self, api: Api, key: str) -> None:
        """Ours are taken away by `update`; others keep theirs."""

    def _patch(self, api: Api, name: str, levels: Iterable[tuple[str, str]]) -> None:
        entries = [_entry(principal, level) for principal, level in levels]
        api.send("PATCH", f"{PERMISSIONS}/{name}", {"access_control_list": entries})


def _levels(answer: Json, *, owners: bool = False) -> Iterable[tuple[str, str]]:
    for entry in answer.get("access_control_list", []):
        kind = next(k for k in ("user_name", "group_name", "service_principal_name") if entry.get(k))
        for given in entry.get("all_permissions", []):
            level = given["permission_level"]
            if not given.get("inherited") and (owners or level != "IS_OWNER"):
                yield f"{kind}/{entry[kind]}", level


def _entry(principal: str, level: str) -> Json:
    kind, _, name = principal.partition("/")
    return {kind: name, "permission_level": level}
