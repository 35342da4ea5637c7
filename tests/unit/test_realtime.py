"""Real-time mode is told to have no effect, wherever a pipeline asks for it."""

from __future__ import annotations

import pytest

from weir.define.load import load_sources
from weir.define.realtime import real_time
from weir.define.registry import freeze
from weir.model.names import Namespace
from weir.testing import write_sources

PYTHON = """
import dlt

@dlt.table(spark_conf={"pipelines.trigger": "RealTime"})
def a():
    return spark.readStream.table("x")

@dlt.table(table_properties={"pipelines.trigger": "RealTime", "quality": "gold"})
def b():
    return spark.readStream.table("x")

@dlt.append_flow(target="b", spark_conf={"spark.databricks.streaming.realTimeMode.enabled": "true"})
def c():
    return spark.readStream.table("x")
"""
SQL = "SET pipelines.trigger = RealTime;\nCREATE STREAMING TABLE d AS SELECT * FROM STREAM(x)"
ENDING = "has no effect here: its rows come as the update brings them, triggered or continuous"


@pytest.mark.parity(
    "differs",
    "5.3",
    "pipelines.trigger = RealTime and realTimeMode.enabled: of flows, tables, SET and the configuration",
    "told to have no effect; update_flow(spark_conf=...) is refused",
)
def test_real_time_mode_is_told_to_have_no_effect(tmp_path):
    folder = write_sources(tmp_path, {"a.py": PYTHON, "b.sql": SQL})
    registry = load_sources((folder / "a.py", folder / "b.sql"), {})
    entries = {"pipelines.trigger": "RealTime", "other": "RealTime"}
    pipeline, problems = freeze(registry, "live", Namespace("main", "default"), entries, {})
    assert problems == ()
    python, sql = folder / "a.py", folder / "b.sql"
    assert list(real_time(pipeline)) == [
        f"real-time mode in the configuration of live {ENDING}",
        f"{python}:8: real-time mode of `main.default.b` {ENDING}",
        f"{python}:4: real-time mode of the flow `main.default.a` {ENDING}",
        f"{python}:12: real-time mode of the flow `main.default.c` {ENDING}",
        f"{sql}:2: real-time mode of the flow `main.default.d` {ENDING}",
    ]
