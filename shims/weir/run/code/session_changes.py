"""What user code changes in the session, put back when its flow, or its pipeline, has ended."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from weir.model.names import quoted
from weir.model.origin import called_by_user
from weir.run.code.patching import FlowReader, Patch, Use
from weir.run.code.refusals import refuse
from weir.run.code.session_conf import put_back

IN_PIPELINE = "give it to the flow, @dlt.table(spark_conf={...}), or to the pipeline's configuration"
OF_A_NEW_SESSION = frozenset({"spark.app.name", "spark.master", "spark.remote"})


def _conf(flow: FlowReader, use: Use) -> Any:
    if not flow.loading and called_by_user():
        refuse(flow, f"spark.conf.{use.function.__name__}", IN_PIPELINE)
    flow.undo.callback(put_back, flow.session, use["key"], flow.session.conf.get(use["key"], None))
    return use.go_on()


def _session(flow: FlowReader, use: Use) -> Any:
    options = vars(use.subject)["_options"]
    if not flow.loading and called_by_user() and not OF_A_NEW_SESSION.issuperset(options):
        refuse(flow, "SparkSession.builder.config", IN_PIPELINE)
    for key in options:
        flow.undo.callback(put_back, flow.session, key, flow.session.conf.get(key, None))
    return use.go_on()


def _function(flow: FlowReader, use: Use) -> Any:
    function = use.go_on()
    flow.undo.callback(_drop_function, flow.session, use["name"])
    return function


def _drop_function(session: SparkSession, name: str) -> None:
    with suppress(PySparkException):  # one that took the place of a function of Spark's own stays
        session.sql(f"DROP TEMPORARY FUNCTION IF EXISTS {quoted(name)}")


def _view(flow: FlowReader, use: Use) -> Any:
    result = use.go_on()
    flow.made_view(use["name"])
    return result


def _kept(flow: FlowReader, use: Use) -> Any:
    frame = use.go_on()
    flow.undo.callback(frame.unpersist)
    return frame


CHANGES = (
    *(Patch("RuntimeConfig", name, _conf) for name in ("set", "unset")),
    Patch("SparkSession.Builder", "getOrCreate", _session),
    *(
        Patch("UDFRegistration", n, _function)
        for n in ("register", "registerJavaFunction", "registerJavaUDAF")
    ),
    Patch("UDTFRegistration", "register", _function),
    *(
        Patch("DataFrame", n, _view)
        for n in ("createTempView", "createOrReplaceTempView", "registerTempTable")
    ),
    *(Patch("DataFrame", name, _kept) for name in ("cache", "persist")),
)
