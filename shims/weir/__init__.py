"""Weir: a local runtime for Databricks declarative pipelines. Start reading at `engine.py`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def preview(
    dataset: str, *sources: str, n: int = 20, given: Mapping[str, Any] | None = None, **options: Any
) -> list[dict[str, Any]]:
    """The first rows of a table or view, computed on what lies in the storage; nothing is written.

    Args:
        dataset: The last parts of its name suffice.
        sources: As of `weir preview`: a pipeline of the bundle, files or folders.
        n: How many rows.
        given: Input -> the rows that stand for it: dictionaries, a text table, or a CSV file (a `Path`).
        options: As of `weir preview`: name, target, storage, and the dictionaries conf, maps, tables and
            streams.

    Raises:
        WeirError: The definitions have problems, there is no such dataset, or its flows failed.
    """
    return import_module("weir.verbs.preview").preview(dataset, sources, n, given or {}, options)
