"""Named points between two commits, where a test lets the process fail or die."""

from __future__ import annotations

import os
import signal

FAIL_AT = "WEIR_FAIL_AT"
BETWEEN_COMMITS = "changes-recorded"


class FailpointError(OSError):
    """The failure that was asked for; an error that a retry may get past."""


def reached(point: str) -> None:
    """Pass a point; `WEIR_FAIL_AT=point` raises here, `WEIR_FAIL_AT=kill:point` is kill -9.

    Raises:
        FailpointError: As asked for.
    """
    wanted = os.environ.get(FAIL_AT)
    if wanted == point:
        raise FailpointError(f"failed at {point}, as {FAIL_AT} says")
    if wanted == f"kill:{point}":
        os.kill(os.getpid(), signal.SIGKILL)
