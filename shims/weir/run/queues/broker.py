"""Does a broker answer? Kafka's client tries for minutes before it says that none does."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Mapping
from typing import Any

from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError
from weir.run.queues.reads import broker_options

PATIENCE = 5.0  # seconds


def check_broker(given: Mapping[str, Any], origin: Origin | None) -> None:
    """One of the servers that options name has to accept a connection.

    Raises:
        WeirError: None does; that may pass.
    """
    options = {key.lower(): str(value) for key, value in broker_options(given).items()}
    servers = options.get("kafka.bootstrap.servers", "")
    refusals = [_refusal(server.strip()) for server in servers.split(",")]
    if not all(refusals):
        return
    topic = shlex.quote(options.get("subscribe", "TOPIC"))
    hint = f"start one there, or pass --stream {topic}=FOLDER"
    text = f"No Kafka broker answers at {servers}: {refusals[-1]}."
    raise WeirError(Problem("KAFKA_BROKER_NOT_FOUND", text, origin, hint)) from refusals[-1]


def _refusal(server: str) -> OSError | None:
    """Why a server does not answer; None if it does, or if its address is for Kafka's client to judge."""
    host, _, port = server.rpartition("://")[2].rpartition(":")
    if not host or not port.isdecimal():
        return None
    try:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
    except OSError as error:
        return error
    return None
