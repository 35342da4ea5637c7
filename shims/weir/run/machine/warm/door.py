"""Questions and answers between a client and the process that keeps a JVM: one line of JSON each."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weir.run.machine.warm.place import is_private

ANSWER_SECONDS = 5.0  # one that takes longer is taken for dead
LONGEST = 1 << 20  # bytes of a question or answer


def ask(
    path: Path, question: Mapping[str, Any], seconds: float = ANSWER_SECONDS
) -> tuple[Any, socket.socket]:
    """The answer, and the socket on which it came; to close it is to end what was asked for.

    Raises:
        OSError: Nobody is there, or it is not the user's own, or it does not answer in time.
        ValueError: It answers in another language.
    """
    if not is_private(path.parent):
        raise PermissionError(f"{path.parent} is not yours alone")
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(seconds)
        connection.connect(str(path))
        tell(connection, question)
        return heard(connection), connection
    except BaseException:
        connection.close()
        raise


def tell(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Send one message."""
    connection.sendall(json.dumps(message).encode() + b"\n")


def heard(connection: socket.socket) -> Any:
    """The next message.

    Raises:
        OSError: The other side has gone, or is silent.
        ValueError: It is no JSON.
    """
    parts = bytearray()
    while not parts.endswith(b"\n"):
        part = connection.recv(65_536)
        parts += part
        if not part or len(parts) > LONGEST:
            raise ConnectionError("the other side has gone")
    return json.loads(parts)
