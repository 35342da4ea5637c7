"""Functions of masks and row filters, by statements on the warehouse."""

from __future__ import annotations

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import Named
from deploy.kinds.securables import PATH
from deploy.values import Change, Remote, Resource
from weir.model.names import quoted


class Functions(Named):
    """A function: its text is what our files say, its body what the workspace tells of it."""

    classes = Classes(unread=frozenset({"text"}))

    def get(self, api: Api, key: str) -> Remote | None:
        """The function of this full name."""
        answer = api.get(f"{PATH}/functions/{key}")
        return (
            Remote(key, {"body": " ".join(answer.get("routine_definition", "").split())}) if answer else None
        )

    def create(self, api: Api, resource: Resource) -> str:
        """Make or replace it; names in its body are those of its own catalog."""
        name = ".".join(quoted(part) for part in resource.name.split("."))
        text = f"CREATE OR REPLACE FUNCTION {name}{resource.fields['text']}"
        api.rows(text, resource.name.partition(".")[0])
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Replace it."""
        del remote, changes
        self.create(api, resource)

    def delete(self, api: Api, key: str) -> None:
        """Remove it."""
        api.remove(lambda: api.send("DELETE", f"{PATH}/functions/{key}"))
