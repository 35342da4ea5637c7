"""What a commit did to a Delta table, from its log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FEW_COMMITS, SHORT_LOG = 10, 1_000_000  # commits, bytes
UPKEEP = frozenset({"OPTIMIZE", "REORG", "VACUUM START", "VACUUM END", "CLUSTER BY"})


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit.

    Attributes:
        info: What it says of itself.
        moved: `add` if rows came, `remove` if rows went; neither where files are only written anew.
        defines: It changes the table's definition.
        frees: Files left the table, also where their rows stay: VACUUM may have deleted them.
        batch: Who wrote it and which of their batches it is, where it is marked with that.
    """

    info: Mapping[str, Any]
    moved: frozenset[str]
    defines: bool
    batch: tuple[str, int] | None = None
    frees: bool = False

    @property
    def rows(self) -> int | None:
        """Rows that it wrote, as it says; None if it does not."""
        rows = (self.info.get("operationMetrics") or {}).get("numOutputRows")
        return None if rows is None else int(rows)

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
    batch = next(((a["txn"]["appId"], a["txn"]["version"]) for a in actions if "txn" in a), None)
    return Commit(info, frozenset(moved), defines, batch, any("remove" in a for a in actions))


def only_grew(table: Path) -> bool:
    """Has a table of few commits had nothing but files added since it was made, by its whole log?"""
    newest = newest_version(table)
    if newest is None or newest >= FEW_COMMITS:
        return False
    if sum(file.stat().st_size for file in (table / "_delta_log").glob("*.json")) > SHORT_LOG:
        return False
    commits = (commit_of(table, version) for version in range(newest + 1))
    return all(c is not None and not c.frees and not (n and c.defines) for n, c in enumerate(commits))


def newest_version(table: Path) -> int | None:
    """The last version of a table; None if there is none."""
    file = newest_commit(table)
    return int(file.stem) if file is not None else None


def newest_commit(table: Path) -> Path | None:
    """The file of the last commit of a table; None if there is none."""
    commits = (file for file in (table / "_delta_log").glob("[0-9]*.json") if file.stem.isdigit())
    return max(commits, key=lambda file: int(file.stem), default=None)


class BatchCommits:
    """The commits of batches into a table from now on: a batch that is written leaves one, and only one."""

    def __init__(self, table: Path) -> None:
        """Begin after the last commit of a table.

        Args:
            table: Its folder.
        """
        newest = newest_version(table)
        self.table = table
        self.next = 0 if newest is None else newest + 1
        self.commits: dict[int, Commit] = {}

    def of(self, app: str, number: int) -> Commit | None:
        """The commit of a batch; None if it was written before, or never.

        Args:
            app: Who wrote it: always the same.
            number: The number of the batch.
        """
        for commit in self._new():
            if commit.batch is not None and commit.batch[0] == app:
                self.commits[commit.batch[1]] = commit
        return self.commits.pop(number, None)

    def last(self) -> Commit | None:
        """The last commit that is no upkeep; None if there was none since the last look."""
        return next((c for c in reversed([*self._new()]) if c.operation not in UPKEEP), None)

    def _new(self) -> Iterator[Commit]:
        while (commit := commit_of(self.table, self.next)) is not None:
            self.next += 1
            yield commit


def version_of_rows(table: Path, version: int) -> int:
    """The version whose very rows a version has: no commit after it moved any."""
    while (commit := commit_of(table, version)) and not (commit.moved or commit.defines):
        version -= 1
    return version
