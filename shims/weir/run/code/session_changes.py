"""What user code changes in the session, put back when its flow, or its pipeline, has ended."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from weir.model.names import quoted
from weir.model.origin import called_by_user
from weir.run.code.functions import know_functions
from weir.run.code.patching import FlowReader, Patch, Use
from weir.run.code.refusals import refuse
from weir.run.code.session_conf import put_back

IN_PIPELINE = "give it to the flow, @dlt.table(spark_conf={...}), or to the pipeline's configuration"


def _conf(flow: FlowReader, use: Use) -> Any:
    if not flow.loading and called_by_user():
        name = use.function.__name__
        refuse(flow, f"SQLContext.{name}" if name == "setConf" else f"spark.conf.{name}", IN_PIPELINE)
    return _put_back_later(flow, use, (use["key"],))


def _session(flow: FlowReader, use: Use) -> Any:
    options = vars(use.subject)["_options"]
    if not flow.loading and called_by_user() and _would_change(flow.session, options):
        refuse(flow, "SparkSession.builder.config", IN_PIPELINE)
    return _put_back_later(flow, use, tuple(options))


def _put_back_later(flow: FlowReader, use: Use, keys: tuple[str, ...]) -> Any:
    """Let Spark set entries of the configuration, and note those that it has set: it does not take all."""
    conf = flow.session.conf
    before = {key: conf.get(key, None) for key in keys}
    result = use.go_on()
    for key, value in before.items():
        if conf.get(key, None) != value:
            flow.undo.callback(put_back, flow.session, key, value)
    return result


def _would_change(session: SparkSession, options: Mapping[str, str]) -> bool:
    """Helpers get the session with what a new one would need: most of it means nothing to one that runs."""
    conf = session.conf
    return any(conf.isModifiable(key) and conf.get(key, None) != value for key, value in options.items())


def _function(flow: FlowReader, use: Use) -> Any:
    function = use.go_on()
    flow.undo.callback(_drop_function, flow.session, use["name"])
    return function


def _drop_function(session: SparkSession, name: str) -> None:
    with suppress(PySparkException):  # one that took the place of a function of Spark's own stays
        session.sql(f"DROP TEMPORARY FUNCTION IF EXISTS {quoted(name)}")
    know_functions(session)


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
    Patch("SQLContext", "setConf", _conf),
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
