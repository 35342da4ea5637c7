"""The queries that Databricks' pages show, over the event log of one update (specification §6.6)."""

from __future__ import annotations

import getpass
import json
import re
from pathlib import Path

import pytest

from tests.copies import copied, made_in
from weir.model.problems import WeirError
from weir.model.settings import Selection
from weir.run.lake.lock import jvm_of, update_lock
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


@pytest.fixture(scope="module")
def updated(spark, tmp_path_factory):
    """The small pipeline after an update, whose id comes beside it."""
    p = made_in(tmp_path_factory.mktemp("small"), spark, SMALL, configuration={"source": "events"})
    p.feed("events", ROWS)
    return p, p.update().update_id


@pytest.fixture
def ask(spark, updated, tmp_path):
    """A copy of it, and a way to query its log."""
    p, update_id = copied(updated[0], tmp_path), updated[1]
    spark.read.format("delta").load(str(p.storage.events("local"))).createOrReplaceTempView("event_log_raw")

    def ask(query):
        return [tuple(r) for r in spark.sql(local(query.replace("<id>", update_id))).collect()]

    ask.update_id, ask.pipeline = update_id, p
    return ask


def field(name, kind):
    return {"name": name, "type": kind, "nullable": True, "metadata": {}}


@pytest.mark.parity(
    "same", "6.6", "Latest update, lineage, quality, backlog (NULL), audit, runtime, refresh technique"
)
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


@pytest.mark.parity("same", "6.6", "Durations of updates and of flows, totals of rows")
def test_durations_and_totals_can_be_computed(ask):
    [(seconds,)] = ask("""
        SELECT timestampdiff(MILLISECOND,
            min(timestamp) FILTER (WHERE event_type = 'create_update'),
            max(timestamp) FILTER (WHERE details:update_progress.state IN ('COMPLETED', 'FAILED', 'CANCELED'))
        ) / 1000 FROM event_log_raw WHERE origin.update_id = '<id>'""")
    flows = ask("""
        SELECT split_part(origin.flow_name, '.', -1) AS flow, timestampdiff(MILLISECOND,
            min(timestamp) FILTER (WHERE details:flow_progress.status = 'STARTING'),
            max(timestamp) FILTER (WHERE details:flow_progress.status = 'COMPLETED')) / 1000
        FROM event_log_raw WHERE event_type = 'flow_progress' GROUP BY 1 ORDER BY 1""")
    assert [name for name, _ in flows] == ["bronze", "gold", "silver"]
    assert 0 < sum(took for _, took in flows) <= seconds
    assert ask("""
        SELECT split_part(origin.dataset_name, '.', -1),
            sum(details:flow_progress.metrics.num_output_rows), sum(details:flow_progress.data_quality.dropped_records)
        FROM event_log_raw WHERE event_type = 'flow_progress' GROUP BY 1 ORDER BY 1""") == [
        ("bronze", 3, 0),
        ("gold", 2, 0),
        ("silver", 2, 1),
    ]


REPORT = """
import dlt

@dlt.table
def statuses():
    return spark.sql("SELECT DISTINCT d:flow_progress.status::string AS status "
        "FROM (SELECT parse_json(details) AS d FROM log.x.events) WHERE d:flow_progress IS NOT NULL")
"""


@pytest.mark.parity("same", "6.6", "The operator `:` on a VARIANT, such as parse_json(details)")
def test_details_parsed_to_a_variant_take_the_usual_paths(ask, pipeline):
    log = str(ask.pipeline.storage.events("local"))
    reports = pipeline(REPORT, name="reports", outside={"log.x.events": log})
    reports.update()
    found = [r["status"] for r in reports.rows("statuses", "status")]
    assert found == ["COMPLETED", "QUEUED", "RUNNING", "STARTING"]


WRITTEN = {"create_update", "user_action", "runtime_details", "update_progress", "dataset_definition",
           "flow_definition", "flow_progress", "planning_information", "stream_progress"}  # fmt: skip


@pytest.mark.parity("same", "6.2", "The columns of the event log")
@pytest.mark.parity(
    "differs",
    "6.3",
    "Events without a meaning here",
    "never written: cluster_resources, autoscale, operation_progress, behavior_change_in_spark_connect; "
    "explain_text and backlog_* are missing",
)
def test_these_events_are_written_and_no_others(ask, spark):
    kinds = ask("SELECT event_type, level, maturity_level FROM event_log_raw GROUP BY ALL")
    assert set(kinds) == {(k, "METRICS" if k == "stream_progress" else "INFO", "STABLE") for k in WRITTEN} | {
        ("flow_progress", "METRICS", "STABLE")
    }
    assert ask("SELECT DISTINCT details:flow_definition.explain_text FROM event_log_raw") == [(None,)]
    assert spark.table("event_log_raw").columns == [
        "id", "sequence", "origin", "timestamp", "message", "level", "maturity_level", "error", "details",
        "event_type",
    ]  # fmt: skip


@pytest.mark.parity(
    "same", "6.3", "stream_progress: a micro-batch as Spark's listener reports it, without three metrics"
)
def test_each_micro_batch_is_told_as_sparks_listener_would(ask):
    p, seen = ask.pipeline, []
    p.feed("events", [{"k": "c", "x": 2}])
    p.update()
    for row in rows_of(p.storage.events("local"), "sequence['control_plane_seq_no']"):
        if row["event_type"] == "stream_progress" and row["origin"]["dataset_name"] == "main.default.bronze":
            progress = json.loads(json.loads(row["details"])["stream_progress"]["progress_json"])
            assert progress["batchId"] == row["origin"]["batch_id"]
            seen.append(progress)
    assert [(b["batchId"], b["name"]) for b in seen] == [
        (0, "main.default.bronze"),
        (1, "main.default.bronze"),
    ]
    assert seen[0]["sink"]["numOutputRows"] == -1
    lacking = {"numInputRows", "inputRowsPerSecond", "processedRowsPerSecond"}
    for part in (*seen, *(s for b in seen for s in b["sources"])):
        assert not lacking & set(part)


@pytest.mark.parity(
    "same", "6.3", "deprecation events for old functions and for an explicit path, one an update"
)
@pytest.mark.filterwarnings("ignore:`path` is ignored")
def test_what_is_deprecated_is_told_once_an_update(pipeline):
    p = pipeline("""
import dlt

dlt.create_target_table("a")
dlt.create_streaming_live_table("b")

@dlt.append_flow(target="a")
def into_a():
    return spark.readStream.table("given")

@dlt.append_flow(target="b")
def into_b():
    return spark.readStream.table("given")

@dlt.create_table(path="/somewhere")
def c():
    return dlt.read("v")

@dlt.create_table
def d():
    return dlt.read("v")

@dlt.create_view
def v():
    return spark.range(1)
""")
    p.feed("given", [{"x": 1}])
    p.update()
    told = [(e.details["message"], e.message, e.level) for e in p.events if e.event_type == "deprecation"]
    old = {"create_target_table": "create_streaming_table", "create_streaming_live_table": "create_streaming_table",
           "create_table": "table", "create_view": "view"}  # fmt: skip
    texts = {f"PYTHON_{o.upper()}": f"Function {o} has been deprecated. Please use {new} instead."
             for o, new in old.items()}  # fmt: skip
    texts["UNUSED_EXPLICIT_PATH_ON_UC_MANAGED_TABLE"] = "`path` is ignored, as in Unity Catalog pipelines"
    assert sorted(told) == sorted((code, text, "WARN") for code, text in texts.items())
    assert (p.rows("a"), len(p.rows("c"))) == ([{"x": 1}], 1)


@pytest.mark.parity("same", "6.4", "The messages of updates and flows")
def test_an_update_tells_its_states_and_what_it_is_made_of(ask):
    states = ask("""
        SELECT message, details:update_progress.state FROM event_log_raw
        WHERE event_type = 'update_progress' ORDER BY sequence.control_plane_seq_no""")
    order = ["WAITING_FOR_RESOURCES", "INITIALIZING", "SETTING_UP_TABLES", "RUNNING", "COMPLETED"]
    assert states == [(f"Update {ask.update_id[:6]} is {s}.", s) for s in order]
    flow = ask("""
        SELECT message FROM event_log_raw WHERE event_type = 'flow_progress'
        AND origin.flow_name = 'main.default.gold' ORDER BY sequence.control_plane_seq_no""")
    assert [m for [m] in flow] == [
        "Flow 'main.default.gold' is QUEUED.",
        "Flow 'main.default.gold' is STARTING.",
        "Flow 'main.default.gold' is RUNNING.",
        "Completed a streaming update of 'main.default.gold'.",
        "Flow 'main.default.gold' has COMPLETED.",
    ]
    defined = ask("""
        SELECT details FROM event_log_raw WHERE event_type = 'dataset_definition'
        AND origin.dataset_name = 'main.default.silver'""")
    [silver] = [json.loads(d)["dataset_definition"] for [d] in defined]
    assert [silver] == [
        {
            "dataset_type": "STREAMING_TABLE",
            "num_flows": 1,
            "expectations": [
                {"name": "positive", "expression": "x > 0", "action": "ALLOW"},
                {"name": "known", "expression": "x IS NOT NULL", "action": "DROP"},
                {"name": "small", "expression": "x < 100 OR x IS NULL", "action": "FAIL"},
            ],
            "comment": None,
            "source": silver["source"],
            "definition_hash": silver["definition_hash"],
        }
    ]
    first = ask("""
        SELECT event_type, details:create_update.cause, details:create_update.config.configuration
        FROM event_log_raw ORDER BY sequence.control_plane_seq_no LIMIT 1""")
    assert first == [("create_update", "USER_ACTION", '{"source":"events"}')]


@pytest.mark.parity(
    "differs",
    "6.3",
    "dataset_definition, flow_definition and a completed flow tell more",
    "comment, source (file and line), definition_hash, keys of AUTO CDC; table_version",
)
def test_definitions_tell_their_place_and_flows_the_version_that_they_leave(ask):
    placed = ask("""
        SELECT origin.flow_name, details:flow_definition.source.file, details:flow_definition.source.line
        FROM event_log_raw WHERE event_type = 'flow_definition'""")
    lines = {name.rpartition(".")[2]: (Path(file).name, int(line)) for name, file, line in placed}
    assert lines == {"gold": ("pipeline.py", 4), "silver": ("pipeline.py", 8), "cleaned": ("pipeline.py", 15),
                     "bronze": ("pipeline.py", 20)}  # fmt: skip
    hashes = ask("SELECT DISTINCT details:flow_definition.definition_hash FROM event_log_raw")
    assert {len(h) for [h] in hashes if h} == {16}
    left = ask("""
        SELECT origin.dataset_name, details:flow_progress.table_version FROM event_log_raw
        WHERE details:flow_progress.status = 'COMPLETED'""")
    storage = ask.pipeline.storage
    assert left == [(name, str(storage.version(name))) for name, _ in left]
    assert len(left) == 3
    plan = json.loads(storage.plan("local", ask.update_id).read_text())
    assert [s["step"] for s in plan["steps"]] == ["create"] * 3 + ["stream", "stream", "refresh"]


@pytest.mark.parity("differs", "6.2", "error.exceptions[].stack", "empty: classes and messages only")
@pytest.mark.parity("same", "6.5", "A failed update: level ERROR, the cause stands in error.exceptions alone")
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
    why = failed.by_name()["main.default.silver"].error
    assert cause == {"class_name": "FlowFailed", "message": why, "stack": []}
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
