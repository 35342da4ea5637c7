"""What a read of a queue means while user code runs: what stands for its streams here, or their broker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pyspark.sql import DataFrame, SparkSession

from weir.model.origin import here
from weir.model.problems import unsupported
from weir.run.files.source import Memory
from weir.run.frames.below import is_remote
from weir.run.lake.world import World
from weir.run.queues.broker import check_broker
from weir.run.queues.frame import queue_frame
from weir.run.queues.reads import queue_read

IN_FUNCTION = "read it in the query function: what was read is kept for its flow"


class QueueCall(Protocol):
    """The call in which a read stands.

    Attributes:
        paths: Receives the folders that are read.
    """

    world: World
    paths: set[str]

    @property
    def session(self) -> SparkSession:
        """The pipeline's session."""
        ...

    @property
    def files_memory(self) -> Memory | None:
        """What the flow remembers of what it reads; None at the top level of a source file."""
        ...


def records_of(
    call: QueueCall, name: str, given: Mapping[str, Any], read: Callable[[], DataFrame], *,
    stream: bool, function: bool,
) -> DataFrame:  # fmt: skip
    """The records of a queue (specification §8.4).

    Args:
        given: Options as they were written.
        read: Reads the broker that they name.
        function: They are arguments of a SQL function.

    Raises:
        WeirError: Options are wrong, nothing stands for a stream, or its broker does not answer.
    """
    memory, known = call.files_memory, call.world.outside.streams
    queue = queue_read(name, given, known, here(), streams=stream, function=function)
    if memory is not None and memory.starts and not is_remote(call.session):
        for options in [given] if queue is None else queue.brokers:
            check_broker(options, here())
    if queue is None:
        return read()
    if memory is None:
        raise unsupported(f"{name} at the top level of a source file", IN_FUNCTION, here())
    call.paths.update(feed.place for feed in queue.feeds if feed.topic is None)
    return queue_frame(call.session, queue, memory)
