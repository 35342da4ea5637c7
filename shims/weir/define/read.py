"""`dlt.read` and `dlt.read_stream` (specification §1.5)."""

from __future__ import annotations

from typing import Any

from weir.define.checks import text
from weir.define.reading import answering
from weir.define.registry import wrong
from weir.model.origin import here


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


def _read(name: str, *, stream: bool) -> Any:
    text(name, "name", here())
    current = answering()
    if current is None:
        raise wrong(
            "GRAPH_ELEMENT_DEFINED_OUTSIDE_OF_DECLARATIVE_PIPELINE",
            f"dlt.read of `{name}` outside of a pipeline run.",
            here(),
            "run the file with `weir run`, or test its datasets with weir.testing",
        )
    return current.read(name, stream=stream)
