"""A frame of a group's session: queries and their rows, and no way past the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql.group import GroupedData

from weir.run.governed.fence import refused

Check = Callable[[DataFrame], None]
QUERY = frozenset(
    [
        "agg", "alias", "crossJoin", "cube", "describe", "distinct", "drop", "dropDuplicates",
        "drop_duplicates", "dropna", "exceptAll", "fillna", "filter", "groupBy", "groupby", "hint",
        "intersect", "intersectAll", "join", "limit", "melt", "offset", "orderBy", "replace", "rollup",
        "sample", "select", "selectExpr", "sort", "subtract", "summary", "toDF", "union", "unionAll",
        "unionByName", "unpivot", "where", "withColumn", "withColumnRenamed", "withColumns",
        "withColumnsRenamed",
    ]
)  # fmt: skip
ROWS = frozenset(
    [
        "collect", "columns", "count", "createOrReplaceTempView", "createTempView", "dtypes", "first",
        "head", "isEmpty", "printSchema", "schema", "show", "tail", "take", "toArrow", "toLocalIterator",
        "toPandas",
    ]
)  # fmt: skip
GROUPED = frozenset(["agg", "avg", "count", "max", "mean", "min", "pivot", "sum"])


class GroupFrame:
    """Like a DataFrame, as far as queries go; each result is checked as the session's texts are."""

    def __init__(self, frame: DataFrame, check: Check) -> None:
        self._frame = frame
        self._check = check

    def __getitem__(self, column: str) -> Any:
        return self._frame[column]

    def __getattr__(self, name: str) -> Any:
        return _passed(self, self._frame, name, QUERY | ROWS, self._check)


class GroupGrouped:
    """Like GroupedData."""

    def __init__(self, grouped: GroupedData, check: Check) -> None:
        self._grouped = grouped
        self._check = check

    def __getattr__(self, name: str) -> Any:
        return _passed(self, self._grouped, name, GROUPED, self._check)


def _passed(owner: Any, inner: Any, name: str, allowed: frozenset[str], check: Check) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if name not in allowed:
        raise refused(f"`{type(owner).__name__}.{name}`")
    attribute = getattr(inner, name)
    if not callable(attribute):
        return attribute

    def call(*arguments: Any, **named: Any) -> Any:
        result = attribute(*map(_bare, arguments), **{k: _bare(v) for k, v in named.items()})
        return checked(result, check)

    return call


def checked(result: Any, check: Check) -> Any:
    """A frame in its wrapper once it has passed; anything else as it is.

    Raises:
        WeirError: The frame reads what it may not.
    """
    if isinstance(result, GroupedData):
        return GroupGrouped(result, check)
    if not isinstance(result, DataFrame):
        return result
    check(result)
    return GroupFrame(result, check)


def _bare(argument: Any) -> Any:
    return argument._frame if isinstance(argument, GroupFrame) else argument  # noqa: SLF001 - its own
