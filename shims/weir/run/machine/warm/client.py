"""A session in the project's warm JVM, if there is one that fits and is free."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from weir.run.machine.warm.attach import attach
from weir.run.machine.warm.door import ask
from weir.run.machine.warm.fit import Needs
from weir.run.machine.warm.place import project_of, socket_path

NOT_USED = "the warm engine is not used: {}"
LEASE = {"port", "secret", "tag", "jvm", "record", "settings"}


def warm_session(needs: Needs, properties: Path, remark: Callable[[str], None]) -> SparkSession | None:
    """A new session in the warm JVM; None if there is none, or none for us.

    Args:
        properties: What tells the JVM where to log.
        remark: Told why there is none for us.
    """
    path = socket_path(project_of(Path.cwd()))
    if path is None or not path.exists():
        return None
    try:
        answer, connection = ask(path, {"wish": "lease", "pid": os.getpid(), "needs": asdict(needs)})
    except (OSError, ValueError) as error:
        remark(NOT_USED.format(str(error) or type(error).__name__))
        return None
    if not (isinstance(answer, dict) and answer.keys() >= LEASE):
        connection.close()
        refusal = answer.get("refusal") if isinstance(answer, dict) else None
        remark(NOT_USED.format(refusal or "it answers in another language"))
        return None
    return _attached(answer, connection, properties, remark)


def _attached(
    answer: Any, connection: socket.socket, properties: Path, remark: Callable[[str], None]
) -> SparkSession | None:
    try:
        session = attach(answer, properties, connection.close)
    except (OSError, Py4JError) as error:
        connection.close()
        remark(NOT_USED.format(error))
        return None
    try:
        for key, value in answer["settings"].items():
            session.conf.unset(key) if value is None else session.conf.set(key, value)
    except (PySparkException, Py4JError):  # a JVM of its own tells what is wrong with the entry
        session.stop()
        return None
    remark("the warm engine is used")
    return session
