"""Tables of one test behind the names that it uses in the session: what it makes, and what updates write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from pyspark.sql import DataFrameReader, DataFrameWriter, SparkSession
from pyspark.sql.catalog import Catalog
from pyspark.sql.classic.dataframe import DataFrame

from weir.model.names import BadNameError, TableName, quoted, quoted_path, split, text_literal
from weir.testing.names_in_sql import renamed
from weir.testing.pipelines import PipelineUnderTest

EVENT_LOG = "event_log"


class RedirectedTables:
    """Names in full -> tables in databases of the session's own catalog, which end with the test."""

    def __init__(self, pipeline: PipelineUnderTest) -> None:
        self.pipeline = pipeline
        self.session = pipeline.spark
        self.namespace = pipeline.settings.namespace
        self.prefix = f"redirecting_{uuid4().hex[:8]}"
        self.folders: dict[str, Path] = {}
        self.at_rest = False

    def made(self) -> Iterator[tuple[str, str]]:
        """The tables that the test has made, each with its folder."""
        for schema, folder in self.folders.items():
            for place in folder.iterdir():
                if (place / "_delta_log").is_dir():
                    yield f"{schema}.{place.name}", str(place)

    def text(self, text: str) -> str:
        """A SQL text over the tables of the test."""
        return renamed(text, lambda parts, makes: self.place(quoted_path(parts), makes=makes))

    def name(self, name: str) -> str:
        """What a name means in the session's catalog; a name of several parts means no table of others'."""
        return self.place(name, makes=False) or self._nowhere(name)

    def new_name(self, name: str) -> str:
        """What the name of a table to be made means there."""
        return self.place(name, makes=True) or name

    def place(self, name: str, *, makes: bool) -> str | None:
        """The name of a table in the session's catalog; None if there is none."""
        try:
            full = TableName.parse(self.namespace.table(name))
        except BadNameError:
            return None
        folder = self.pipeline.folder / "redirected" / full.catalog / full.schema
        here = f"{quoted(self._database(full.catalog, full.schema))}.{quoted(full.table)}"
        made = makes or (folder / full.table / "_delta_log").is_dir()
        written = None if made else self._written(str(full))
        if not made and written is None:
            return None
        if full.schema_name not in self.folders:
            folder.mkdir(parents=True, exist_ok=True)
            database = quoted(self._database(full.catalog, full.schema))
            self._run(f"CREATE DATABASE {database} LOCATION {text_literal(str(folder))}")
            self.folders[full.schema_name] = folder
        if written is not None:
            place = text_literal(str(written))
            self._run(f"CREATE TABLE IF NOT EXISTS {here} USING delta LOCATION {place}")
        return here

    def _nowhere(self, name: str) -> str:
        try:
            *schema, table = split(name)
        except BadNameError:
            return name
        return f"{quoted('_'.join([self.prefix, *schema]))}.{quoted(table)}" if schema else name

    def _written(self, table: str) -> Path | None:
        """The folder of a table that an update has written, or of the event log."""
        storage = self.pipeline.storage
        if storage.state(table) is not None:
            return storage.table(table)
        log = storage.events(self.pipeline.settings.name)
        return log if table == self.namespace.table(EVENT_LOG) and log.is_dir() else None

    def _database(self, catalog: str, schema: str) -> str:
        return f"{self.prefix}_{catalog}_{schema}"

    def _run(self, statement: str) -> None:
        with self.resting():
            self.session.sql(statement)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """In this block, names mean what they mean to Spark."""
        before, self.at_rest = self.at_rest, True
        try:
            yield
        finally:
            self.at_rest = before

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """In this block, names mean the tables of the test; none is left in the catalog after it."""
        by_name = (
            (SparkSession, "sql", self.text), (SparkSession, "table", self.name),
            (DataFrameReader, "table", self.name), (DataFrameWriter, "insertInto", self.name),
            (DataFrameWriter, "saveAsTable", self.new_name), (DataFrame, "writeTo", self.new_name),
        )  # fmt: skip
        try:
            with ExitStack() as undo:
                for owner, method, rename in by_name:
                    undo.enter_context(patch.object(owner, method, self._asking(owner, method, rename)))
                undo.enter_context(patch.object(Catalog, "tableExists", self._exists()))
                yield
        finally:
            for schema in self.folders:
                catalog, _, name = schema.partition(".")
                self._run(f"DROP DATABASE {quoted(self._database(catalog, name))} CASCADE")

    def _exists(self) -> Any:
        spark_own = Catalog.tableExists

        @wraps(spark_own)
        def exists(catalog: Catalog, name: str, *others: Any, **named: Any) -> bool:
            if self.at_rest or others or named or "." not in name:
                return spark_own(catalog, self.name(name), *others, **named)
            return self.place(name, makes=False) is not None

        return exists

    def _asking(self, owner: type, method: str, rename: Callable[[str], str]) -> Any:
        spark_own = getattr(owner, method)

        @wraps(spark_own)
        def asking(subject: Any, first: Any, *others: Any, **named: Any) -> Any:
            known = rename(first) if isinstance(first, str) and not self.at_rest else first
            with self.resting():
                return spark_own(subject, known, *others, **named)

        return asking
