"""Functions of Databricks' SQL that Spark has under another name alone (specification §11.2)."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession

from weir.run.frames.below import is_remote

# Databricks' name -> Spark's: the same arguments, the same result.
OTHER_NAMES = {"charindex": "locate", "getdate": "current_timestamp", "iff": "if"}


def know_functions(session: SparkSession) -> None:
    """Let SQL in a session call them, also in `expr` and in rules; a function of the user's goes before.

    Over Spark Connect there is no way to the functions of a session.
    """
    if is_remote(session):
        return
    known: Any = session
    jvm, registry = known._jvm, known._jsparkSession.sessionState().functionRegistry()  # noqa: SLF001
    for name, spark_name in OTHER_NAMES.items():
        ours = _identifier(jvm, name, "session")
        if not registry.functionExists(ours):
            theirs = _identifier(jvm, spark_name, "builtin")
            description, builder = (
                registry.lookupFunction(theirs).get(),
                registry.lookupFunctionBuilder(theirs).get(),
            )
            registry.registerFunction(ours, description, builder)


def _identifier(jvm: Any, name: str, schema: str) -> Any:
    some = jvm.scala.Option.apply
    return jvm.org.apache.spark.sql.catalyst.FunctionIdentifier(name, some(schema), some("system"))
