"""What PySpark asks again for each call into the JVM, asked once.

By itself each `functions.col` asks what `functions` is and whether it has a `col`, and `jvm.org.apache`
asks for each part of the name, for which the JVM looks through all its jars. And before the first call,
PySpark imports pandas to know whether it can compare frames of it in tests.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from py4j.java_gateway import JavaClass, JavaMember, JavaPackage, JVMView
from pyspark.sql import SparkSession
from pyspark.sql.pandas import utils

ROOTS = frozenset({"io", "java", "org", "scala"})  # any other name may become that of an imported class


class _Class(JavaClass):  # pyright: ignore[reportIncompatibleMethodOverride] - its `__doc__` asks the JVM
    def __getattr__(self, name: str) -> Any:
        answer = super().__getattr__(name)
        if isinstance(answer, JavaMember):  # a method: the value of a field may change
            self.__dict__[name] = answer
        return answer


class _Package(JavaPackage):
    def __getattr__(self, name: str) -> Any:
        return _remembered(self, name, super().__getattr__(name))


class _View(JVMView):
    def __getattr__(self, name: str) -> Any:
        answer = super().__getattr__(name)
        passing = isinstance(answer, JavaPackage) and name not in ROOTS
        return answer if passing else _remembered(self, name, answer)


_OURS = {JavaClass: _Class, JavaPackage: _Package, JVMView: _View}


def _remembered(where: Any, name: str, answer: Any) -> Any:
    if type(answer) in _OURS:
        answer.__class__ = _OURS[type(answer)]
        where.__dict__[name] = answer
    return answer


def remember_names(session: SparkSession) -> None:
    """Let the gateway of a session keep the packages, classes and static methods that it was asked for."""
    known: Any = session
    known._jvm.__class__ = _View  # noqa: SLF001 - PySpark has no public way to it


def import_no_pandas() -> None:
    """Load the module that PySpark asks for numpy, without the import of pandas that it begins with."""
    before = utils.require_minimum_pandas_version
    utils.require_minimum_pandas_version = _require_pandas
    try:
        import_module("pyspark.testing.utils")
    finally:
        utils.require_minimum_pandas_version = before


def _require_pandas() -> None:
    if find_spec("pandas") is None:
        raise ImportError("pandas is not installed")
