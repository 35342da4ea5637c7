"""What is asked of every kind of resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from deploy.api import Api
from deploy.difference import Classes
from deploy.values import Change, Remote, Resource


class Kind(Protocol):
    """How one kind of resource is found, made, changed and removed; ids in its fields are known."""

    @property
    def classes(self) -> Classes:
        """What is known of its fields."""
        ...

    def find(self, api: Api, name: str) -> list[Remote]:
        """Everything in the workspace that has this name."""
        ...

    def get(self, api: Api, key: str) -> Remote | None:
        """The one with this id; None where it is gone."""
        ...

    def create(self, api: Api, resource: Resource) -> str:
        """Make it, and give its id."""
        ...

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Change it."""
        ...

    def delete(self, api: Api, key: str) -> None:
        """Remove it; nothing where it is gone."""
        ...


class Named:
    """A kind whose names are its ids."""

    def get(self, api: Api, key: str) -> Remote | None:
        """The one with this name."""
        raise NotImplementedError

    def find(self, api: Api, name: str) -> list[Remote]:
        """The one with this name, if there is one."""
        remote = self.get(api, name)
        return [remote] if remote else []


def top(changes: tuple[Change, ...], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields at the top that changes touch, with their new values."""
    names = dict.fromkeys(change.path.partition(".")[0].partition("[")[0] for change in changes)
    return {name: fields.get(name) for name in names}
