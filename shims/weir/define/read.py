"""`dlt.read` and `dlt.read_stream` (specification §1.5), and the queries of SQL sources (§8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from weir.define.checks import text
from weir.define.query import Query
from weir.define.reading import answering
from weir.define.registry import wrong
from weir.model.origin import Origin, here


def read(name: str) -> Any:
    """The complete content of a dataset as a batch DataFrame.

    Raises:
        DefinitionError: Called outside of a query function that Weir runs.
    """
    return _read(name, stream=False)


def read_stream(name: str) -> Any:
    """A dataset as a streaming DataFrame.

    Raises:
        DefinitionError: Called outside of a query function that Weir runs.
    """
    return _read(name, stream=True)


@dataclass(frozen=True, slots=True)
class QueryFunction:
    """The function of a dataset that SQL defines: it gives the frame of a query."""

    query: Query

    def __call__(self) -> Any:
        """The frame of the query.

        Raises:
            DefinitionError: Nothing of Weir's asks for it.
        """
        current = answering()
        if current is None:
            raise _outside("A query", self.query.source.origin_of(0) or here())
        return current.query(self.query)


def is_query(function: Any) -> bool:
    """Is it the function of a dataset that SQL defines, under rules or not?"""
    return isinstance(getattr(function, "function", function), QueryFunction)


def _read(name: str, *, stream: bool) -> Any:
    text(name, "name", here())
    current = answering()
    if current is None:
        raise _outside(f"dlt.read of `{name}`", here())
    return current.read(name, stream=stream)


def _outside(what: str, origin: Origin) -> Exception:
    return wrong(
        "GRAPH_ELEMENT_DEFINED_OUTSIDE_OF_DECLARATIVE_PIPELINE",
        f"{what} outside of a pipeline run.",
        origin,
        "run the file with `weir run`, or test its datasets with weir.testing",
    )
