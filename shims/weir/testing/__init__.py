"""What tests of pipelines import: feed, update, look; or rows for a dataset's inputs -> rows and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from pyspark.sql import SparkSession

from weir import engine
from weir.bundle.bundle import default_storage
from weir.bundle.sources import SourceArguments, settings_for
from weir.graph.analysis import Graph
from weir.model.events import Event
from weir.model.folders import DELTA, folders
from weir.model.problems import Problem, WeirError
from weir.model.results import DatasetResult, UpdateResult
from weir.model.settings import Outside, Selection, Settings
from weir.pipeline import open_pipeline, plan_of
from weir.plan.maintenance import MaintenanceRequest
from weir.plan.steps import Plan
from weir.request import Request
from weir.run.analysis.why import BrokenRows
from weir.run.governed.groups import GroupSession
from weir.run.lake.query import query
from weir.run.lake.storage import Storage, open_table
from weir.run.listeners.listener import Listener, Row
from weir.run.machine.session import start_session
from weir.run.update.stop import Stop
from weir.run.upkeep.maintenance import MaintenanceResult

Rows = Sequence[Mapping[str, Any]]
# A test has few rows and many queries: to interpret them takes a third less time than to compile them.
INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


def spark_session(log: Path, *, kafka: bool = False) -> SparkSession:
    """The session of a test run, with Kafka if wanted: start it once, in a session-scoped fixture."""
    return start_session(log, INTERPRETED, lambda _: None, more=("kafka",) if kafka else (), lasting=True)


@dataclass
class PipelineUnderTest:
    """A pipeline with a storage of its own.

    Attributes:
        sources: Files or folders with the pipeline's code.
        folder: An empty folder for tables, checkpoints and outside tables.
        outside: Full name of an outside table -> where its rows lie.
        prefixes: Prefix of a path in the sources -> local folder.
        streams: Name of a stream, subscription or topic -> folder or topic with its records.
        say: Told what takes long or was given up.
    """

    spark: SparkSession
    folder: Path
    sources: Sequence[str | Path]
    configuration: Mapping[str, str] = field(default_factory=dict)
    name: str = "local"
    outside: dict[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    streams: Mapping[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    say: Callable[[str], None] = lambda _: None
    development: bool = True
    continuous: bool = False
    stop: Stop = field(default_factory=Stop)

    def feed(self, table: str, rows: Rows, schema: pa.Schema | None = None) -> None:
        """Let rows arrive in a table that the pipeline reads from outside."""
        full = self.settings.namespace.table(table)
        path = self.folder.joinpath("outside", *folders(full, sign=DELTA))
        path.parent.mkdir(parents=True, exist_ok=True)
        data = pa.Table.from_pylist([dict(r) for r in rows], schema=schema)
        write_deltalake(path, data, mode="append")
        self.outside[full] = str(path)

    def update(self, selection: Selection | None = None) -> UpdateResult:
        """One update; a continuous one ends when `stop` is asked.

        Raises:
            WeirError: The definitions are wrong.
        """
        return engine.run(self._request(selection))

    def plan(self, selection: Selection | None = None) -> Plan:
        """The steps that an update would take.

        Raises:
            WeirError: The definitions are wrong.
        """
        chosen = selection or Selection()
        with open_pipeline(self._request(chosen)) as opened:
            return plan_of(opened, chosen)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the definitions."""
        try:
            with open_pipeline(self._request(None)) as opened:
                return opened.problems
        except WeirError as error:
            return error.problems

    def graph(self) -> Graph:
        """The resolved graph."""
        with open_pipeline(self._request(None)) as opened:
            return opened.graph

    def broken(self, table: str, limit: int = 20) -> BrokenRows:
        """The rows that break rules of a table or view.

        Raises:
            WeirError: The definitions are wrong, or a flow failed.
        """
        with open_pipeline(self._request(None)) as opened:
            return engine.broken_of(opened, table, limit)

    def rows(self, table: str, order_by: str = "1") -> list[dict[str, Any]]:
        """All rows of a table of the pipeline."""
        return rows_of(self.storage.table(self.settings.namespace.table(table)), order_by)

    def version(self, table: str) -> int | None:
        """The table's Delta version; None if it does not exist."""
        delta = open_table(self.storage.table(self.settings.namespace.table(table)))
        return delta.version() if delta else None

    def maintain(
        self, work: MaintenanceRequest, skipping: Sequence[str] = (), *, dry_run: bool = False
    ) -> tuple[MaintenanceResult, ...]:
        """Delete rows past their time, OPTIMIZE, VACUUM.

        Raises:
            WeirError: The definitions, or the properties of tables, are wrong.
        """
        return engine.maintain(self._request(None), work, frozenset(skipping), dry_run=dry_run)

    @property
    def storage(self) -> Storage:
        """Where the pipeline's tables lie."""
        return Storage(self.folder / "storage")

    @property
    def settings(self) -> Settings:
        """As the command line would find them."""
        sources = tuple(str(s) for s in self.sources)
        arguments = SourceArguments(
            sources, self.name, None, self.configuration, str(self.folder / "storage"),
            self.development, self.continuous,
        )  # fmt: skip
        return settings_for(arguments, Path.cwd())

    def _request(self, selection: Selection | None) -> Request:
        return Request(
            self.settings,
            Outside(dict(self.outside), dict(self.prefixes), dict(self.streams)),
            selection or Selection(),
            session=self.spark,
            say=self.say,
            listeners=(_Events(self.events),),
            stop=self.stop,
        )


class _Events(Listener):
    """Gathers the events of an update."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events

    def heard(self, event: Event, row: Row) -> None:
        """One more."""
        del row
        self._events.append(event)


@dataclass(frozen=True)
class Checked:
    """What a dataset made of given rows."""

    rows: list[dict[str, Any]]
    result: DatasetResult

    def counts(self) -> dict[str, tuple[int | None, int | None]]:
        """Rule -> (passed, failed)."""
        return {e.name: (e.passed, e.failed) for e in self.result.expectations}


def check_dataset(under_test: PipelineUnderTest, dataset: str, given: Mapping[str, Rows]) -> Checked:
    """Give rows for a dataset's inputs, get its rows and what its rules saw.

    Args:
        under_test: The pipeline; its storage is used.
        dataset: A table of the pipeline.
        given: Name of an input (a dataset of the pipeline or an outside table) -> its rows.

    Raises:
        WeirError: The dataset can't be resolved.
    """
    for name, rows in given.items():
        under_test.feed(name, rows)
    full = under_test.settings.namespace.table(dataset)
    request = Request(
        under_test.settings,
        Outside(dict(under_test.outside), dict(under_test.prefixes), dict(under_test.streams)),
        focus=(full,),
        session=under_test.spark,
        listeners=(_Events(under_test.events),),
    )
    result = engine.run(request)
    return Checked(under_test.rows(dataset), result.by_name()[full])


@contextmanager
def as_group(
    group: str,
    *,
    spark: SparkSession | None = None,
    storage: Path | str | None = None,
    folder: Path | str = ".",
    target: str | None = None,
    user: str = "nobody",
) -> Iterator[GroupSession]:
    """A session in which a group of the bundle sees what its grants, masks and row filters let it see.

    Args:
        spark: The owner's session; the active or a new one by default.
        storage: Where the tables lie; `.weir` beside the bundle by default.
        folder: Where the search for the bundle begins.
        target: Target of the bundle.
        user: Who `current_user()` is in masks and row filters.

    Raises:
        WeirError: No bundle, or no such group in it.
    """
    at = Path(folder).resolve()
    place = default_storage(storage, at)

    def start(log: Path) -> SparkSession:
        return spark or start_session(log, {}, lambda _: None)

    with engine.as_group(group, Storage(place), at, target=target, user=user, start=start) as session:
        yield session


def rows_of(path: Path, order_by: str = "1") -> list[dict[str, Any]]:
    """All rows of a Delta table as plain values, without Spark."""
    return query(DeltaTable(path), f"SELECT * FROM t ORDER BY {order_by}").rows


def write_sources(folder: Path, files: Mapping[str, str] | str) -> Path:
    """Write source files for a test; a single text is `pipeline.py`."""
    texts = {"pipeline.py": files} if isinstance(files, str) else files
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


__all__ = [
    "Checked",
    "GroupSession",
    "PipelineUnderTest",
    "as_group",
    "check_dataset",
    "rows_of",
    "spark_session",
    "write_sources",
]
