"""What PySpark asks again for each call into the JVM, asked once.

By itself each `functions.col` asks what `functions` is and whether it has a `col`, and `jvm.org.apache`
asks for each part of the name, for which the JVM looks through all its jars. And of each argument
PySpark asks whether it is numpy's, for which it imports pandas.
"""

from __future__ import annotations

import sys
from typing import Any

from py4j import protocol
from py4j.java_gateway import JavaClass, JavaMember, JavaPackage, JVMView
from pyspark.sql import SparkSession
from pyspark.sql.types import NumpyArrayConverter, NumpyScalarConverter

ROOTS = frozenset({"io", "java", "org", "scala"})  # any other name may become that of an imported class


class _Scalar(NumpyScalarConverter):
    def can_convert(self, obj: Any) -> bool:
        numpy = sys.modules.get("numpy")
        return numpy is not None and isinstance(obj, numpy.generic)


class _Array(NumpyArrayConverter):
    def can_convert(self, obj: Any) -> bool:
        numpy = sys.modules.get("numpy")
        return numpy is not None and isinstance(obj, numpy.ndarray) and obj.ndim == 1


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
        return (
            answer
            if isinstance(answer, JavaPackage) and name not in ROOTS
            else _remembered(self, name, answer)
        )


_OURS = {
    NumpyScalarConverter: _Scalar, NumpyArrayConverter: _Array,
    JavaClass: _Class, JavaPackage: _Package, JVMView: _View,
}  # fmt: skip


def _remembered(where: Any, name: str, answer: Any) -> Any:
    if type(answer) in _OURS:
        answer.__class__ = _OURS[type(answer)]
        where.__dict__[name] = answer
    return answer


def import_nothing() -> None:
    """Let all gateways of this process find values of numpy without an import of their own."""
    converters: list[Any] = protocol.INPUT_CONVERTER
    converters[:] = [_OURS[type(c)]() if type(c) in _OURS else c for c in converters]


def remember_names(session: SparkSession) -> None:
    """Let the gateway of a session keep the packages, classes and static methods that it was asked for."""
    known: Any = session
    known._jvm.__class__ = _View  # noqa: SLF001 - PySpark has no public way to it
