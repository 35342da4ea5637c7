"""Which errors can pass when a flow is tried again (specification §5.5)."""

from __future__ import annotations

from weir.model.problems import WeirError
from weir.run.flow.attempt import error_chain
from weir.run.frames.quality import violation

PASSING = (
    "java.io.IOException",
    "java.net.",
    "java.util.concurrent.TimeoutException",
    "io.delta.exceptions.Concurrent",
    "org.apache.spark.sql.delta.Concurrent",
    "org.apache.kafka.common.errors.",
)
FINAL = ("java.io.FileNotFoundException", "org.apache.hadoop.fs.FileAlreadyExistsException")


def can_pass(error: BaseException) -> bool:
    """Is the error one of the outside world, which may be gone the next time?"""
    if isinstance(error, WeirError):
        return False
    chain = error_chain(error)
    if any(violation(message) for _, message in chain):
        return False
    names = [name for name, _ in chain]
    return any(n.startswith(PASSING) for n in names) and not any(n.startswith(FINAL) for n in names)
