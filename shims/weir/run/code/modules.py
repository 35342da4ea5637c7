"""The names under which source files import `dlt`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pyspark

import dlt


@contextmanager
def pipelines_modules() -> Iterator[None]:
    """`from pyspark import pipelines as dp` and `import databricks.pipelines` give Databricks' superset."""
    databricks = ModuleType("databricks")
    databricks.pipelines = dlt  # pyright: ignore[reportAttributeAccessIssue]
    names: dict[str, Any] = {"pyspark.pipelines": dlt, "databricks.pipelines": dlt}
    if "databricks" not in sys.modules:
        names["databricks"] = databricks
    missing = object()
    modules: dict[str, Any] = {name: sys.modules.get(name, missing) for name in names}
    attribute = getattr(pyspark, "pipelines", missing)
    sys.modules.update(names)
    pyspark.pipelines = dlt  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield
    finally:
        for name, module in modules.items():
            if module is missing:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
        if attribute is missing:
            del pyspark.pipelines  # pyright: ignore[reportAttributeAccessIssue]
        else:
            pyspark.pipelines = attribute  # pyright: ignore[reportAttributeAccessIssue]
