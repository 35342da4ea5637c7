"""Who answers `dlt.read` and the patched methods of Spark while user code runs."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Protocol

from weir.define.query import Query
from weir.model.origin import here
from weir.model.problems import unsupported


class Reader(Protocol):
    """Gives the frame that a name means to the flow that is being called."""

    @property
    def ended(self) -> bool:
        """Has the code returned that it answers for?"""
        ...

    def read(self, name: str, *, stream: bool) -> Any:
        """The dataset or outside table as a DataFrame, batch or streaming."""
        ...

    def query(self, query: Query) -> Any:
        """The DataFrame of a query of a SQL source."""
        ...


class Interruption(BaseException):
    """Ends a call of user code before its time; no Exception, so that user code lets it through."""


reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


def answering() -> Reader | None:
    """The reader in force; in a thread that user code started it is that of the code.

    Raises:
        UnsupportedError: The code has returned, and its thread goes on.
    """
    current = reader.get()
    if current is not None and current.ended:
        raise unsupported(
            "A thread that outlives the function that started it", "join it before returning", here()
        )
    return current
