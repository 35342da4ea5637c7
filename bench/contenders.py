"""Those that are compared: how each is set up, started, and where its tables lie."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Protocol

from bench.place import BIN, GRAPHS, Place
from weir.model.names import Namespace
from weir.run.lake.storage import Storage, open_table
from weir.run.machine.warm.place import NAMED


class Contender(Protocol):
    """What a round needs to know of one.

    Attributes:
        ours: It must be right after every phase; spark-pipelines is reported as it is.
    """

    @property
    def name(self) -> str: ...

    @property
    def ours(self) -> bool: ...

    def env(self, folder: Path) -> dict[str, str]:
        """Environment variables of its own, for a run in this folder."""
        ...

    def prepare(self, place: Place) -> None:
        """What a user has done once before the first run; not measured."""

    def command(self, place: Place) -> list[str]:
        """One run."""
        ...

    def files(self, place: Place, table: str) -> list[str]:
        """The Parquet files that make up a table now."""
        ...


@dataclass(frozen=True, slots=True)
class Weir:
    """`weir run` with eight rules on silver, or without; with a JVM of its own, or in a warm engine."""

    name: str = "weir"
    rules: bool = True
    engine: Path | None = None
    ours: bool = True

    def env(self, folder: Path) -> dict[str, str]:  # noqa: ARG002 - a contender's signature
        return {NAMED: str(self.engine or "off")}

    def prepare(self, place: Place) -> None:
        """The source, with its rules or without."""
        text = (GRAPHS / "weir" / "events.py").read_text(encoding="utf-8")
        kept = [line for line in text.splitlines() if self.rules or not line.startswith("@dlt.expect")]
        (place.folder / "events.py").write_text("\n".join(kept), encoding="utf-8")

    def command(self, place: Place) -> list[str]:
        source, storage = place.folder / "events.py", place.folder / "storage"
        return [
            str(BIN / "weir"), "run", str(source), "--name", "bench", "--storage", str(storage),
            "--conf", f"bench.landing={place.landing}", "--json", "-v",
        ]  # fmt: skip

    def files(self, place: Place, table: str) -> list[str]:
        return delta_files(Storage(place.folder / "storage").table(Namespace().table(table)))


@dataclass(frozen=True, slots=True)
class Script:
    """The same tables by hand."""

    name: str = "script"
    ours: bool = True

    def env(self, folder: Path) -> dict[str, str]:  # noqa: ARG002 - a contender's signature
        return {}

    def prepare(self, place: Place) -> None:
        """Nothing."""

    def command(self, place: Place) -> list[str]:
        jars = ",".join(map(str, place.tools.jars))
        script, tables = GRAPHS / "script" / "events.py", place.folder / "tables"
        return [sys.executable, str(script), str(place.landing), str(tables), jars]

    def files(self, place: Place, table: str) -> list[str]:
        return delta_files(place.folder / "tables" / table)


@dataclass(frozen=True, slots=True)
class Pipelines:
    """`spark-pipelines run`: tables of a format in a catalog that outlives a run or does not."""

    name: str
    format: str
    catalog: str
    ours: bool = False

    def env(self, folder: Path) -> dict[str, str]:
        return {"SPARK_CONF_DIR": str(folder)}

    def prepare(self, place: Place) -> None:
        project = GRAPHS / "pipelines"
        for file in project.iterdir():
            if file.is_file():
                text = file.read_text(encoding="utf-8")
                filled = text if file.suffix == ".py" else Template(text).substitute(self._values(place))
                (place.folder / file.name).write_text(filled, encoding="utf-8")

    def _values(self, place: Place) -> dict[str, str]:
        return {
            "storage": (place.folder / "storage").as_uri(),
            "landing": str(place.landing),
            "format": self.format,
            "catalog": self.catalog,
            "jars": os.pathsep.join(map(str, place.tools.jars)),
        }

    def command(self, place: Place) -> list[str]:  # noqa: ARG002 - a contender's signature
        return [str(BIN / "spark-pipelines"), "run"]

    def files(self, place: Place, table: str) -> list[str]:
        folder = place.folder / "spark-warehouse" / table
        if self.format == "delta":
            return delta_files(folder)
        return [str(f) for f in sorted(folder.glob("part-*.parquet"))]


def delta_files(folder: Path) -> list[str]:
    """The files of a Delta table's newest version; none if there is no table."""
    table = open_table(folder)
    return table.file_uris() if table else []


ENGINE = Path(tempfile.gettempdir(), f"weir-bench-{os.getpid()}", "e.sock")
ALL: tuple[Contender, ...] = (
    Weir(),
    Weir("weir-warm", engine=ENGINE),
    Weir("weir-plain", rules=False),
    Script(),
    # Spark's default catalog: the fastest first run, but a second run fails (table locations exist).
    Pipelines("pipelines-memory", "delta", "in-memory"),
    Pipelines("pipelines-delta", "delta", "hive"),
    Pipelines("pipelines-parquet", "parquet", "hive"),
)


def chosen(names: Sequence[str]) -> tuple[Contender, ...]:
    """Those of these names; `pipelines` means all three of them, and `weir` all of Weir's.

    Raises:
        ValueError: Nobody is called that.
    """
    known = {c.name for c in ALL} | {"pipelines"}
    unknown = [n for n in names if n not in known]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: there are {', '.join(sorted(known))}")
    return tuple(c for c in ALL if c.name in names or c.name.partition("-")[0] in names)
