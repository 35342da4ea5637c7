"""Methods of frames that take SQL expressions: these are read as on Databricks (specification §8.2)."""

from __future__ import annotations

from typing import Any

from weir.model.origin import here
from weir.run.code.patching import FlowReader, Patch, Use
from weir.run.frames.expressions import selected_text, spark_text


def _select_expr(flow: FlowReader, use: Use) -> Any:  # noqa: ARG001 - what a handler takes
    given, origin = use["expr"], here()
    texts = given[0] if len(given) == 1 and isinstance(given[0], list) else given
    read = (selected_text(t, use.subject, origin) if isinstance(t, str) else t for t in texts)
    return use.go_on(expr=tuple(read))


def _filter(flow: FlowReader, use: Use) -> Any:  # noqa: ARG001 - what a handler takes
    condition = use["condition"]
    if isinstance(condition, str):
        condition = spark_text(condition, use.subject, here())
    return use.go_on(condition=condition)


EXPRESSIONS = (
    Patch("DataFrame", "selectExpr", _select_expr),
    *(Patch("DataFrame", name, _filter) for name in ("filter", "where")),
)
