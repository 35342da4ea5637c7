"""Spark's classes by the names under which they are patched; of Connect and ML once loaded."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from delta.tables import DeltaTable
from pyspark.core.context import SparkContext
from pyspark.core.rdd import RDD
from pyspark.sql import Observation, SparkSession
from pyspark.sql.catalog import Catalog
from pyspark.sql.classic.dataframe import DataFrame
from pyspark.sql.conf import RuntimeConfig
from pyspark.sql.context import SQLContext
from pyspark.sql.group import GroupedData
from pyspark.sql.readwriter import DataFrameReader
from pyspark.sql.streaming.readwriter import DataStreamReader
from pyspark.sql.udf import UDFRegistration
from pyspark.sql.udtf import UDTFRegistration

CLASSIC: tuple[type, ...] = (
    SparkSession, SparkSession.Builder, SparkContext, SQLContext, RuntimeConfig, Catalog, UDFRegistration,
    UDTFRegistration, DataFrameReader, DataStreamReader, DataFrame, GroupedData, RDD, Observation, DeltaTable,
)  # fmt: skip
# Modules of Spark Connect -> their classes, by the names that the classic ones have.
CONNECT = {
    "pyspark.sql.connect.session": ("SparkSession", "SparkSession.Builder"),
    "pyspark.sql.connect.conf": ("RuntimeConf",),
    "pyspark.sql.connect.catalog": ("Catalog",),
    "pyspark.sql.connect.udf": ("UDFRegistration",),
    "pyspark.sql.connect.udtf": ("UDTFRegistration",),
    "pyspark.sql.connect.readwriter": ("DataFrameReader",),
    "pyspark.sql.connect.streaming.readwriter": ("DataStreamReader",),
    "pyspark.sql.connect.dataframe": ("DataFrame",),
    "pyspark.sql.connect.group": ("GroupedData",),
    "pyspark.sql.connect.observation": ("Observation",),
    "delta.connect.tables": ("DeltaTable",),
}
# Modules of Spark ML -> their classes, patched when user code imports them: that takes a third of a second.
LEARNING = {
    "pyspark.ml.base": ("Estimator",),
    "pyspark.ml.evaluation": ("Evaluator",),
    "pyspark.ml.stat": ("Correlation", "ChiSquareTest", "KolmogorovSmirnovTest"),
    "pyspark.ml.util": ("MLWriter", "JavaMLWriter", "GeneralJavaMLWriter"),
}


def families() -> Iterator[tuple[str, type]]:
    """Each class with the name under which patches mean it."""
    yield from ((c.__qualname__, c) for c in CLASSIC)
    if "pyspark.sql.connect.session" in sys.modules:
        yield from connect_family()


def connect_family() -> Iterator[tuple[str, type]]:
    """The classes of Spark Connect, whose import takes half a second."""
    for module, names in CONNECT.items():
        for name in names:
            part_of_module: Any = importlib.import_module(module)
            for part in name.split("."):
                part_of_module = getattr(part_of_module, part)
            yield name.replace("RuntimeConf", "RuntimeConfig"), part_of_module


def learning_classes(module: ModuleType) -> Iterator[tuple[str, type]]:
    """The classes of a module of Spark ML."""
    return ((name, getattr(module, name)) for name in LEARNING[module.__name__])
