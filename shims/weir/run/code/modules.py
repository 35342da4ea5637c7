"""The names under which source files import `dlt`, and what Databricks' runtime has besides."""

from __future__ import annotations

import builtins
import importlib.util
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import ExitStack, contextmanager, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from pyspark.sql import functions

import dlt

_MISSING = object()
RUNTIME = "databricks.sdk.runtime"


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
        _found_by_import(_module(RUNTIME, names), undo)
        _exchange(functions.__dict__, "__all__", _with_old_names(), undo)
        yield


def _with_old_names() -> list[str]:
    """What `from pyspark.sql.functions import *` gave on older runtimes: also `countDistinct` and such."""
    own = {
        name
        for name, value in vars(functions).items()
        if callable(value) and getattr(value, "__module__", "").startswith(functions.__name__)
    }
    hiding = {*vars(builtins), *sys.stdlib_module_names}  # `chr` and `uuid` are Python's
    return [*functions.__all__, *sorted(n for n in own - hiding - {*functions.__all__} if n[0] != "_")]


class _Finder(MetaPathFinder, Loader):
    """Gives a module when it is imported, so that its parents are imported first and have it."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """The way to the module, if it is the one."""
        del path, target
        return ModuleSpec(fullname, self) if fullname == self.module.__name__ else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module."""
        del spec
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        """It has its content already."""


def _found_by_import(module: ModuleType, undo: ExitStack) -> None:
    """Let imports find a module whose parents may be installed and large."""
    parent, _, child = module.__name__.rpartition(".")
    finder = _Finder(module)
    undo.callback(_put_back, module.__name__, parent, child, sys.modules.pop(module.__name__, None))
    vars(sys.modules[parent]).pop(child, None) if parent in sys.modules else None
    sys.meta_path.insert(0, finder)
    undo.callback(sys.meta_path.remove, finder)


def _put_back(name: str, parent: str, child: str, before: ModuleType | None) -> None:
    sys.modules.pop(name, None)
    if parent in sys.modules:
        vars(sys.modules[parent]).pop(child, None)
    if before is not None:
        sys.modules[name] = before
        setattr(sys.modules[parent], child, before)


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
