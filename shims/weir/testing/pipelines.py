"""A pipeline under test: feed, update, look; or rows for a dataset's inputs -> its rows and counts."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType, TimestampType

from weir import engine
from weir.bundle.bundle import default_storage
from weir.bundle.sources import SourceArguments, settings_for
from weir.graph.analysis import Graph
from weir.model.definitions import Dataset, DatasetKind
from weir.model.events import Event
from weir.model.folders import DELTA, folders
from weir.model.problems import Problem, WeirError
from weir.model.results import UpdateResult
from weir.model.settings import Outside, Selection, Settings
from weir.model.trial import Trial
from weir.pipeline import OpenPipeline, open_pipeline, plan_of
from weir.plan.maintenance import MaintenanceRequest
from weir.plan.steps import Plan, full_names
from weir.request import Request
from weir.run.analysis.compute import NeedsUpdate, compute
from weir.run.analysis.why import BrokenRows
from weir.run.frames import schemas
from weir.run.governed.groups import GroupSession
from weir.run.lake.failpoints import BETWEEN_COMMITS, FAIL_AT
from weir.run.lake.query import query
from weir.run.lake.storage import Storage, open_table
from weir.run.listeners.listener import Listener, Row
from weir.run.machine.session import start_session
from weir.run.update.stop import Stop
from weir.run.upkeep.maintenance import MaintenanceResult
from weir.testing.coverage import tell
from weir.testing.frames import arrow_of, frame_of, plain, schema_of, typed_rows
from weir.testing.given import Given, read_given
from weir.testing.inputs import broken_by, given_columns, input_named, zone_of
from weir.testing.rows import Computed, Rows
from weir.testing.values import value_of
from weir.update import run_apart

TypedRows = tuple[list[dict[str, Any]], StructType]
# A test has few rows and many queries: to interpret them takes a third less time than to compile them.
INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


def spark_session(log: Path, *, more: Collection[str] = ()) -> SparkSession:
    """The session of a test run: start it once, in a session-scoped fixture.

    Args:
        more: What pipelines read beside Delta's tables and plain files: `kafka`, `avro`.
    """
    return start_session(log, INTERPRETED, lambda _: None, more=more, lasting=True)


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
        now: What time it is for queries: `current_timestamp()`, `now()`, `current_date()` and their like.
        failing_rows: Full name of a dataset -> see `failing`.
        target: Target of the bundle.
        at: The folder from which sources and the bundle are found.
    """

    spark: SparkSession
    folder: Path
    sources: Sequence[str | Path]
    configuration: Mapping[str, str] = field(default_factory=dict)
    name: str | None = "local"
    outside: dict[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    streams: Mapping[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    say: Callable[[str], None] = lambda _: None
    development: bool = True
    continuous: bool = False
    stop: Stop = field(default_factory=Stop)
    now: datetime | str | None = None
    failing_rows: dict[str, str] = field(default_factory=dict)
    target: str | None = None
    at: Path = field(default_factory=Path.cwd)

    def feed(self, table: str, rows: Given, schema: pa.Schema | None = None) -> None:
        """Let rows arrive in a table that the pipeline reads from outside; new columns are added to it.

        Args:
            rows: Dictionaries, a text table, or a CSV file.
            schema: The columns' types; else those that the table has, a header names, or the values tell.

        Raises:
            WeirError: A value is none of its column's type.
        """
        full = self.settings.namespace.table(table)
        path = self.folder.joinpath("outside", *folders(full, sign=DELTA))
        path.parent.mkdir(parents=True, exist_ok=True)
        data = _arrow(rows, schema, open_table(path))
        write_deltalake(path, data, mode="append", schema_mode="merge")
        self.outside[full] = str(path)

    def give(self, name: str, rows: Given) -> None:
        """Let rows arrive in an input, of its types as in `compute`; for a dataset they stand in from now on.

        Args:
            name: An outside table, or a table or view of the pipeline.
            rows: Dictionaries, a text table, or a CSV file.

        Raises:
            WeirError: The definitions are wrong, or a value is none of its column's type.
        """
        with open_pipeline(replace(self.request(), focus=())) as opened:
            opened.refuse_problems()
            full = input_named(opened, name)
            if full not in self.outside:
                rows, schema = given_columns(opened.world, full, rows)
                self.feed(full, rows, arrow_of([], schema).schema)
                self.outside[full] = self.outside[self.settings.namespace.table(full)]  # a view has no schema
            else:
                self.feed(full, rows)

    def compute(self, dataset: str, given: Mapping[str, Given] | None = None) -> Computed:
        """A dataset alone, on rows for its inputs; what it reads besides are the tables as they are.

        A dataset without state is computed as a batch and written nowhere; one that remembers what it has
        read, or whose table checks its rows, is updated in a folder of its own.

        Args:
            dataset: A table or view of the pipeline.
            given: Input -> its rows: dictionaries, a text table, or a CSV file. Their types are those of the
                input as it is declared, exists or is resolved; else those that a header names or values tell.

        Raises:
            WeirError: The definitions or given rows are wrong, or rows are given that it does not read.
        """
        with open_pipeline(replace(self.request(), focus=())) as opened:
            opened.refuse_problems()
            world, datasets = opened.world, opened.pipeline.datasets
            name = full_names(datasets, frozenset({dataset}))[dataset]
            columns = {world.full_name(n): given_columns(world, n, rows) for n, rows in (given or {}).items()}
            try:
                frames = {n: frame_of(world.session, *rows) for n, rows in columns.items()}
                done = compute(world, datasets[name], frames)
            except NeedsUpdate:
                existing = {n for n in datasets if n != name and world.storage.state(n) is not None}
            else:
                rows = [plain(row, done.schema) for row in done.rows.to_pylist()]
                tell(opened.defined, done.results)
                return Computed(Rows(rows, done.schema), done.results, self.spark)
        computed = self._updated(name, columns, existing)
        tell(opened.defined, computed.results)
        return computed

    def broken_by(self, given: Mapping[str, Given]) -> dict[str, list[tuple[str, ...]]]:
        """The names of the rules that each row would break; no function is called.

        Args:
            given: Table or view of the pipeline -> rows as they reach its rules; columns may be left out.

        Raises:
            WeirError: The definitions, given rows or rules are wrong, or there is no such dataset.
        """
        with open_pipeline(replace(self.request(), focus=())) as opened:
            opened.refuse_problems()
            names = full_names(opened.pipeline.datasets, frozenset(given))
            return {dataset: broken_by(opened, names[dataset], rows) for dataset, rows in given.items()}

    def _updated(self, name: str, given: Mapping[str, TypedRows], existing: AbstractSet[str]) -> Computed:
        """The same by an update, in a folder that begins empty."""
        alone = replace(self, folder=self.folder / f"alone-{uuid.uuid4().hex[:8]}")
        alone.outside = {**self.outside, **{n: str(self.storage.table(n)) for n in existing}}
        for table, (rows, schema) in given.items():
            alone.feed(table, rows, arrow_of([], schema).schema)
            # A view has no schema in its name, but what reads it then looks for a table.
            alone.outside[table] = alone.outside[self.settings.namespace.table(table)]
        request = replace(alone.request(), focus=(name,))
        with open_pipeline(request) as opened:
            result = run_apart(opened, request)
        results = result.by_name()
        views = [d for d in result.datasets if d.kind == DatasetKind.VIEW]
        rows = Rows() if alone.storage.state(name) is None else rows_in(alone.storage, name)
        return Computed(rows, (results[name], *views), self.spark)

    def update(self, selection: Selection | None = None) -> UpdateResult:
        """One update; a continuous one ends when `stop` is asked.

        Raises:
            WeirError: The definitions are wrong.
        """
        request, defined = self.request(selection), list[Dataset]()
        tell(defined, (result := engine.run(request, _noting(request, defined))).datasets)
        return result

    @contextmanager
    def failing(self, dataset: str, condition: str) -> Iterator[None]:
        """In this block, the flows of a table fail at the first row that meets a condition in SQL.

        Raises:
            WeirError: The definitions are wrong, or there is no such table.
        """
        with open_pipeline(replace(self.request(), focus=())) as opened:
            opened.refuse_problems()
            others = {DatasetKind.VIEW, DatasetKind.SINK}
            tables = {n: d for n, d in opened.pipeline.datasets.items() if d.kind not in others}
            full = full_names(tables, frozenset({dataset}))[dataset]
        self.failing_rows[full] = condition
        try:
            yield
        finally:
            del self.failing_rows[full]

    @contextmanager
    def failing_between_commits(self) -> Iterator[None]:
        """In this block, a flow of changes fails after it has recorded them, before its table shows them."""
        with patch.dict(os.environ, {FAIL_AT: BETWEEN_COMMITS}):
            yield

    def plan(self, selection: Selection | None = None) -> Plan:
        """The steps that an update would take.

        Raises:
            WeirError: The definitions are wrong.
        """
        chosen = selection or Selection()
        with open_pipeline(self.request(chosen)) as opened:
            return plan_of(opened, chosen)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the definitions."""
        try:
            with open_pipeline(self.request()) as opened:
                return opened.problems
        except WeirError as error:
            return error.problems

    def graph(self) -> Graph:
        """The resolved graph."""
        with open_pipeline(self.request()) as opened:
            return opened.graph

    def broken(self, table: str, limit: int = 20) -> BrokenRows:
        """The rows that break rules of a table or view.

        Raises:
            WeirError: The definitions are wrong, or a flow failed.
        """
        with open_pipeline(self.request()) as opened:
            return engine.broken_of(opened, table, limit)

    def rows(self, table: str, order_by: str = "1") -> Rows:
        """All rows of a table of the pipeline."""
        return rows_in(self.storage, self.settings.namespace.table(table), order_by)

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
        return engine.maintain(self.request(), work, frozenset(skipping), dry_run=dry_run)

    @property
    def storage(self) -> Storage:
        """Where the pipeline's tables lie."""
        return Storage(self.folder / "storage")

    @property
    def settings(self) -> Settings:
        """As the command line would find them."""
        sources = tuple(str(s) for s in self.sources)
        arguments = SourceArguments(
            sources, self.name, self.target, self.configuration, str(self.folder / "storage"),
            self.development, self.continuous,
        )  # fmt: skip
        return settings_for(arguments, self.at)

    def request(self, selection: Selection | None = None) -> Request:
        """What the engine is asked to do with it."""
        return Request(
            self.settings,
            Outside(dict(self.outside), dict(self.prefixes), dict(self.streams)),
            selection or Selection(),
            session=self.spark,
            say=self.say,
            listeners=(_Events(self.events),),
            stop=self.stop,
            trial=Trial(value_of(self.now, TimestampType(), zone_of(self.spark)), dict(self.failing_rows)),
        )


@contextmanager
def _noting(request: Request, defined: list[Dataset]) -> Iterator[OpenPipeline]:
    """An open pipeline, and a note of all that it defines."""
    with open_pipeline(request) as opened:
        defined.extend(opened.defined)
        yield opened


def rows_in(storage: Storage, table: str, order_by: str = "1") -> Rows:
    """The rows of a table, by its full name."""
    delta = DeltaTable(storage.table(table))
    schema = schemas.from_json(delta.schema().to_json())
    rows = query(delta, f"SELECT * FROM t ORDER BY {order_by}").rows
    return Rows((plain(row, schema) for row in rows), schema)


def _arrow(rows: Given, schema: pa.Schema | None, there: DeltaTable | None) -> pa.Table:
    given = read_given(rows)
    if schema is not None and not given.texts:
        return pa.Table.from_pylist([dict(row) for row in given.rows], schema=schema)
    known = schemas.from_json(there.schema().to_json()) if there is not None else None
    columns = from_arrow_schema(schema) if schema is not None else schema_of(given, known, more=True)
    return arrow_of(typed_rows(given, columns), columns)


class _Events(Listener):
    """Gathers the events of an update."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events

    def heard(self, event: Event, row: Row) -> None:
        """One more."""
        del row
        self._events.append(event)


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
