"""Which errors can pass when a flow is tried again (specification §5.5)."""

from __future__ import annotations

from weir.model.problems import WeirError
from weir.run.files.frame import UNKNOWN_LAYOUT
from weir.run.files.source import NewFieldsError
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
# What user code raises in Python when something outside does not answer, by the last part of its name.
PASSING_IN_PYTHON = frozenset(
    ["BrokenPipeError", "ConnectTimeout", "ConnectionAbortedError", "ConnectionError",
     "ConnectionRefusedError", "ConnectionResetError", "ReadTimeout", "TimeoutError", "URLError", "gaierror",
     "timeout"]
)  # fmt: skip
FINAL = ("java.io.FileNotFoundException", "org.apache.hadoop.fs.FileAlreadyExistsException")


def is_for_another_start(error: BaseException) -> bool:
    """Did an attempt learn something of its files, with which the next one reads them (§7.4)?"""
    if isinstance(error, NewFieldsError):
        return error.retries
    return any(UNKNOWN_LAYOUT in message for _, message in error_chain(error))


def can_pass(error: BaseException) -> bool:
    """Is the error one of the outside world, which may be gone the next time?"""
    if isinstance(error, WeirError):
        return error.__cause__ is not None and can_pass(error.__cause__)
    chain = error_chain(error)
    if any(violation(message) for _, message in chain):
        return False
    names = [name for name, _ in chain]
    return any(map(_is_passing, names)) and not any(n.startswith(FINAL) for n in names)


def _is_passing(name: str) -> bool:
    last = name.rpartition(".")[2]
    conflict = name.startswith("delta.exceptions.") and last.startswith("Concurrent")
    return name.startswith(PASSING) or last in PASSING_IN_PYTHON or conflict
