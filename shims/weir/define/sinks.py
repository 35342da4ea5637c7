"""The functions of `dlt` that define sinks and the flows that only a sink takes (specification §1.7)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from weir.define.checks import optional_name, string_map, text
from weir.define.handles import FlowHandle, check_callable, without_rules
from weir.define.realtime import asks_for_it
from weir.define.registry import current, warn, wrong
from weir.model.definitions import Sink, UpdateFlow
from weir.model.origin import Origin, here
from weir.model.problems import unsupported

BatchHandler = Callable[[Any, int], Any]
# Options of a stream's writer -> who has the say.
OF_FLOWS = {
    "checkpointlocation": "the pipeline keeps a checkpoint for each flow",
    "queryname": "each flow into the sink has its own name",
}


def create_sink(name: str, format: str, options: Mapping[str, str] | None = None) -> None:
    """Declare a place outside of the pipeline that streaming flows write into (§1.7).

    Args:
        name: A single name, no dataset's.
        format: `delta`, `kafka`, or the name of a Python data source that the sources register.
        options: What the format wants; `delta` takes `tableName` or `path`.

    Raises:
        DefinitionError: An argument has the wrong type, or `delta` does not know where to write.
    """
    origin = here()
    sink = Sink(
        text(name, "name", origin), origin,
        format=text(format, "format", origin).lower(),
        options=_effective(string_map(options, "options", origin), origin),
    )  # fmt: skip
    if sink.format == "delta":
        _check_delta(sink)
    if sink.option("databricks.serviceCredential"):
        raise unsupported("databricks.serviceCredential", "give the broker's own options", origin)
    current().datasets.append(sink)


def foreach_batch_sink(name: str | BatchHandler | None = None) -> Any:
    """Let a function `handler(df, batch_id)` be given each micro-batch of the flows into it (§1.7).

    A batch may come twice, after a failure: at least once, as on Databricks.

    Args:
        name: The sink's name, the function's by default; or the decorated function itself, when the
            decorator stands without parentheses.

    Raises:
        DefinitionError: The function does not take two arguments, or carries expectations.
    """
    origin = here()

    def decorate(function: BatchHandler) -> BatchHandler:
        check_callable(function, "foreach_batch_sink", "name='sink_a'")
        without_rules(function, "A sink", origin)
        called = optional_name(None if callable(name) else name, function, origin)
        if not _takes_two(function):
            raise wrong("FOREACH_BATCH_SINK_PARAMETERS", f"The sink `{called}` does not take two arguments.",
                        origin, f"write def {called}(df, batch_id)")  # fmt: skip
        current().datasets.append(Sink(called, origin, format="foreach_batch", handler=function))
        return function

    return decorate(name) if callable(name) else decorate


def update_flow(
    target: str | None = None, name: str | None = None, spark_conf: Mapping[str, str] | None = None
) -> Callable[[Callable[..., Any]], FlowHandle]:
    """Define a flow that writes what has changed into a sink: output mode update (§1.3).

    Raises:
        DefinitionError: The target is missing, or the function carries expectations.
        UnsupportedError: The flow shall run in real time.
    """
    origin = here()
    conf = string_map(spark_conf, "spark_conf", origin)
    if asks_for_it(conf):
        raise unsupported("The trigger RealTime", "leave pipelines.trigger out of spark_conf", origin)

    def decorate(function: Callable[..., Any]) -> FlowHandle:
        check_callable(function, "update_flow", "target='sink_a'")
        if target is None:
            raise wrong("PIPELINE_FLOW_WITHOUT_TARGET", "update_flow has no target.", origin,
                        "write @dlt.update_flow(target='the_sink')")  # fmt: skip
        without_rules(function, "An update flow", origin)
        called = optional_name(name, function, origin)
        into = text(target, "target", origin)
        current().flows.append(UpdateFlow(called, into, function, origin, conf))
        return FlowHandle(function)

    return decorate


def _effective(options: Mapping[str, str], origin: Origin) -> dict[str, str]:
    """Those that a sink may have: with one checkpoint or name for all, each flow would undo the others."""
    for name in options:
        if name.lower() in OF_FLOWS:
            warn(f"the sink's option '{name}' has no effect: {OF_FLOWS[name.lower()]}", origin)
    return {name: value for name, value in options.items() if name.lower() not in OF_FLOWS}


def _check_delta(sink: Sink) -> None:
    given = [o for o in ("tableName", "path") if sink.option(o)]
    if len(given) != 1:
        places = "both `tableName` and `path`" if given else "neither `tableName` nor `path`"
        raise wrong("DELTA_SINK_WITHOUT_PLACE", f"The sink `{sink.name}` has {places}.", sink.origin,
                    "give the one: options={'tableName': 'catalog.schema.table'}")  # fmt: skip


def _takes_two(function: BatchHandler) -> bool:
    try:
        inspect.signature(function).bind(None, 0)
    except (TypeError, ValueError):
        return False
    return True
