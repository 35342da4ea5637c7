"""What a commit did to a Delta table, from its log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UPKEEP = frozenset({"OPTIMIZE", "REORG", "VACUUM START", "VACUUM END"})


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit.

    Attributes:
        info: What it says of itself.
        moved: `add` if rows came, `remove` if rows went; neither where files are only written anew.
        defines: It changes the table's definition.
    """

    info: Mapping[str, Any]
    moved: frozenset[str]
    defines: bool

    @property
    def operation(self) -> str:
        """What it is called: WRITE, DELETE, OPTIMIZE."""
        return self.info.get("operation", "unknown")

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters of the operation."""
        return self.info.get("operationParameters") or {}

    @property
    def only_appends(self) -> bool:
        """Does it bring rows, and nothing else?"""
        return self.moved == {"add"}


def commit_of(table: Path, version: int) -> Commit | None:
    """The commit that made a version; None if it was cleaned up."""
    file = table / "_delta_log" / f"{version:020d}.json"
    if not file.exists():
        return None
    lines = file.read_text(encoding="utf-8").split("\n")  # `splitlines` also ends them within a text
    actions = [json.loads(line) for line in lines if line.strip()]
    moved = {k for a in actions for k in ("add", "remove") if k in a and a[k].get("dataChange")}
    defines = any("metaData" in a or "protocol" in a for a in actions)
    info = next((a["commitInfo"] for a in actions if "commitInfo" in a), {})
    return Commit(info, frozenset(moved), defines)


def newest_version(table: Path) -> int | None:
    """The last version of a table; None if there is none."""
    commits = (table / "_delta_log").glob("[0-9]*.json")
    return max((int(file.stem) for file in commits if file.stem.isdigit()), default=None)


def version_of_rows(table: Path, version: int) -> int:
    """The version whose very rows a version has: no commit after it moved any."""
    while (commit := commit_of(table, version)) and not (commit.moved or commit.defines):
        version -= 1
    return version
