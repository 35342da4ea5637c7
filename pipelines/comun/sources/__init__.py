"""Where records come from, chosen by the configuration `altrupets.source`: the columns are the same.

`raw_data` is the record as it came, `partition_key` whose it is; `source_file` is NULL for a queue, and
`source_metadata` is JSON: size and age of the file, or the place in the queue. One module a source, which
is imported where it is wanted: a queue's connector is then needed nowhere else.
"""

from importlib import import_module
from typing import Protocol, cast

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

KINDS = ("files", "event_hubs", "kinesis", "pubsub")
RAW_SCHEMA = """
    raw_data STRING COMMENT 'The record as it came',
    partition_key STRING COMMENT 'Whose record it is, as far as can be read',
    ingestion_timestamp TIMESTAMP,
    ingestion_method STRING COMMENT 'streaming or batch',
    source_file STRING,
    source_metadata STRING COMMENT 'JSON: size and age of the file, or the place in the queue'
"""


class Source(Protocol):
    """What each module here has."""

    def stream(self, feed: str, key: str) -> DataFrame:
        """The records of a feed as they come."""
        ...


def stream(feed: str, key: str) -> DataFrame:
    """The records of a feed as they come.

    Args:
        feed: Its name, such as `solicitudes/rescate`: a folder, a topic or a stream is named after it.
        key: The field of the record's JSON that says whose it is.

    Raises:
        ValueError: The configuration names no source.
    """
    kind = conf("altrupets.source", "files")
    if kind not in KINDS:
        raise ValueError(f"altrupets.source is {kind!r}, which is none of {', '.join(KINDS)}")
    return cast("Source", import_module(f"{__name__}.{kind}")).stream(feed, key)


def conf(name: str, default: str | None = None) -> str:
    """An entry of the pipeline's configuration."""
    found = SparkSession.active().conf
    return str(found.get(name) if default is None else found.get(name, default))


def named(feed: str) -> str:
    """`solicitudes/rescate` is the stream `altrupets-solicitudes-rescate`.

    The configuration may name it otherwise: `altrupets.stream.solicitudes.rescate`.
    """
    parts = feed.split("/")
    return conf(".".join(("altrupets.stream", *parts)), "-".join(("altrupets", *parts)))


def columns(
    text: Column, key: Column, facts: Column, *, method: str = "streaming", file: Column | None = None
) -> tuple[Column, ...]:
    """The columns of every source."""
    return (
        text.alias("raw_data"),
        key.alias("partition_key"),
        F.current_timestamp().alias("ingestion_timestamp"),
        F.lit(method).alias("ingestion_method"),
        (F.lit(None).cast("string") if file is None else file).alias("source_file"),
        facts.alias("source_metadata"),
    )
