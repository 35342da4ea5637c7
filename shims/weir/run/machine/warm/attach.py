"""A session in the JVM of another process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import psutil
from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from weir.run.machine.warm.lease import logs_to, stands_in, worker_order
from weir.run.machine.warm.worker import ORDER

VOLATILE = ("COLUMNS", "LINES", "OLDPWD", "PYTEST_CURRENT_TEST", "SHLVL", "TERM", "WINDOWID", "_")


class AttachedContext(SparkContext):
    """The Spark context of another process: to stop it is to leave it."""

    tag = ""
    leaving: ClassVar[list[Callable[[], None]]] = []

    def stop(self) -> None:
        """Leave the JVM to its owner."""
        known: Any = self
        server, known._accumulatorServer = getattr(self, "_accumulatorServer", None), None
        if server is not None:  # which looks twice a second whether it is to end: nobody waits for that
            Thread(target=server.shutdown, daemon=True).start()
        with SparkContext._lock:  # pyright: ignore[reportPrivateUsage]
            SparkContext._active_spark_context = None
            gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
        if gateway is not None:
            gateway.shutdown()
        known._jsc = None
        for leave in self.leaving:
            leave()

    def cancelAllJobs(self) -> None:  # noqa: N802 - PySpark's
        """Cancel our own."""
        self.cancelJobsWithTag(self.tag)


class AttachedSession(SparkSession):
    """A session in the JVM of another process."""

    def stop(self) -> None:
        """Leave the JVM to its owner."""
        SparkSession._instantiatedSession = SparkSession._activeSession = None
        self.sparkContext.stop()


def attach(answer: Mapping[str, Any], properties: Path, leave: Callable[[], None]) -> SparkSession:
    """A new session behind the door that was opened for us; the active one from now on.

    Args:
        answer: Where the door is.
        properties: What tells the JVM where to log.
        leave: Called when the session is stopped.
    """
    with _gateway_named(answer["port"], answer["secret"]):
        gateway: Any = launch_gateway()
    gateway.proc = psutil.Process(answer["jvm"])
    gateway.lease = answer["record"]
    jvm = gateway.jvm
    session = jvm.SparkSession.getDefaultSession().get().newSession()
    java_context = jvm.JavaSparkContext(session.sparkContext())
    logs_to(jvm, properties)
    AttachedContext.tag, AttachedContext.leaving = answer["tag"], [leave]
    conf: Any = SparkConf(_jconf=java_context.getConf())
    context: Any = AttachedContext(gateway=gateway, jsc=java_context, conf=conf)
    stands_in(jvm, context, os.getcwd())  # noqa: PTH109 - as text
    environment = {k: v for k, v in os.environ.items() if k not in VOLATILE}
    context.environment[ORDER] = worker_order(os.getcwd(), environment)  # noqa: PTH109
    return AttachedSession(context, session)


@contextmanager
def _gateway_named(port: int, secret: str) -> Iterator[None]:
    """PySpark takes the door from the environment, which the processes that we start must not see."""
    os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"] = str(port), secret
    try:
        yield
    finally:
        del os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"]
