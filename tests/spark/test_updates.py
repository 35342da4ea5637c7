"""How updates begin, go on and end: retries, continuous mode, an early end (specification §5)."""

from __future__ import annotations

import signal

import pytest

from weir.model.settings import Selection
from weir.run.update.stop import Stop
from weir.testing import rows_of

UNREACHABLE = """
import dlt
@dlt.table
def lookup():
    return spark.sql("SELECT reflect('java.net.InetAddress', 'getByName', 'nowhere.invalid') AS host")
"""


class Reacting(list):
    """Events of an update, with something that happens while it runs."""

    def __init__(self, react):
        super().__init__()
        self.react = react

    def append(self, event):
        super().append(event)
        self.react(event)


def statuses(p, flow, *, level="INFO"):
    """What was told of a flow; METRICS as the rows that it wrote."""
    found = [e for e in p.events if e.event_type == "flow_progress" and e.flow == f"main.default.{flow}"]
    return [
        next(iter(e.details["metrics"].values())) if e.level == "METRICS" else e.details["status"]
        for e in found
    ]


def told(p, *flows):
    """How many rows flows were told to have written."""
    return sum(s for flow in flows for s in statuses(p, flow) if isinstance(s, int))


def states(p):
    return [e.details["state"] for e in p.events if e.event_type == "update_progress"]


def causes(p):
    return [e.details["cause"] for e in p.events if e.event_type == "create_update"]


def failures(p):
    return [e.level for e in p.events if e.details.get("status") == "FAILED"]


@pytest.mark.parity("same", "5.5", "Development: no retries, errors at once")
def test_in_development_an_error_is_told_at_once(pipeline):
    p = pipeline(UNREACHABLE)
    result = p.update()
    assert (failures(p), causes(p), result.exit_code) == (["ERROR"], ["USER_ACTION"], 1)
    assert "nowhere.invalid" in result.datasets[0].error


@pytest.mark.parity("same", "5.5", "Production: flows are tried again, then the update, under a new id")
@pytest.mark.parity("same", "5.4", "A retried update has the cause RETRY_ON_FAILURE")
@pytest.mark.parity(
    "differs",
    "5.5",
    "What is tried again",
    "only errors from outside the pipeline: a retry can't help with others",
)
def test_in_production_a_flow_is_tried_three_times_and_the_update_again(pipeline):
    retries = {"pipelines.numUpdateRetryAttempts": "1"}
    p = pipeline(UNREACHABLE, development=False, configuration=retries)
    result = p.update()
    assert failures(p) == ["WARN", "WARN", "ERROR"] * 2
    assert causes(p) == ["USER_ACTION", "RETRY_ON_FAILURE"]
    assert (result.exit_code, result.datasets[0].state) == (1, "FAILED")
    ids = {e.message.split()[1] for e in p.events if e.event_type == "create_update"}
    assert len(ids) == 2
    assert result.update_id[:6] in ids


def test_in_production_what_passes_is_over_with_the_retry(pipeline, tmp_path):
    p = pipeline(f"""
import dlt
from pathlib import Path
from pyspark.sql import functions as F

@dlt.table
def lookup():
    there = Path({str(tmp_path / "up")!r}).exists()
    host = "127.0.0.1" if there else "nowhere.invalid"
    call = f"reflect('java.net.InetAddress', 'getByName', '{{host}}')"
    return spark.sql(f"SELECT {{call}} IS NOT NULL AS up")
""", development=False, configuration={"pipelines.maxFlowRetryAttempts": "0"})  # fmt: skip

    def comes_up(event):
        if event.details.get("status") == "FAILED":
            (tmp_path / "up").touch()

    p.events = Reacting(comes_up)
    assert (p.update().exit_code, p.rows("lookup")) == (0, [{"up": True}])
    assert states(p)[-6:] == [
        "FAILED", "WAITING_FOR_RESOURCES", "INITIALIZING", "SETTING_UP_TABLES", "RUNNING", "COMPLETED",
    ]  # fmt: skip


ENDLESS = """
import dlt
from pyspark.sql import functions as F

@dlt.view
@dlt.expect("small", "id < 3")
def seen():
    return spark.readStream.table("events")

@dlt.table
@dlt.expect_or_drop("positive", "id > 0")
def bronze():
    return dlt.read_stream("seen")

dlt.create_streaming_table("latest")
for source in ("bronze", "others"):
    @dlt.view(name=f"of_{source}")
    def changes(source=source):
        return spark.readStream.table(source).select("id")
    dlt.apply_changes(flow_name=f"from_{source}", target="latest", source=f"of_{source}", keys=["id"], sequence_by="id")

@dlt.append_flow(target="kept", once=True)
def backfill():
    return spark.range(1)

dlt.create_streaming_table("kept")

@dlt.table(spark_conf={"pipelines.trigger.interval": "1 second", "spark.sql.ansi.enabled": "false"})
def gold():
    return dlt.read("bronze").agg(F.sum("id").alias("total"), F.expr("max(CAST('x' AS INT))").alias("none"))
"""


@pytest.mark.parity("same", "5.7", "Continuous: flows run again on their trigger interval until stopped")
@pytest.mark.parity("same", "5.7", "Continuous: a materialized view is refreshed when its inputs changed")
@pytest.mark.parity("same", "6.3", "flow_progress: IDLE and STOPPED")
@pytest.mark.parity("same", "5.4", "STOPPING, then CANCELED, with the cause USER_ACTION")
def test_rows_flow_through_until_the_update_is_stopped(pipeline):
    p = pipeline(ENDLESS, continuous=True, configuration={"pipelines.trigger.interval": "1 second"})
    p.feed("events", [{"id": 0}, {"id": 1}])
    p.feed("others", [{"id": 7}])

    def react(event):
        refreshed = statuses(p, "gold").count("IDLE")
        if event.flow == "main.default.gold" and event.details.get("status") == "IDLE" and refreshed == 1:
            p.feed("events", [{"id": 5}])
            p.feed("others", [{"id": 8}])
        # What is committed may not be told yet, and would not be after the stop.
        if refreshed == 2 and (told(p, "bronze"), told(p, "from_bronze", "from_others")) == (2, 4):
            p.stop.ask(signal.SIGTERM)

    p.events = Reacting(react)
    result = p.update()
    assert (result.state, result.exit_code) == ("CANCELED", 0)
    assert {d.name.split(".")[-1]: (str(d.state), d.rows_written) for d in result.datasets} == {
        "seen": ("COMPLETED", None), "of_bronze": ("COMPLETED", None), "of_others": ("COMPLETED", None),
        "bronze": ("STOPPED", 2), "latest": ("STOPPED", 4), "kept": ("COMPLETED", 1), "gold": ("STOPPED", 1),
    }  # fmt: skip
    assert [r["id"] for r in p.rows("latest", "id")] == [1, 5, 7, 8]
    rules = {r.name: (r.passed, r.failed) for d in result.datasets for r in d.expectations}
    assert rules == {"small": (2, 1), "positive": (2, 1)}
    assert [r["id"] for r in p.rows("kept")] == [0]
    assert statuses(p, "gold") == [
        "QUEUED", "STARTING", "RUNNING", 1, "IDLE", "RUNNING", 1, "IDLE", "STOPPED",
    ]  # fmt: skip
    bronze = [s for s in statuses(p, "bronze") if s != "IDLE"]
    assert bronze == ["QUEUED", "STARTING", "RUNNING", 1, 1, "STOPPED"]
    assert statuses(p, "backfill") == ["QUEUED", "STARTING", "RUNNING", 1, "COMPLETED"]
    assert states(p)[-3:] == ["RUNNING", "STOPPING", "CANCELED"]
    actions = [e.details["action"] for e in p.events if e.event_type == "user_action"]
    assert actions == ["START", "CANCEL"]


TWO_WAYS = """
import dlt

@dlt.table
def good():
    return spark.readStream.table("events")

@dlt.table
@dlt.expect_or_fail("small", "id < 3")
def bad():
    return spark.readStream.table("events")

@dlt.table
def below():
    return dlt.read_stream("bad")

@dlt.table
def further_below():
    return dlt.read("below").groupBy().count()
"""


@pytest.mark.parity(
    "same", "2.4", "Continuous: a broken fail rule stops its flow and all that depend on it, no other"
)
def test_a_flow_that_fails_takes_along_what_depends_on_it(pipeline):
    p = pipeline(TWO_WAYS, continuous=True, configuration={"pipelines.trigger.interval": "1 second"})
    p.feed("events", [{"id": 1}])

    def react(event):
        status = event.details.get("status")
        if status == "IDLE" and event.flow == "main.default.further_below":
            p.feed("events", [{"id": 5}])
        if status == "SKIPPED" and event.flow == "main.default.further_below":
            p.feed("events", [{"id": 2}])
        if told(p, "good") == 3:
            p.stop.ask()

    p.events = Reacting(react)
    result = p.update()
    assert (result.state, result.exit_code) == ("FAILED", 3)
    assert {d.name.split(".")[-1]: (str(d.state), d.rows_written) for d in result.datasets} == {
        "good": ("STOPPED", 3), "bad": ("FAILED", 1), "below": ("SKIPPED", 1), "further_below": ("SKIPPED", 1),
    }  # fmt: skip


@pytest.mark.parity("same", "5.5", "A retried update does not empty again what a full refresh has filled")
def test_a_retry_empties_nothing_again(pipeline, tmp_path):
    p = pipeline(
        UNREACHABLE
        + f"""
dlt.create_sink("out", "delta", {{"path": "{tmp_path}/out"}})

@dlt.append_flow(target="out")
def written():
    return spark.readStream.table("events")

@dlt.table
def read():
    return spark.readStream.table("events")
""",
        development=False,
        configuration={"pipelines.numUpdateRetryAttempts": "2", "pipelines.maxFlowRetryAttempts": "0"},
    )
    p.feed("events", [{"id": 1}])
    p.update()
    p.events.clear()
    p.update(Selection(full_refresh_all=True))
    assert causes(p) == ["USER_ACTION", "RETRY_ON_FAILURE", "RETRY_ON_FAILURE"]
    assert [r["id"] for r in rows_of(tmp_path / "out")] == [1, 1]
    assert (p.rows("read"), p.storage.state("main.default.read").generation) == ([{"id": 1}], 1)


@pytest.mark.parity("same", "5.5", "Continuous: a failure that can pass restarts the update, without limit")
@pytest.mark.long("spark/test_updates.py::test_rows_flow_through_until_the_update_is_stopped")
def test_in_production_a_continuous_update_starts_anew(pipeline, tmp_path):
    p = pipeline(f"""
import dlt
from pathlib import Path

@dlt.table
def good():
    return spark.readStream.table("events")

@dlt.table
def shaky():
    host = "127.0.0.1" if Path({str(tmp_path / "up")!r}).exists() else "nowhere.invalid"
    call = f"reflect('java.net.InetAddress', 'getByName', '{{host}}')"
    return dlt.read("good").selectExpr(f"{{call}} IS NOT NULL AS up")
""", development=False, continuous=True, configuration={"pipelines.maxFlowRetryAttempts": "0"})  # fmt: skip
    p.feed("events", [{"id": 1}])

    def react(event):
        if causes(p) == ["USER_ACTION", *["RETRY_ON_FAILURE"] * 2]:
            (tmp_path / "up").touch()
        if event.details.get("status") == "IDLE" and event.flow == "main.default.shaky":
            p.stop.ask()

    p.events = Reacting(react)
    assert (p.update().exit_code, p.rows("shaky"), p.rows("good")) == (0, [{"up": True}], [{"id": 1}])
    assert causes(p) == ["USER_ACTION", "RETRY_ON_FAILURE", "RETRY_ON_FAILURE"]


def test_intervals_and_retries_are_checked_before_anything_runs(pipeline):
    p = pipeline("""
import dlt
@dlt.table(table_properties={"pipelines.trigger.interval": "often"})
def a():
    return spark.range(1)

@dlt.table(spark_conf={"pipelines.trigger.interval": "5"})
def b():
    return spark.range(1)
""", configuration={"pipelines.maxFlowRetryAttempts": "many", "pipelines.trigger.interval": "1 fortnight"})  # fmt: skip
    assert [(q.condition, q.message, str(q.origin or "").split(":")[-1]) for q in p.problems()] == [
        ("INVALID_PIPELINE_SETTING", "pipelines.trigger.interval = '1 fortnight' is not a valid value.", ""),
        ("INVALID_PIPELINE_SETTING", "pipelines.maxFlowRetryAttempts = 'many' is not a valid value.", ""),
        ("INVALID_PIPELINE_SETTING", "pipelines.trigger.interval = 'often' is not a valid value.", "3"),
        ("INVALID_PIPELINE_SETTING", "pipelines.trigger.interval = '5' is not a valid value.", "7"),
    ]


def test_what_is_asked_to_end_before_it_began_touches_nothing(pipeline):
    p = pipeline(TWO_WAYS)
    p.feed("events", [{"id": 1}])
    p.stop.ask(signal.SIGINT)
    result = p.update()
    assert (result.state, result.exit_code, p.version("good")) == ("CANCELED", 130, 0)
    assert {str(d.state) for d in result.datasets} == {"STOPPED"}


HANGING = """
import dlt, pathlib, time

go_on = pathlib.Path(spark.conf.get("go.on"))

@dlt.foreach_batch_sink(name="hangs")
def hang(batch, number):
    late = time.monotonic() + 300
    while not go_on.exists() and time.monotonic() < late:
        time.sleep(0.05)

@dlt.append_flow(target="hangs", name="into_hangs")
def rows():
    return spark.readStream.table("events")

@dlt.table
def good():
    return spark.readStream.table("events")
"""


def test_a_batch_that_hangs_in_code_of_the_users_keeps_nobody_waiting(pipeline, tmp_path):
    p = pipeline(HANGING, configuration={"go.on": str(tmp_path / "go")}, stop=Stop(patience=1))
    p.feed("events", [{"id": 1}])

    def react(event):
        if event.flow == "main.default.good" and event.details.get("status") == "COMPLETED":
            p.stop.ask(signal.SIGTERM)

    p.events = Reacting(react)
    result = p.update()
    assert {d.name.split(".")[-1]: str(d.state) for d in result.datasets} == {
        "hangs": "STOPPED", "good": "COMPLETED",
    }  # fmt: skip
    (tmp_path / "go").touch()
