"""Source formats: who reads each, and which jars it needs; all others are read by Spark without more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from weir.run.queues.formats import QUEUES


class Reading(Enum):
    """Who reads a format."""

    AUTO_LOADER = auto()
    QUEUE = auto()
    REFUSED = auto()
    SPARK = auto()


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """What is special about a format.

    Attributes:
        reading: Who reads it.
        jars: The lock of the jars that it needs (`run/machine/jars.py`).
        instead: What to use, where it is refused.
    """

    reading: Reading
    jars: str | None = None
    instead: str = ""


BUILT_IN = frozenset({
    "avro", "binaryfile", "csv", "delta", "json", "orc", "parquet", "rate", "rate-micro-batch", "socket",
    "statestore", "text", "xml",
})  # fmt: skip
FORMATS: Mapping[str, SourceFormat] = {
    "cloudfiles": SourceFormat(Reading.AUTO_LOADER),
    **{name: SourceFormat(Reading.QUEUE, "kafka" if name == "kafka" else None) for name in QUEUES},
    "avro": SourceFormat(Reading.SPARK, "avro"),
    "pulsar": SourceFormat(Reading.REFUSED, instead="let the records come through Kafka: format('kafka')"),
}


def is_built_in(name: str) -> bool:
    """Does Spark itself read the format, so that it needs no other system?

    >>> is_built_in("json"), is_built_in("jdbc")
    (True, False)
    """
    return name in BUILT_IN
