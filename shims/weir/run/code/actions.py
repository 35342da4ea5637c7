"""What looks at data: on the empty frames of an analysis its outcome means nothing, which defers the flow."""

from __future__ import annotations

from typing import Any

from weir.run.code.patching import FlowReader, Patch, Use

LOOKS_AT_DATA = {
    "DataFrame": (
        "collect", "count", "first", "head", "take", "tail", "isEmpty", "toPandas", "toArrow",
        "toLocalIterator", "show", "foreach", "foreachPartition", "approxQuantile", "corr", "cov",
        "crosstab", "transpose", "checkpoint", "localCheckpoint", "inputFiles", "rdd", "toJSON",
    ),
    "Observation": ("get",),
    "Estimator": ("fit", "fitMultiple"),
    "Evaluator": ("evaluate",),
    "Correlation": ("corr",),
    "ChiSquareTest": ("test",),
    "KolmogorovSmirnovTest": ("test",),
}  # fmt: skip


def _action(flow: FlowReader, use: Use) -> Any:
    flow.looked_at_data()
    return use.go_on()


def _pivot(flow: FlowReader, use: Use) -> Any:
    if use["values"] is None:
        flow.looked_at_data()
    return use.go_on()


ACTIONS = (
    *(Patch(owner, name, _action) for owner, names in LOOKS_AT_DATA.items() for name in names),
    Patch("GroupedData", "pivot", _pivot),
)
