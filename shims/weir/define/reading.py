"""Who answers `dlt.read` and the patched readers of Spark while user code runs."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Protocol


class Reader(Protocol):
    """Gives the frame that a name means to the flow that is being called."""

    def read(self, name: str, *, stream: bool) -> Any:
        """The dataset or outside table as a DataFrame, batch or streaming."""
        ...


reader: ContextVar[Reader | None] = ContextVar("reader", default=None)
