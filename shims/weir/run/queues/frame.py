"""The frame of a queue: records of files or of a plain broker, in the columns of its reader."""

from __future__ import annotations

from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from weir.model.names import quoted
from weir.model.problems import unsupported
from weir.run.files.listing import exists, files_at
from weir.run.files.options import file_options
from weir.run.files.source import Memory, file_frame
from weir.run.lake.paths import literal_glob
from weir.run.queues.formats import Field
from weir.run.queues.lines import RECORD, records_of_lines, written_value
from weir.run.queues.reads import Feed, QueueRead, no_folder

LARGEST = 256 * 2**20  # bytes
_NOTHING = {
    "STRING": "''", "BINARY": "X''", "INT": "0", "BIGINT": "0L", "TIMESTAMP": "timestamp_millis(0)",
}  # fmt: skip
_LAST_OF_EACH = """map_from_entries(transform(
    array_distinct(transform(headers, h -> h.key)),
    k -> struct(k, CAST(element_at(filter(headers, h -> h.key = k), -1).value AS STRING))
))"""


def queue_frame(session: SparkSession, read: QueueRead, memory: Memory) -> DataFrame:
    """The records of all streams of a read, which no restart skips or doubles.

    Raises:
        WeirError: A folder is not there.
    """
    frames = [_frame(session, read, feed, memory) for feed in read.feeds]
    return reduce(DataFrame.union, frames)


def _frame(session: SparkSession, read: QueueRead, feed: Feed, memory: Memory) -> DataFrame:
    if feed.topic is None:
        return _of_folder(session, read, feed, memory)
    return _of_topic(session, read, feed, *feed.topic)


def _of_folder(session: SparkSession, read: QueueRead, feed: Feed, memory: Memory) -> DataFrame:
    if not exists(literal_glob(feed.place)):
        raise no_folder(read, feed)
    refuse_large(read, feed)
    given = {"path": literal_glob(feed.place), "cloudFiles.format": "text", "wholetext": "true"}
    options = file_options(
        {**given, "cloudFiles.partitionColumns": ""}, None, read.origin, streams=read.streams
    )
    whole = file_frame(session, options, memory)
    records = records_of_lines(whole, read, feed.stream)
    values = (_filled(F.coalesce(written_value(f), F.expr(f.value)), f) for f in read.fields)
    return records.select(*(v.alias(f.name) for v, f in zip(values, read.fields, strict=True)))


def refuse_large(read: QueueRead, feed: Feed) -> None:
    """A file of records is read whole, so that each has its line: one that memory can't hold ends the JVM.

    Raises:
        UnsupportedError: The folder of a stream has one.
    """
    large = [file for file in files_at(literal_glob(feed.place)) if file.size > LARGEST]
    if large:
        what = f"A file of records of more than {LARGEST >> 20} MB, {large[0].path},"
        raise unsupported(what, "split it into several files: split -C 200M FILE", read.origin)


def _of_topic(session: SparkSession, read: QueueRead, feed: Feed, servers: str, topic: str) -> DataFrame:
    """A topic holds what was not read yet, from its beginning on (the user's own position is passed over)."""
    reader: Any = session.readStream if read.streams else session.read
    options = {"kafka.bootstrap.servers": servers, "subscribe": topic, "includeHeaders": "true"}
    raw = reader.format("kafka").options(**options, startingOffsets="earliest").load()
    if read.format == "kafka":
        raw = raw.withColumn("topic", F.lit(feed.stream))
        return raw.select(*(F.col(quoted(f.name)) for f in read.fields))
    record = F.struct(
        F.col("value").alias("content"), "key", F.lit(feed.stream).alias("stream"), "partition", "offset",
        F.col("timestamp").alias("time"), F.expr(_LAST_OF_EACH).alias("attributes"),
    )  # fmt: skip
    records = raw.select(record.alias(RECORD))
    return records.select(*(_filled(F.expr(f.value), f).alias(f.name) for f in read.fields))


def _filled(value: Column, field: Field) -> Column:
    typed = value.cast(field.type)
    return F.coalesce(typed, F.expr(_NOTHING[field.type])) if field.required else typed
