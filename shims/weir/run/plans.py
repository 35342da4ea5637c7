"""Below the public API, in process only: rules that a filter resolves and a projection does not, and the
output mode that a streaming plan needs. Over Spark Connect both have another way or a refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from weir.model.problems import unsupported


def is_remote(session: SparkSession) -> bool:
    """Is this a session over Spark Connect?"""
    return type(session).__module__.startswith("pyspark.sql.connect")


def flags_below(df: DataFrame, flags: Sequence[Column], column: str) -> DataFrame:
    """Add a struct of flags whose names are hidden in the output but known below it.

    Spark widens the child of a Filter with the hidden columns that its condition names; the resolved
    condition and the widened child make the projection that `withColumn` refuses to.

    Args:
        df: The frame that the rules check.
        flags: One boolean a rule.
        column: The name of the added struct column.

    Raises:
        AnalysisException: A name is not known there either.
        UnsupportedError: Over Spark Connect.
    """
    if is_remote(df.sparkSession):
        raise unsupported(
            "A rule on a column that the result no longer has, over Spark Connect,",
            "add the column to the result, or run in process",
        )
    struct = F.struct(*(f.alias(f"r{i}") for i, f in enumerate(flags)))
    filtered: Any = df.filter(struct.isNotNull())
    jvm: Any = df.sparkSession.sparkContext._jvm
    plan = filtered._jdf.queryExecution().analyzed()
    while plan.getClass().getSimpleName() != "Filter":
        plan = plan.children().head()
    condition = plan.condition().children().head()
    functions = jvm.org.apache.spark.sql.classic.ExpressionUtils
    widened = jvm.org.apache.spark.sql.classic.Dataset.ofRows(
        df.sparkSession._jsparkSession, plan.child()
    )
    named = functions.column(condition).alias(column)
    output: Any = df._jdf.queryExecution().analyzed().output()
    kept = [functions.column(output.apply(i)) for i in range(output.size())]
    return DataFrame(widened.select(_sequence(df, [*kept, named])), df.sparkSession)


def _sequence(df: DataFrame, columns: list[Any]) -> Any:
    return df.sparkSession.sparkContext._jvm.PythonUtils.toSeq(columns)  # pyright: ignore


def output_mode(df: DataFrame) -> str:
    """The output mode in which a streaming frame can be written: append, else complete (§4.8).

    Raises:
        PySparkException: Spark can run it in neither; the error is that of append mode.
    """
    if is_remote(df.sparkSession):
        return _probed_mode(df)
    jvm: Any = df.sparkSession.sparkContext._jvm
    plan = df._jdf.queryExecution().analyzed()  # pyright: ignore[reportAttributeAccessIssue]
    checker = jvm.org.apache.spark.sql.catalyst.analysis.UnsupportedOperationChecker
    modes = jvm.org.apache.spark.sql.streaming.OutputMode
    first: AnalysisException | None = None
    for name, mode in (("append", modes.Append()), ("complete", modes.Complete())):
        try:
            checker.checkForStreaming(plan, mode)
        except AnalysisException as error:
            first = first or error
        else:
            return name
    raise first or RuntimeError


def _probed_mode(df: DataFrame) -> str:
    first: PySparkException | None = None
    for name in ("append", "complete"):
        try:
            df.writeStream.format("noop").outputMode(name).start().stop()
        except PySparkException as error:
            first = first or error
        else:
            return name
    raise first or RuntimeError
