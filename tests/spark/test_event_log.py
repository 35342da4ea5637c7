"""The queries that Databricks' pages show, over the event log of one update (specification §6.6)."""

from __future__ import annotations

import getpass
import json
import re

import pytest

from weir.model.problems import WeirError
from weir.model.request import Selection
from weir.run.lock import jvm_of, update_lock
from weir.testing import rows_of

SMALL = """
import dlt

@dlt.table(comment="by k")
def gold():
    return spark.sql("SELECT k, count(*) AS n FROM LIVE.silver GROUP BY k")

@dlt.table
@dlt.expect("positive", "x > 0")
@dlt.expect_or_drop("known", "x IS NOT NULL")
@dlt.expect_or_fail("small", "x < 100 OR x IS NULL")
def silver():
    return dlt.read_stream("cleaned")

@dlt.view
@dlt.expect("lettered", "k IS NOT NULL")
def cleaned():
    return dlt.read_stream("bronze")

@dlt.table
def bronze():
    return spark.readStream.table("events")
"""
ROWS = [{"k": "a", "x": 1}, {"k": "b", "x": 0}, {"k": "b", "x": None}]


def local(query):
    """Databricks' `details:a.b:c` as plain Spark has it; `event_log(...)` is the one log there is."""
    text = re.sub(r"event_log\(TABLE\(.*?\)\)", "event_log_raw", query)
    return re.sub(
        r"details:([\w.:]+)",
        lambda m: f"get_json_object(details, '$.{m[1].replace(':', '.')}')",
        text,
    )


@pytest.fixture
def ask(spark, pipeline):
    """One update of the small pipeline, and a way to query its log."""
    p = pipeline(SMALL, configuration={"source": "events"})
    p.feed("events", ROWS)
    result = p.update()
    spark.read.format("delta").load(str(p.storage.events("local"))).createOrReplaceTempView("event_log_raw")

    def ask(query):
        return [tuple(r) for r in spark.sql(local(query.replace("<id>", result.update_id))).collect()]

    ask.update_id, ask.pipeline = result.update_id, p
    return ask


def field(name, kind):
    return {"name": name, "type": kind, "nullable": True, "metadata": {}}


def test_the_usual_queries_work(ask):
    user = getpass.getuser()
    assert ask("""
        SELECT origin.update_id AS id FROM event_log_raw WHERE event_type='create_update'
        ORDER BY timestamp DESC LIMIT 1""") == [(ask.update_id,)]  # fmt: skip
    lineage = ask("""
        SELECT details:flow_definition.output_dataset, details:flow_definition.input_datasets,
               details:flow_definition.flow_type, details:flow_definition.schema
        FROM event_log_raw WHERE details:flow_definition IS NOT NULL""")
    rows = [field("k", "string"), field("x", "long")]
    counted = [field("k", "string"), {**field("n", "long"), "nullable": False}]
    assert [(*r[:3], json.loads(r[3])) for r in lineage] == [
        ("main.default.bronze", '["main.default.events"]', "APPEND", rows),
        ("cleaned", '["main.default.bronze"]', "VIEW", rows),
        ("main.default.silver", '["cleaned"]', "APPEND", rows),
        ("main.default.gold", '["main.default.silver"]', "MATERIALIZED_VIEW", counted),
    ]
    quality = ask("""
        SELECT e.dataset, e.name, SUM(e.passed_records), SUM(e.failed_records) FROM (
          SELECT explode(from_json(details:flow_progress:data_quality:expectations,
           'array<struct<name:string,dataset:string,passed_records:int,failed_records:int>>')) e
          FROM event_log_raw WHERE event_type='flow_progress' AND origin.update_id = '<id>')
        GROUP BY e.dataset, e.name""")
    assert sorted(quality) == [
        ("cleaned", "lettered", 3, 0),
        ("main.default.silver", "known", 2, 1),
        ("main.default.silver", "positive", 1, 2),
    ]
    backlog = ask("""
        SELECT timestamp, Double(details:flow_progress.metrics.backlog_bytes)
        FROM event_log_raw WHERE event_type='flow_progress'""")
    assert {b for _, b in backlog} == {None}
    assert len(backlog) == 3 * 5  # each flow QUEUED, STARTING, RUNNING, its metrics, COMPLETED
    audit = ask("""
        SELECT timestamp, details:user_action:action, details:user_action:user_name
        FROM event_log_raw WHERE event_type='user_action'""")
    assert [r[1:] for r in audit] == [("START", user)]
    [[runtime]] = ask("""
        SELECT details:runtime_details:runtime_version:dbr_version
        FROM event_log_raw WHERE event_type='runtime_details'""")
    assert re.fullmatch(r"Spark 4\.\S+, Delta 4\.\S+, Python 3\.\S+", runtime)
    refreshes = ask("""
        SELECT timestamp, message FROM event_log(TABLE(c.s.mv))
        WHERE event_type='planning_information' ORDER BY timestamp DESC""")
    assert [m for _, m in refreshes] == [
        "Flow 'main.default.gold' has been planned to be executed as COMPLETE_RECOMPUTE."
    ]


def test_an_update_tells_its_states_and_what_it_is_made_of(ask):
    states = ask("""
        SELECT message, details:update_progress.state FROM event_log_raw
        WHERE event_type = 'update_progress' ORDER BY sequence.control_plane_seq_no""")
    order = ["WAITING_FOR_RESOURCES", "INITIALIZING", "SETTING_UP_TABLES", "RUNNING", "COMPLETED"]
    assert states == [(f"Update {ask.update_id[:6]} is {s}.", s) for s in order]
    defined = ask("""
        SELECT details FROM event_log_raw WHERE event_type = 'dataset_definition'
        AND origin.dataset_name = 'main.default.silver'""")
    assert [json.loads(d)["dataset_definition"] for [d] in defined] == [
        {
            "dataset_type": "STREAMING_TABLE",
            "num_flows": 1,
            "expectations": [
                {"name": "positive", "expression": "x > 0", "action": "ALLOW"},
                {"name": "known", "expression": "x IS NOT NULL", "action": "DROP"},
                {"name": "small", "expression": "x < 100 OR x IS NULL", "action": "FAIL"},
            ],
        }
    ]
    first = ask("""
        SELECT event_type, details:create_update.cause, details:create_update.config.configuration
        FROM event_log_raw ORDER BY sequence.control_plane_seq_no LIMIT 1""")
    assert first == [("create_update", "USER_ACTION", '{"source":"events"}')]


def test_a_full_refresh_tells_that_it_resets_and_a_failure_why(ask):
    p = ask.pipeline
    p.update(Selection(full_refresh_all=True))
    p.feed("events", [{"k": "c", "x": 100}])
    failed = p.update()
    rows = rows_of(p.storage.events("local"), "sequence['control_plane_seq_no']")
    states = [json.loads(r["details"])["update_progress"]["state"] for r in rows
              if r["event_type"] == "update_progress"]  # fmt: skip
    assert states[5:] == [
        "WAITING_FOR_RESOURCES", "INITIALIZING", "RESETTING", "SETTING_UP_TABLES", "RUNNING", "COMPLETED",
        "WAITING_FOR_RESOURCES", "INITIALIZING", "SETTING_UP_TABLES", "RUNNING", "FAILED",
    ]  # fmt: skip
    assert (rows[-1]["level"], rows[-1]["message"]) == (
        "ERROR",
        f"Update {failed.update_id[:6]} is FAILED.",
    )
    [cause] = rows[-1]["error"]["exceptions"]
    assert cause["message"] == failed.by_name()["main.default.silver"].error
    ids = {r["origin"]["update_id"]: r["origin"]["flow_id"] for r in rows
           if r["origin"]["flow_name"] == "main.default.silver"}  # fmt: skip
    first, reset, last = ids.values()
    assert first != reset == last


def test_one_update_at_a_time_and_the_lock_knows_the_jvm(spark, pipeline):
    p = pipeline(SMALL)
    p.feed("events", ROWS)
    path = p.storage.lock("local")
    with update_lock(path, "local"), pytest.raises(WeirError, match="UPDATE_ALREADY_RUNNING"):
        p.update()
    assert (p.events, p.storage.events("local").exists()) == ([], False)
    seen = []
    p.events = Told(lambda: seen.append(json.loads(path.read_text())["jvm_pid"]))
    p.update()
    assert (seen[0], seen[-1], path.read_text()) == (None, jvm_of(spark), "")


class Told(list):
    """A list that calls at every event."""

    def __init__(self, call):
        super().__init__()
        self.call = call

    def append(self, event):
        self.call()
        super().append(event)
