"""What the workspace says of itself before a bundle can be read: who calls, where files go, which ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.api import Api
from deploy.values import Json
from weir.bundle.bundle import Bundle, read_bundle
from weir.bundle.located_yaml import LocatedValue
from weir.model.problems import Problem, WeirError, unsupported


@dataclass(frozen=True, slots=True)
class Facts:
    """What was asked for.

    Attributes:
        user: Who calls.
        groups: Those that the caller is a member of.
        root: The folder of the deployment in the workspace.
        problems: What is looked up by name and does not exist.
    """

    bundle: Bundle
    user: str
    groups: frozenset[str]
    root: str
    problems: tuple[Problem, ...]

    @property
    def files(self) -> str:
        """Where the files of the bundle lie."""
        return f"{self.root}/files"

    @property
    def state(self) -> str:
        """Where is remembered what was deployed."""
        return f"{self.root}/state/deploy.json"

    @property
    def lock(self) -> str:
        """What says that somebody deploys, to the Databricks CLI, too."""
        return f"{self.root}/state/deploy.lock"

    @property
    def cli_state(self) -> str:
        """Where the Databricks CLI remembers what it deployed."""
        return f"{self.root}/state/resources.json"

    @property
    def short_name(self) -> str:
        """The caller as it may stand in names."""
        return short_name(self.user)


def short_name(user: str) -> str:
    """The part before the @, as it may stand in names.

    >>> short_name("ana.mora@altrupets.org")
    'ana_mora'
    """
    return re.sub(r"[^A-Za-z0-9]+", "_", user.partition("@")[0])


def facts_of(api: Api, file: Path, target: str | None, own: frozenset[str]) -> Facts:
    """Ask the workspace, and read the bundle with what it says.

    Args:
        file: The `databricks.yml`.
        target: Of the bundle; its default one if None.
        own: The destinations that are made here and need not exist.

    Raises:
        WeirError: The bundle can't be read.
    """
    me = api.get("/api/2.0/preview/scim/v2/Me") or {}
    user = {
        "workspace.current_user.userName": me["userName"],
        "workspace.current_user.short_name": short_name(me["userName"]),
        "workspace.host": api.client.config.host or "",
    }
    values, problems = _looked_up(api, read_bundle(file, target, user), own)
    bundle = read_bundle(file, target, {**user, **values})
    root = _root(bundle, me["userName"])
    paths = {
        "workspace.root_path": root,
        "workspace.file_path": f"{root}/files",
        "workspace.state_path": f"{root}/state",
        "workspace.resource_path": f"{root}/resources",
    }
    bundle = read_bundle(file, target, {**user, **values, **paths})
    groups = frozenset(group["display"] for group in me.get("groups", []))
    return Facts(bundle, me["userName"], groups, root, tuple(problems))


def _root(bundle: Bundle, user: str) -> str:
    given = bundle.whole.get("workspace", "root_path")
    home = f"/Workspace/Users/{user}"
    path = bundle.text(given) if given.value is not None else f"~/.bundle/{bundle.name}/{bundle.target}"
    return path.replace("~", home, 1) if path.startswith("~") else path


def _looked_up(api: Api, bundle: Bundle, own: frozenset[str]) -> tuple[Mapping[str, str], list[Problem]]:
    values, problems = dict[str, str](), list[Problem]()
    for name, node in bundle.whole.get("variables").mapping().items():
        for kind, wanted in node.get("lookup").mapping().items():
            if bundle.variables.get(name) != f"${{var.{name}}}":
                continue  # a value was given
            text = bundle.text(wanted)
            if kind == "notification_destination" and text in own:
                values[f"var.{name}"] = f"${{resources.destinations.{text}.id}}"
            elif found := list(_ids(api, kind, text, wanted)):
                values[f"var.{name}"] = found[0]
            else:
                message = f"There is no {kind.replace('_', ' ')} `{text}` in the workspace."
                hint = f"make it, or give its id: export BUNDLE_VAR_{name}=..."
                problems.append(Problem("RESOURCE_DOES_NOT_EXIST", message, wanted.origin, hint))
    return values, problems


def _ids(api: Api, kind: str, name: str, node: LocatedValue) -> Iterator[str]:
    if kind not in LISTS:
        raise WeirError(*unsupported(f"A lookup of a {kind}", "give its id", node.origin).problems)
    for one, id_, called in LISTS[kind](api):
        if called == name:
            yield str(one[id_])


def _list(path: str, key: str, id_: str, name: str) -> Callable[[Api], Iterator[tuple[Json, str, str]]]:
    return lambda api: ((one, id_, one.get(name, "")) for one in api.pages(path, key))


LISTS: Mapping[str, Callable[[Api], Iterator[tuple[Json, str, str]]]] = {
    "warehouse": _list("/api/2.0/sql/warehouses", "warehouses", "id", "name"),
    "notification_destination": _list("/api/2.0/notification-destinations", "results", "id", "display_name"),
    "cluster": _list("/api/2.1/clusters/list", "clusters", "cluster_id", "cluster_name"),
    "service_principal": _list(
        "/api/2.0/preview/scim/v2/ServicePrincipals", "Resources", "applicationId", "displayName"
    ),
}
