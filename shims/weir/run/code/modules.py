"""The names under which source files import `dlt`, and what Databricks' runtime has besides."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import ExitStack, contextmanager, suppress
from types import ModuleType
from typing import Any

import dlt

_MISSING = object()


@contextmanager
def pipelines_modules(names: Mapping[str, Any]) -> Iterator[None]:
    """`from pyspark import pipelines as dp` and `import databricks.pipelines` give Databricks' superset.

    Args:
        names: What helper modules import from `databricks.sdk.runtime`.
    """
    ours: dict[str, Any] = {
        **{name: _package(name) for name in ("databricks", "databricks.sdk") if not _installed(name)},
        "pyspark.pipelines": dlt,
        "databricks.pipelines": dlt,
        "databricks.sdk.runtime": _module("databricks.sdk.runtime", names),
        "pyspark.dbutils": _module("pyspark.dbutils", {"DBUtils": _the_one(names.get("dbutils"))}),
    }
    with suppress(ImportError):
        importlib.import_module("databricks")  # a folder of packages, if some of its are installed
    with ExitStack() as undo:
        for name, module in ours.items():
            parent, _, child = name.rpartition(".")
            _exchange(sys.modules, name, module, undo)
            if parent in sys.modules:
                _exchange(vars(sys.modules[parent]), child, module, undo)
        yield


def _exchange(there: MutableMapping[str, Any], name: str, value: Any, undo: ExitStack) -> None:
    before = there.get(name, _MISSING)
    there[name] = value
    if before is _MISSING:
        undo.callback(there.pop, name, None)
    else:
        undo.callback(there.__setitem__, name, before)


def _installed(package: str) -> bool:
    """Then its other modules stay what they are."""
    with suppress(ImportError, ValueError):  # a module of somebody's that was not made by an import
        return importlib.util.find_spec(package) is not None
    return package in sys.modules


def _package(name: str) -> ModuleType:
    return _module(name, {"__path__": []})


def _module(name: str, names: Mapping[str, Any]) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(names)
    return module


def _the_one(utilities: Any) -> type:
    """A class whose only object is there already: `DBUtils(spark)` is `dbutils`."""

    class DBUtils:
        def __new__(cls, _spark: Any = None) -> Any:
            return utilities

    return DBUtils
