"""What time it is in a query: Spark's functions for it give a moment that a test chose.

Spark replaces them by values itself, in a rule that asks the clock. The same replacement with a moment of
ours, before Spark sees the plan, reaches all of them: in SQL texts, expressions, views and subqueries.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from pyspark.sql import DataFrame

from weir.model.problems import unsupported
from weir.run.frames.below import frame_of_plan, is_remote, java_of

REPLACEMENT = "ComputeCurrentTime$$anonfun$apply$8"  # of Spark 4.2: a test fails where it has another name


def frozen(df: DataFrame, moment: dt.datetime) -> DataFrame:
    """The frame with current_timestamp(), now(), current_date() and their like at a moment.

    Args:
        moment: With a time zone.

    Raises:
        UnsupportedError: Over Spark Connect.
    """
    if is_remote(df.sparkSession):
        raise unsupported("A frozen time over Spark Connect", "run in process")
    _, jdf = java_of(df)
    plan = jdf.queryExecution().analyzed()
    return frame_of_plan(df.sparkSession, plan.transformDownWithSubqueries(_replacement(df, moment)))


def _replacement(df: DataFrame, moment: dt.datetime) -> Any:
    jvm, _ = java_of(df)
    zone = df.sparkSession.conf.get("spark.sql.session.timeZone")
    instant = jvm.java.time.Instant.parse(moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"))
    nanos = instant.atZone(jvm.java.time.ZoneId.of(zone)).toLocalTime().toNanoOfDay()
    micros = (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    types, literals = jvm.org.apache.spark.sql.types.DataType, jvm.org.apache.spark.sql.catalyst.expressions
    literal = getattr(literals, "Literal$").__getattr__("MODULE$").create
    time = literal(jvm.java.lang.Long.valueOf(micros), types.fromDDL("timestamp"))
    place = literal(zone, types.fromDDL("string"))
    known = jvm.scala.collection.mutable.HashMap
    make = getattr(jvm.org.apache.spark.sql.catalyst.optimizer, REPLACEMENT)
    return make(known(), micros, nanos, time, place, known(), instant)
