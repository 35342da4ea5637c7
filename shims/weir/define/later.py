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


_CDC = "change data capture comes later: write the latest row a key as a materialized view"

apply_changes = _refusing("apply_changes", _CDC)
apply_changes_from_snapshot = _refusing("apply_changes_from_snapshot", _CDC)
create_auto_cdc_flow = _refusing("create_auto_cdc_flow", _CDC)
create_auto_cdc_from_snapshot_flow = _refusing("create_auto_cdc_from_snapshot_flow", _CDC)
