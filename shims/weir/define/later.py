"""What Databricks has and Weir does not have yet: it can be imported, and refuses by name when used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from weir.model.origin import here
from weir.model.problems import unsupported


def _refusing(name: str, instead: str) -> Callable[..., NoReturn]:
    def call(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise unsupported(f"dlt.{name}", instead, here())

    call.__name__ = name
    call.__doc__ = f"Refuses: {instead}."
    return call


_SINK = "sinks come later: write into a table of the pipeline"

create_sink = _refusing("create_sink", _SINK)
foreach_batch_sink = _refusing("foreach_batch_sink", _SINK)
update_flow = _refusing("update_flow", _SINK)
