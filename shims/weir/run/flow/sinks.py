"""Flows into sinks: what Spark writes with, where a delta sink lies, what is wrong before it runs (§1.7).

A delta sink is exactly once by Delta's own sink; Kafka, a Python data source and a handler are at least
once: a batch that was killed between its write and its checkpoint comes again. `FORMATS` has an entry for
each format that is more to Weir than a name and options.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql.streaming.query import StreamingQuery

from weir.graph.analysis import AnalyzedQuery, ResolvedFlow
from weir.model.definitions import Flow, Sink, UpdateFlow
from weir.model.names import fold
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest
from weir.run.code.outside import format_of
from weir.run.frames.below import make_active
from weir.run.lake.paths import local_file
from weir.run.lake.storage import open_table
from weir.run.lake.world import World
from weir.run.queues.reads import plain

Flows = tuple[ResolvedFlow, ...]
APPEND, UPDATE = ("append",), ("update",)
_one_creates = threading.Lock()


def modes(flow: Flow) -> tuple[str, ...]:
    """The output modes in which a flow into a sink may run."""
    return UPDATE if isinstance(flow, UpdateFlow) else APPEND


def start(world: World, sink: Sink, df: DataFrame, writer: Any, *, keep: bool) -> StreamingQuery:
    """Start a stream into a sink.

    Args:
        df: The stream.
        writer: The stream's writer, with name, output mode, checkpoint and trigger.
        keep: Whether a batch must be computed once, however often the handler acts on it.
    """
    if sink.handler is not None:
        return writer.foreachBatch(_handed_to(sink.handler, keep=keep)).start()
    make_active(world.session)
    options = {k: plain(v) for k, v in sink.options.items() if k.lower() not in {"tablename", "path"}}
    writer = writer.format(sink.format).options(**options)
    place = FORMATS.get(sink.format, PLAIN).place(world, sink, df)
    return writer.start(place) if place else writer.start()


def problems(world: World, sink: Sink, flows: Flows) -> Iterator[Problem]:
    """What a sink can't take, known before anything is written."""
    return FORMATS.get(sink.format, PLAIN).problems(world, sink, flows)


def _path(world: World, sink: Sink, df: DataFrame) -> str | None:
    del world, df
    return sink.option("path")


def _delta_table(world: World, sink: Sink, df: DataFrame) -> str:
    """Flows that run side by side would each create the table, and all but one would fail."""
    place = delta_path(world, sink)
    with _one_creates:
        if "://" in place.removeprefix("file:") or open_table(local_file(place)) is None:
            nothing = world.session.createDataFrame([], df.schema)
            nothing.write.format("delta").mode("ignore").save(place)
    return place


def delta_path(world: World, sink: Sink) -> str:
    """Where a delta sink writes: a path as it lies here, or the folder that the table's name means."""
    if sink.table is None:
        return world.outside.local_path(sink.option("path") or "")
    name = world.pipeline.namespace.table(sink.table)
    return world.outside.tables.get(name) or str(world.storage.table(name))


def delta_folder(world: World, sink: Sink) -> Path | None:
    """The folder of a delta sink's table, where it lies here."""
    place = delta_path(world, sink) if sink.format == "delta" else ""
    return local_file(place) if place and "://" not in place.removeprefix("file:") else None


def _handed_to(handler: Callable[[DataFrame, int], Any], *, keep: bool) -> Callable[[DataFrame, int], None]:
    def call(batch: DataFrame, number: int) -> None:
        # Several actions, or one that ends early, would count the rules of views too often or too few.
        handler(batch.localCheckpoint() if keep else batch, number)

    def ending(batch: DataFrame, number: int) -> None:
        try:
            call(batch, number)
        except Exception:
            raise
        except BaseException as error:
            # Without an answer from this thread Spark waits for ever.
            raise RuntimeError(f"a handler ended with {type(error).__name__}") from error

    return ending


def _place_problems(world: World, sink: Sink, flows: Flows) -> Iterator[Problem]:
    del flows
    place = delta_path(world, sink)
    folder = local_file(place)
    try:
        known = format_of(place) if folder.exists() and any(folder.iterdir()) else "delta"
    except (WeirError, OSError):
        known = "something else"
    if known != "delta":
        yield Problem(
            "DELTA_SINK_INTO_OTHER_DATA",
            f"The sink `{sink.name}` writes Delta into `{place}`, which holds {known}.",
            sink.origin,
            "name a Delta table or a new folder",
        )


def _kafka_problems(world: World, sink: Sink, flows: Flows) -> Iterator[Problem]:
    del world
    if not sink.option("kafka.bootstrap.servers"):
        yield Problem(
            "KAFKA_SINK_WITHOUT_SERVERS",
            f"The sink `{sink.name}` does not say where its broker is.",
            sink.origin,
            "options={'kafka.bootstrap.servers': 'host:9092', 'topic': '...'}",
        )
    for flow in flows:
        columns = (
            flow.analysis.schema.fieldNames()
            if isinstance(flow.analysis, AnalyzedQuery)
            else ["value", "topic"]
        )
        needed = ["value"] if sink.option("topic") else ["value", "topic"]
        for name in needed:
            if name not in {fold(c) for c in columns}:
                yield Problem(
                    "KAFKA_SINK_COLUMN_MISSING",
                    f"The flow `{flow.flow.name}` has no column `{name}`, which Kafka needs.",
                    flow.flow.origin,
                    closest(name, columns) or f"add it: {_added(flow.flow.origin, name)}",
                )


def _added(origin: Origin, name: str) -> str:
    value = f"to_json(struct(*)) AS {name}"
    return origin.wording(f"selectExpr('{value}')", f"SELECT {value}")


@dataclass(frozen=True, slots=True)
class SinkFormat:
    """What Weir knows of a format.

    Attributes:
        place: Makes ready where a stream writes, and gives it as Spark's `start` takes it; None for no place.
        problems: What is wrong with a sink of it and the flows into it, before anything is written.
    """

    place: Callable[[World, Sink, DataFrame], str | None]
    problems: Callable[[World, Sink, Flows], Iterator[Problem]]


PLAIN = SinkFormat(_path, lambda *_: iter(()))
FORMATS: Mapping[str, SinkFormat] = {
    "delta": SinkFormat(_delta_table, _place_problems),
    "kafka": SinkFormat(_path, _kafka_problems),
}
