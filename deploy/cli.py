"""The Databricks CLI, where it is installed: it deploys the bundle, and its plan becomes steps of ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.difference import BY_HAND, DECLARED
from deploy.planning import LOSSES
from deploy.values import REFERENCE, Change, Json, Step, Verb, resolved
from weir.model.problems import Problem, WeirError

VERBS = {"create": Verb.CREATE, "recreate": Verb.RECREATE, "delete": Verb.DELETE}  # all others update
NOWHERE = "00000000-0000-0000-0000-000000000000"  # the id of what is made just before the bundle is deployed


@dataclass(frozen=True, slots=True)
class Cli:
    """The CLI for one target.

    Attributes:
        program: Its path.
        profile: Of its configuration; None leaves it to the environment.
        variables: Those of the bundle that refer to what we make.
    """

    program: str
    folder: Path
    target: str
    profile: str | None
    variables: Mapping[str, str]

    def plan(self, ids: Mapping[str, str]) -> tuple[Step, ...]:
        """What it would do with the resources of the bundle.

        Args:
            ids: Address -> id of what exists.

        Raises:
            WeirError: It refuses the bundle.
        """
        text = self._call(ids, "plan", "--output", "json")
        return tuple(_steps(json.loads(text[text.index("{") :])["plan"]))

    def deploy(self, ids: Mapping[str, str]) -> None:
        """Deploy the bundle."""
        self._call(ids, "deploy", "--auto-approve")

    def destroy(self, ids: Mapping[str, str]) -> None:
        """Remove what it deployed."""
        self._call(ids, "destroy", "--auto-approve")

    def _call(self, ids: Mapping[str, str], *arguments: str) -> str:
        values = {name: str(resolved(value, ids)) for name, value in self.variables.items()}
        known = {f"BUNDLE_VAR_{name}": REFERENCE.sub(NOWHERE, value) for name, value in values.items()}
        profile = ["--profile", self.profile] if self.profile else []
        command = [self.program, "bundle", *arguments, "--target", self.target, *profile]
        ended = subprocess.run(
            command, cwd=self.folder, env={**os.environ, **known}, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            said = (ended.stderr or ended.stdout).strip()
            text = f"`databricks bundle {arguments[0]}` failed:\n{said}"
            raise WeirError(Problem("BUNDLE_COMMAND_FAILED", text, hint="mend it, and call again"))
        return ended.stdout


def installed() -> str | None:
    """The path of the CLI; None where it is not on PATH."""
    return shutil.which("databricks")


def _steps(planned: Mapping[str, Json]) -> Iterator[Step]:
    """The actions of its plan as steps; `resources.KIND.KEY[.grants]` is the name of each."""
    for node, one in planned.items():
        if one["action"] == "skip":
            continue
        kind, _, key = node.removeprefix("resources.").partition(".")
        key, _, part = key.partition(".")
        kind, key = (part, f"{kind}.{key}") if part else (kind, key)
        changes = tuple(_changes(one))
        outside = bool(changes) and all(change.why == BY_HAND for change in changes)
        verb = VERBS.get(one["action"], Verb.UPDATE)
        loses = LOSSES.get(kind, "") if verb in {Verb.DELETE, Verb.RECREATE} else ""
        why = BY_HAND if outside else "it does not exist" if verb is Verb.CREATE else DECLARED
        yield Step(verb, kind, key, _name(one) or key, why, None, changes, loses, outside, by_cli=True)


def _changes(one: Json) -> Iterator[Change]:
    if one["action"] == "create":
        yield from (Change(f, None, v) for f, v in one.get("new_state", {}).get("value", {}).items())
    for path, change in one.get("changes", {}).items():
        if change.get("action") != "skip":
            by_hand = change.get("old") == change.get("new") and "remote" in change
            yield Change(path, change.get("remote"), change.get("new"), BY_HAND if by_hand else DECLARED)


def _name(one: Json) -> str:
    fields = one.get("new_state", {}).get("value") or one.get("remote_state") or {}
    return str(fields.get("name") or fields.get("display_name") or fields.get("full_name") or "")
