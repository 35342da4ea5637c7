"""Below the public API, in process only; over Spark Connect each has another way or a refusal.

Rules that a filter resolves and a projection does not, and the output mode that a streaming plan needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from weir.model.problems import unsupported
from weir.run.frames.stream_limits import is_impossible

TABLE_MODES = ("append", "complete")
# The operators of an analysed stream that look at one row at a time.
STATELESS = frozenset([
    "CollectMetrics", "EventTimeWatermark", "Expand", "Filter", "Generate", "Join", "LateralJoin", "Project",
    "ResolvedHint", "SubqueryAlias", "TypedFilter", "Union", "View",
])  # fmt: skip


def is_remote(part: SparkSession | Observation) -> bool:
    """Is this a session, or a part of one, over Spark Connect?"""
    return type(part).__module__.startswith("pyspark.sql.connect")


def make_active(session: SparkSession) -> None:
    """Let the JVM's thread behind this one know the session, or it finds no Python data source by name."""
    if not is_remote(session):
        known: Any = session
        known._jvm.SparkSession.setActiveSession(known._jsparkSession)


def without_rows(session: SparkSession, schema: StructType) -> DataFrame:
    """A batch frame of a schema; the public way makes an RDD of it, which takes four times as long."""
    if is_remote(session):
        return session.createDataFrame([], schema)
    known: Any = session
    jvm, jsession = known._jvm, known._jsparkSession
    columns = jvm.org.apache.spark.sql.types.DataType.fromJson(schema.json())
    return DataFrame(jsession.createDataFrame(jvm.java.util.ArrayList(), columns), session)


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
    jvm, jdf = java_of(df)
    _, filtered = java_of(df.filter(struct.isNotNull()))
    plan = filtered.queryExecution().analyzed()
    while plan.getClass().getSimpleName() != "Filter":
        plan = plan.children().head()
    condition = plan.condition().children().head()
    functions = jvm.org.apache.spark.sql.classic.ExpressionUtils
    widened = jvm.org.apache.spark.sql.classic.Dataset.ofRows(jdf.sparkSession(), plan.child())
    named = functions.column(condition).alias(column)
    output = jdf.queryExecution().analyzed().output()
    columns = [functions.column(output.apply(i)) for i in range(output.size())]
    return DataFrame(widened.select(jvm.PythonUtils.toSeq([*columns, named])), df.sparkSession)


def java_of(df: DataFrame) -> tuple[Any, Any]:
    """The JVM and the frame's own object in it."""
    anything: Any = df
    return anything.sparkSession.sparkContext._jvm, anything._jdf


def frame_of_plan(session: SparkSession, plan: Any) -> DataFrame:
    """The frame of a plan of the JVM, analysed once more."""
    known: Any = session
    frames = known._jvm.org.apache.spark.sql.classic.Dataset
    return DataFrame(frames.ofRows(known._jsparkSession, plan), session)


def local_views(session: SparkSession) -> frozenset[str]:
    """The names of the temporary views of a session, without asking about tables."""
    if is_remote(session):
        return frozenset()
    known: Any = session
    views = known._jsparkSession.sessionState().catalog().listLocalTempViews("*")
    return frozenset(views.apply(i).table() for i in range(views.size()))


def explained(df: DataFrame) -> str:
    """The plan that Spark makes of a frame, in its mode `formatted`."""
    known: Any = df
    if is_remote(df.sparkSession):
        return known.sparkSession.client.explain_string(
            known._plan.to_proto(known._session.client), "formatted"
        )
    jvm, jdf = java_of(df)
    return jvm.PythonSQLUtils.explainString(jdf.queryExecution(), "formatted")


def hears_of_all_jobs(session: SparkSession, seconds: int) -> bool:
    """Wait until what Spark tells of its jobs counts all that have ended; False if that takes too long."""
    known: Any = session
    try:
        known.sparkContext._jsc.sc().listenerBus().waitUntilEmpty(seconds * 1000)
    except Py4JError:
        return False
    return True


def observed_row(observation: Observation) -> Mapping[str, Any] | None:
    """What an observation saw, without waiting; None where no action has run its part of a plan.

    `Observation.get` waits for ever for a part that no action runs. An action fills its observations before
    it returns, with an empty row where it has pruned that part away.
    """
    known: Any = observation
    if is_remote(observation):
        return known.get or None
    try:
        seen = known._jo.future().isCompleted() and known._jo.getRow().length() > 0
    except (PySparkException, Py4JError):  # an analysis has failed, and user code has let that pass
        return None
    return known.get if seen else None


def output_mode(df: DataFrame, names: tuple[str, ...] = TABLE_MODES) -> str:
    """The output mode in which a streaming frame can be written: into a table append, else complete (§4.8).

    Args:
        names: The modes to try, in their order.

    Raises:
        PySparkException: Spark can run it in none; the error is that of the first, or one that no mode has.
    """
    if is_remote(df.sparkSession):
        return _probed_mode(df, names)
    jvm, jdf = java_of(df)
    plan = jdf.queryExecution().analyzed()
    checker = jvm.org.apache.spark.sql.catalyst.analysis.UnsupportedOperationChecker
    modes = jvm.org.apache.spark.sql.streaming.OutputMode
    errors: list[AnalysisException] = []
    java_modes = {"append": modes.Append, "complete": modes.Complete, "update": modes.Update}
    for name in names:
        try:
            checker.checkForStreaming(plan, java_modes[name]())
        except AnalysisException as error:
            errors.append(error)
        else:
            return name
    raise _telling(errors)


def keeps_state(df: DataFrame) -> bool:
    """Must a stream remember rows to give what it gives: does it group, join, drop duplicates, or count?"""
    _, jdf = java_of(df)
    return _keeps_state(jdf.queryExecution().analyzed())


def _keeps_state(plan: Any) -> bool:
    if not plan.isStreaming():
        return False
    children = plan.children()
    below = [children.apply(i) for i in range(children.size())]
    streams = [child for child in below if child.isStreaming()]
    several = len(streams) > 1 and plan.getClass().getSimpleName() != "Union"
    stateless = not streams or plan.getClass().getSimpleName() in STATELESS
    return several or not stateless or any(map(_keeps_state, streams))


def _probed_mode(df: DataFrame, names: tuple[str, ...]) -> str:
    errors: list[PySparkException] = []
    for name in names:
        try:
            df.writeStream.format("noop").outputMode(name).start().stop()
        except PySparkException as error:
            errors.append(error)
        else:
            return name
    raise _telling(errors)


def _telling(errors: Sequence[PySparkException]) -> PySparkException:
    return next((e for e in errors if is_impossible(str(e))), errors[0])
