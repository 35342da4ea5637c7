"""The workspace that handlers work on: its state, its folders, its callers, and how updates run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from weir.run.lake.storage import Storage
from weir.workspace.calls import ApiError, Json
from weir.workspace.faults import Faults
from weir.workspace.state import State

ADMIN = "admin@weir.local"
METASTORE = "weir"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an update ends where updates are recorded and nothing runs.

    Attributes:
        state: COMPLETED, FAILED or CANCELED.
        tables: Full name -> columns with their types, that the update makes.
        events: Events beside those of its progress, in REST form.
    """

    state: str = "COMPLETED"
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])
    events: tuple[Json, ...] = ()


Recorded = Callable[[str], Outcome]  # by the pipeline's name


@dataclass(slots=True)
class World:
    """A workspace.

    Attributes:
        storage: Where tables lie.
        folder: Where uploaded files and volumes lie.
        recorded: Tells how updates end; None lets Weir run them.
        session: Spark for statements; None starts one at the first that needs it.
        spark_lock: Held while a session for statements starts.
        running: Id of a pipeline -> the process of its last update, and the thread that follows it.
        closing: Called at the end, for whatever runs.
    """

    storage: Storage
    folder: Path
    faults: Faults = field(default_factory=Faults)
    recorded: Recorded | None = None
    session: Any = None
    url: str = ""
    state: State = field(init=False)
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    spark_lock: Any = field(default_factory=threading.Lock)
    running: dict[str, Any] = field(default_factory=dict[str, Any])
    closing: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def __post_init__(self) -> None:
        self.state = State(self.faults.lag)

    def add_user(self, name: str, token: str, groups: tuple[str, ...] = ()) -> None:
        """Let somebody in, as a member of groups; whoever does not exist is made, a person or a group.

        Args:
            name: Of a user, or the application id of a service principal.
        """
        self.tokens[token] = name
        key = next((p["id"] for p in self.people() if name_of(p) == name), None)
        if key is None:
            key = str(self.state.number())
            self.state.put("Users", key, {"userName": name, "id": key, "active": True})
        for group in groups:
            known = next((g for g in self.state.all("Groups").values() if g["displayName"] == group), None)
            value = known or {"displayName": group, "id": str(self.state.number())}
            members = [*value.get("members", []), {"value": key, "display": name}]
            self.state.put("Groups", value["id"], {**value, "members": members})

    def people(self) -> list[Json]:
        """All users and service principals."""
        return [*self.state.all("Users").values(), *self.state.all("ServicePrincipals").values()]

    def user_of(self, authorization: str) -> str:
        """Whose token is sent.

        Raises:
            ApiError: None is, or nobody's.
        """
        if not authorization.startswith("Bearer "):
            text = "Credential was not sent or was of an unsupported type for this API."
            raise ApiError(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", text)
        user = self.tokens.get(authorization.removeprefix("Bearer "))
        if user is None:
            raise ApiError(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "Invalid access token.")
        return user

    def groups_of(self, user: str) -> Iterator[Json]:
        """The groups of which a user is a member, directly."""
        ids = {p["id"] for p in self.people() if name_of(p) == user}
        for group in self.state.all("Groups").values():
            if ids & {m["value"] for m in group.get("members", [])}:
                yield group

    def is_admin(self, user: str) -> bool:
        """May a caller do everything?"""
        return user == ADMIN or any(g["displayName"] == "admins" for g in self.groups_of(user))

    def volume(self, catalog: str, schema: str, name: str) -> Path:
        """The folder of a volume, which is `/Volumes/CATALOG/SCHEMA/NAME` for clients."""
        return self.folder / "Volumes" / catalog / schema / name

    def close(self) -> None:
        """End what runs."""
        for process, thread in self.running.values():
            process.send_signal(signal.SIGTERM) if process.poll() is None else None
            thread.join()
        for end in self.closing:
            end()


def name_of(person: Json) -> str:
    """What grants and permissions call a user or a service principal."""
    return person.get("applicationId") or person["userName"]
