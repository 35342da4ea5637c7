"""A workspace for tests of code that deploys: in a thread, on loopback, empty at first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.sql import SparkSession

from weir.run.lake.storage import Storage
from weir.workspace.faults import Fault, Faults
from weir.workspace.server import Server, folder_of
from weir.workspace.world import ADMIN, Outcome, Recorded, World


@contextmanager
def workspace(
    folder: Path,
    *,
    recorded: Recorded | None = None,
    faults: Faults | None = None,
    spark: SparkSession | None = None,
    port: int = 0,
) -> Iterator[Server]:
    """A workspace that Databricks' SDK and CLI take for a real one.

    Args:
        folder: An empty folder for tables, files and volumes.
        recorded: From the name of a pipeline to how its updates end; None lets Weir run them.
        faults: What goes wrong, and how late writes are seen.
        spark: The session that answers queries; a new one if None.
        port: Where it listens; any free one if 0.
    """
    world = World(Storage(folder), folder_of(folder), faults or Faults(), recorded, spark)
    server = Server.of(world, port)
    server.token_of(ADMIN, "admins")
    server.start()
    try:
        yield server
    finally:
        server.stop()


__all__ = ["ADMIN", "Fault", "Faults", "Outcome", "workspace"]
