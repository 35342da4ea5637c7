"""The settings of one pipeline, what stands in for the world outside, and which tables are selected."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from weir.model.governance import Function
from weir.model.names import Namespace
from weir.model.places import canonical

TOPIC = re.compile(r"kafka://([^/]+)/([^/]+)")  # what may stand for a stream, beside a folder


@dataclass(frozen=True, slots=True)
class Settings:
    """One pipeline as its bundle or the command line describes it.

    Attributes:
        files: Source files in the order in which they load.
        roots: Folders put on `sys.path` while user code runs.
        notices: Sentences for the user about keys that were read past.
        development: What fails is told at once; else it is tried again (specification §5.5).
        continuous: Flows run again and again until the update is stopped (§5.7).
        functions: The SQL functions of the bundle, which masks and row filters may call; None if unknown.
    """

    name: str
    namespace: Namespace
    files: tuple[Path, ...]
    roots: tuple[Path, ...]
    storage: Path
    configuration: Mapping[str, str] = field(default_factory=dict[str, str])
    notices: tuple[str, ...] = ()
    development: bool = True
    continuous: bool = False
    functions: Mapping[str, Function] | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """What stands in for the world outside of the pipeline.

    Attributes:
        tables: Full name of an outside table -> folder or file with its rows.
        prefixes: Prefix of a path in the sources -> local folder.
        streams: Name of a stream, subscription or topic -> folder with its records, or `kafka://servers/topic`.
    """

    tables: Mapping[str, str] = field(default_factory=dict[str, str])
    prefixes: Mapping[str, str] = field(default_factory=dict[str, str])
    streams: Mapping[str, str] = field(default_factory=dict[str, str])

    def without(self, tables: Collection[str]) -> Outside:
        """The same, but nothing stands in for these tables."""
        return replace(self, tables={n: place for n, place in self.tables.items() if n not in tables})

    def local_path(self, path: str) -> str:
        """The path with its longest mapped prefix replaced, which ends where a part of the path does.

        Spellings of one place are the same: `/mnt/x`, `dbfs:/mnt/x` and `/dbfs/mnt/x`.
        """
        place = canonical(path)
        folders = {canonical(prefix).rstrip("/"): folder for prefix, folder in self.prefixes.items()}
        for begin in sorted(folders, key=len, reverse=True):
            if f"{place}/".startswith(f"{begin}/"):
                rest = place[len(begin) :].lstrip("/")
                return f"{folders[begin].rstrip('/')}/{rest}".rstrip("/")
        return path


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tables an update refreshes and which it resets first (specification §4.5, §5.2)."""

    refresh: frozenset[str] = frozenset()
    full_refresh: frozenset[str] = frozenset()
    full_refresh_all: bool = False

    @property
    def everything(self) -> bool:
        """No table was named: the whole graph is refreshed."""
        return not (self.refresh or self.full_refresh)
