"""Databricks' `dlt`, for use anywhere: definitions only; `weir run` executes them."""

from weir.define.api import (
    append_flow,
    create_streaming_live_table,
    create_streaming_table,
    create_table,
    create_target_table,
    create_view,
    materialized_view,
    table,
    view,
)
from weir.define.changes import (
    apply_changes,
    apply_changes_from_snapshot,
    create_auto_cdc_flow,
    create_auto_cdc_from_snapshot_flow,
)
from weir.define.expect import (
    expect,
    expect_all,
    expect_all_or_drop,
    expect_all_or_fail,
    expect_or_drop,
    expect_or_fail,
)
from weir.define.hooks import on_event_hook
from weir.define.read import read, read_stream
from weir.define.sinks import create_sink, foreach_batch_sink, update_flow

readStream = read_stream  # noqa: N816 - Databricks' name
temporary_view = view


def enable_local_execution() -> None:
    """Accept the stub's switch: local execution is what Weir is for (specification §1.1)."""


__all__ = [
    "append_flow",
    "apply_changes",
    "apply_changes_from_snapshot",
    "create_auto_cdc_flow",
    "create_auto_cdc_from_snapshot_flow",
    "create_sink",
    "create_streaming_live_table",
    "create_streaming_table",
    "create_table",
    "create_target_table",
    "create_view",
    "enable_local_execution",
    "expect",
    "expect_all",
    "expect_all_or_drop",
    "expect_all_or_fail",
    "expect_or_drop",
    "expect_or_fail",
    "foreach_batch_sink",
    "materialized_view",
    "on_event_hook",
    "read",
    "readStream",
    "read_stream",
    "table",
    "temporary_view",
    "update_flow",
    "view",
]
