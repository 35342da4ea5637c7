"""Patches Spark's readers while user code runs, so that names and paths mean the pipeline's.

Classes are patched, not the `spark` object, since helpers take sessions from anywhere; a ContextVar says
which flow is being called. Outside of such a call every method is Spark's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Protocol

import pyspark
from pyspark.sql import SparkSession
from pyspark.sql.classic.dataframe import DataFrame as ClassicFrame
from pyspark.sql.group import GroupedData
from pyspark.sql.readwriter import DataFrameReader
from pyspark.sql.streaming.readwriter import DataStreamReader

import dlt
from weir.define.reading import Reader, reader
from weir.model.origin import here
from weir.model.problems import unsupported

LOOKS_AT_DATA = (
    "collect", "count", "first", "head", "take", "tail", "isEmpty", "toPandas", "toLocalIterator",
    "show", "foreach", "toArrow",
)  # fmt: skip
ELSEWHERE = "choose it by configuration, and here the same records as files or from Kafka"
# Formats of Databricks' own -> what they are called, and what to use here.
REFUSED = {
    "cloudfiles": (
        "Auto Loader (cloudFiles)",
        "read the files with spark.readStream.format('json') and a schema",
    ),
    "kinesis": ("The source `kinesis`", ELSEWHERE),
    "pubsub": ("The source `pubsub`", ELSEWHERE),
}
FILE_METHODS = ("load", "json", "csv", "parquet", "text", "orc", "xml")


class FlowReader(Reader, Protocol):
    """What the patches ask of the flow that is being called."""

    def table(self, spark_reader: Any, name: str, *, stream: bool) -> Any:
        """The frame behind a name, with the options that the reader object carries."""
        ...

    def sql(self, session: Any, text: str, run: Callable[[str], Any]) -> Any:
        """The frame of a SQL text."""
        ...

    def path(self, path: str) -> str:
        """The local path for a path in the sources."""
        ...

    def looked_at_data(self) -> None:
        """User code ran an action on a frame."""
        ...


@contextmanager
def intercepted() -> Iterator[None]:
    """Patch Spark's classes of both families for the length of the block."""
    saved: list[tuple[Any, str, Any]] = []
    try:
        for family in _families():
            for owner, name, make in family:
                original = owner.__dict__.get(name)
                if original is not None:
                    saved.append((owner, name, original))
                    setattr(owner, name, make(original))
        with _pipelines_module():
            yield
    finally:
        for owner, name, original in reversed(saved):
            setattr(owner, name, original)


Patch = tuple[Any, str, Callable[[Any], Any]]


def _families() -> Iterator[list[Patch]]:
    yield _patches(SparkSession, DataFrameReader, DataStreamReader, ClassicFrame, GroupedData)
    connect = sys.modules.get("pyspark.sql.connect.session")
    if connect is not None:
        modules = sys.modules
        yield _patches(
            connect.SparkSession,
            modules["pyspark.sql.connect.readwriter"].DataFrameReader,
            modules["pyspark.sql.connect.streaming.readwriter"].DataStreamReader,
            modules["pyspark.sql.connect.dataframe"].DataFrame,
            modules["pyspark.sql.connect.group"].GroupedData,
        )


def _patches(session: Any, batch: Any, stream: Any, frame: Any, grouped: Any) -> list[Patch]:
    patches: list[Patch] = [
        (
            session,
            "table",
            _through(lambda flow, _, s, name: flow.table(s.read, name, stream=False)),
        ),
        (session, "sql", _through(_sql)),
        (
            batch,
            "table",
            _through(lambda flow, _, r, tableName: flow.table(r, tableName, stream=False)),
        ),
        (
            stream,
            "table",
            _through(lambda flow, _, r, tableName: flow.table(r, tableName, stream=True)),
        ),
        (grouped, "pivot", _through(_pivot)),
    ]
    for owner in (batch, stream):
        patches.append((owner, "format", _through(_format)))
        patches.append((owner, "option", _through(_option)))
        patches.append((owner, "options", _through(_options)))
        patches.extend((owner, name, _through(_load)) for name in FILE_METHODS)
    patches.extend((frame, name, _through(_action)) for name in LOOKS_AT_DATA)
    return patches


def _through(handle: Callable[..., Any]) -> Callable[[Any], Any]:
    """A method that asks the current flow, during which Spark's own methods are in force."""

    def make(original: Any) -> Any:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            flow = reader.get()
            if flow is None:
                return original(self, *args, **kwargs)
            token = reader.set(None)
            try:
                return handle(flow, original, self, *args, **kwargs)
            finally:
                reader.reset(token)

        method.__doc__ = original.__doc__
        return method

    return make


def _sql(flow: FlowReader, original: Any, session: Any, sqlQuery: str, *args: Any, **kwargs: Any) -> Any:
    return flow.sql(session, sqlQuery, lambda text: original(session, text, *args, **kwargs))


def _format(_flow: FlowReader, original: Any, spark_reader: Any, source: str) -> Any:
    if source.lower() in REFUSED:
        raise unsupported(*REFUSED[source.lower()], here())
    return original(spark_reader, source)


def _option(flow: FlowReader, original: Any, spark_reader: Any, key: str, value: Any) -> Any:
    if key.lower() == "path" and isinstance(value, str):
        value = flow.path(value)
    remember(spark_reader, {key: value})
    return original(spark_reader, key, value)


def _options(flow: FlowReader, original: Any, spark_reader: Any, **options: Any) -> Any:
    mapped = {k: flow.path(v) if k.lower() == "path" else v for k, v in options.items()}
    remember(spark_reader, mapped)
    return original(spark_reader, **mapped)


def remember(spark_reader: Any, options: dict[str, Any]) -> None:
    """Keep options on the reader object, since Spark's gives none back."""
    spark_reader.__dict__.setdefault("_weir_options", {}).update(options)


def options_of(spark_reader: Any) -> dict[str, Any]:
    """The options that user code gave to a reader."""
    return spark_reader.__dict__.get("_weir_options", {})


def _load(flow: FlowReader, original: Any, spark_reader: Any, *args: Any, **kwargs: Any) -> Any:
    def local(value: Any) -> Any:
        if isinstance(value, str):
            return flow.path(value)
        return [local(v) for v in value] if isinstance(value, list) else value

    if "path" in kwargs:
        kwargs["path"] = local(kwargs["path"])
    paths = args if original.__name__ in {"parquet", "orc"} else args[:1]
    return original(spark_reader, *(local(a) for a in paths), *args[len(paths) :], **kwargs)


def _action(flow: FlowReader, original: Any, *args: Any, **kwargs: Any) -> Any:
    flow.looked_at_data()
    return original(*args, **kwargs)


def _pivot(flow: FlowReader, original: Any, grouped: Any, pivot_col: str, values: Any = None) -> Any:
    if values is None:
        flow.looked_at_data()
    return original(grouped, pivot_col, values)


@contextmanager
def _pipelines_module() -> Iterator[None]:
    """`from pyspark import pipelines as dp` and `import databricks.pipelines` give Databricks' superset."""
    databricks = ModuleType("databricks")
    databricks.pipelines = dlt  # pyright: ignore[reportAttributeAccessIssue]
    names: dict[str, Any] = {"pyspark.pipelines": dlt, "databricks.pipelines": dlt}
    if "databricks" not in sys.modules:
        names["databricks"] = databricks
    missing = object()
    modules: dict[str, Any] = {name: sys.modules.get(name, missing) for name in names}
    attribute = getattr(pyspark, "pipelines", missing)
    sys.modules.update(names)
    pyspark.pipelines = dlt  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield
    finally:
        for name, module in modules.items():
            if module is missing:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
        if attribute is missing:
            del pyspark.pipelines  # pyright: ignore[reportAttributeAccessIssue]
        else:
            pyspark.pipelines = attribute  # pyright: ignore[reportAttributeAccessIssue]


__all__ = ["FlowReader", "intercepted", "options_of", "remember"]
