"""Sinks: rows that leave the pipeline, into Delta, a Python data source or a function of the user."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.copies import copied, made_in
from weir.model.settings import Selection
from weir.testing import rows_of

FULL = Selection(full_refresh_all=True)
DELTA = """
import dlt
dlt.create_sink("archive", "delta", {"tableName": "partner.raw.archive"})
dlt.create_sink("folder", "delta", {"path": "/Volumes/out", "mergeSchema": True})

@dlt.table
def bronze():
    return spark.readStream.table("events")

@dlt.append_flow(target="archive")
def kept():
    return dlt.read_stream("bronze")

@dlt.append_flow(target="archive", name="doubled")
def twice():
    return dlt.read_stream("bronze").selectExpr("id * 10 AS id")

@dlt.append_flow(target="folder")
def copied():
    return dlt.read_stream("bronze")
"""


def ids(path):
    return sorted(r["id"] for r in rows_of(path))


def killed_before_its_commit(p, flow, batch=0):
    """What a kill between a batch's write and its entry in the checkpoint leaves behind."""
    folder = p.storage.checkpoint("local", f"main.default.{flow}", 0) / "commits"
    for file in (f"{batch}", f".{batch}.crc"):
        (folder / file).unlink()


@pytest.fixture(scope="module")
def updated(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    (folder / "out").mkdir()
    p = made_in(folder, spark, DELTA, prefixes={"/Volumes": str(folder)})
    p.feed("events", [{"id": 1}, {"id": 2}])
    p.update()
    return p


@pytest.fixture
def archive(updated, tmp_path):
    return copied(updated, tmp_path)


@pytest.mark.parity("same", "1.7", "A delta sink appends to a table by its full name, or to a path")
@pytest.mark.parity("same", "1.7", "Several flows into one sink, each with a checkpoint under its own name")
@pytest.mark.parity("same", "4.2", "A delta sink is exactly once, also after a kill")
def test_a_delta_sink_gets_each_row_once(archive, tmp_path):
    p = archive
    place = p.storage.table("partner.raw.archive")
    assert (ids(place), ids(tmp_path / "out")) == ([1, 2, 10, 20], [1, 2])
    killed_before_its_commit(p, "kept")
    p.feed("events", [{"id": 3}])
    result = p.update().by_name()
    assert (ids(place), ids(tmp_path / "out")) == ([1, 2, 3, 10, 20, 30], [1, 2, 3])
    assert result["folder"].to_json() == {
        "name": "folder", "kind": "sink", "state": "COMPLETED", "rows_in": 1, "rows_written": 1,
        "rows_dropped": 0, "seconds": round(result["folder"].seconds, 3), "expectations": [], "error": None,
    }  # fmt: skip


def test_a_delta_sink_writes_where_a_stand_in_lies(pipeline, tmp_path):
    p = pipeline(DELTA, prefixes={"/Volumes": str(tmp_path)})
    p.feed("events", [{"id": 1}])
    p.feed("partner.raw.archive", [{"id": 0}])
    p.update()
    assert sorted(rows_of(Path(p.outside["partner.raw.archive"])), key=lambda r: r["id"]) == [
        {"id": 0},
        {"id": 1},
        {"id": 10},
    ]


@pytest.mark.parity(
    "same", "4.5", "A full refresh runs the flows into a sink from scratch; nothing is cleaned there"
)
@pytest.mark.parity("same", "4.3", "A sink is refreshed, reset and left out by its name, as tables are")
def test_a_full_refresh_appends_everything_again(archive):
    p = archive
    place = p.storage.table("partner.raw.archive")
    assert [(str(s), s.generation) for s in p.plan(FULL).setup] == [
        ("reset main.default.bronze", 1), ("reset archive", 1), ("reset folder", 1),
    ]  # fmt: skip
    result = p.update(Selection(full_refresh=frozenset({"archive"}))).by_name()
    assert {n: str(d.state) for n, d in result.items()} == {
        "main.default.bronze": "EXCLUDED", "archive": "COMPLETED", "folder": "EXCLUDED",
    }  # fmt: skip
    assert ids(place) == [1, 1, 2, 2, 10, 10, 20, 20]
    p.update()
    assert ids(place) == [1, 1, 2, 2, 10, 10, 20, 20]
    assert [(s.dataset, s.generation) for s in p.plan().flows] == [
        ("main.default.bronze", 0), ("archive", 1), ("archive", 1), ("folder", 0),
    ]  # fmt: skip


def test_a_reset_that_was_killed_halfway_is_one_for_all_flows_of_the_sink(archive):
    p = archive
    p.storage.checkpoint("local", "main.default.kept", 1).mkdir()
    assert [(s.flow, s.generation, s.why) for s in p.plan(Selection(refresh=frozenset({"archive"}))).flows if s.flow] == [
        ("main.default.kept", 1, "has no checkpoint yet: reads all there is"),
        ("main.default.doubled", 1, "has no checkpoint yet: reads all there is"),
    ]  # fmt: skip


@pytest.mark.parity(
    "same", "1.7", "A flow into a sink goes on at its own checkpoint, whichever others come and go"
)
def test_flows_into_a_sink_come_and_go(pipeline, tmp_path):
    flow = """
@dlt.append_flow(target="out")
def {name}():
    return spark.readStream.table("events").selectExpr("id", "'{name}' AS flow")
"""

    def source(*names: str) -> str:
        sink = f'import dlt\ndlt.create_sink("out", "delta", {{"path": "{tmp_path}/out"}})\n'
        return sink + "".join(flow.format(name=name) for name in names)

    p = pipeline(source("first"))
    for event, (names, selection) in enumerate(
        [(["first"], FULL), (["second"], None), (["second", "first"], None)]
    ):
        p.feed("events", [{"id": event}])
        if not event:
            p.update()
        (p.folder / "sources/pipeline.py").write_text(source(*names))
        assert [d.error for d in p.update(selection).datasets if d.error] == []
    assert sorted((r["flow"], r["id"]) for r in rows_of(tmp_path / "out")) == [
        ("first", 0), ("first", 0), ("first", 1), ("first", 2), ("second", 0), ("second", 1), ("second", 2)
    ]  # fmt: skip


@pytest.mark.parity("same", "6.3", "sink_definition, flow_definition.output_sink and origin.sink_name")
def test_the_event_log_knows_sinks(archive):
    rows = [
        (r["event_type"], r["origin"], json.loads(r["details"]).get(r["event_type"]))
        for r in rows_of(archive.storage.events("local"), "sequence['control_plane_seq_no']")
    ]
    assert [d for kind, o, d in rows if kind == "sink_definition" and o["sink_name"] == "folder"] == [
        {"format": "delta", "options": {"path": "/Volumes/out", "mergeSchema": "true"}}
    ]
    (copied,) = [d for k, o, d in rows if k == "flow_definition" and o["flow_name"] == "main.default.copied"]
    assert (copied["output_dataset"], copied["output_sink"], copied["flow_type"]) == (
        None,
        "folder",
        "APPEND",
    )
    places = {
        (o["dataset_name"], o["sink_name"]) for _, o, _ in rows if o["flow_name"] == "main.default.copied"
    }
    assert places == {(None, "folder")}


def test_options_that_are_secret_stay_out_of_the_log(pipeline):
    p = pipeline("""
import dlt
dlt.create_sink("s", "nowhere", {"kafka.sasl.jaas.config": "x", "ssl.key.PASSWORD": "y", "topic": "t"})
@dlt.append_flow(target="s")
def f():
    return spark.readStream.table("events")
""")
    p.feed("events", [{"id": 1}])
    result = p.update()
    (event,) = [e for e in p.events if e.event_type == "sink_definition"]
    hidden = "*********(redacted)"
    assert event.details["options"] == {
        "kafka.sasl.jaas.config": hidden,
        "ssl.key.PASSWORD": hidden,
        "topic": "t",
    }
    assert "[DATA_SOURCE_NOT_FOUND]" in result.datasets[0].error


HANDLER = """
import dlt, json
from pathlib import Path
CALLS = Path({calls!r})

@dlt.view
@dlt.expect("odd", "id % 2 = 1")
def seen():
    return spark.readStream.table("events")

@dlt.foreach_batch_sink(name="merged")
def handler(df, batch_id):
    rows = sorted(r.id for r in df.collect())
    flow = df.sparkSession.conf.get("spark.sql.session.timeZone")
    with CALLS.open("a") as file:
        file.write(json.dumps([batch_id, df.count(), rows, flow]) + "\\n")
    if rows and rows[0] < 100:
        df.createOrReplaceTempView("updates")
        df.sparkSession.sql("MERGE INTO delta.`{target}` t USING updates u ON t.id = u.id "
                            "WHEN NOT MATCHED THEN INSERT *")

@dlt.append_flow(target="merged")
def small():
    return dlt.read_stream("seen").where("id < 100")

@dlt.append_flow(target="merged")
def large():
    return dlt.read_stream("seen").where("id >= 100")
"""


@pytest.fixture
def handled(pipeline, tmp_path):
    calls, target = tmp_path / "calls", tmp_path / "target"

    def told():
        lines = calls.read_text().splitlines() if calls.exists() else []
        calls.unlink(missing_ok=True)
        return sorted(json.loads(line) for line in lines)

    p = pipeline(HANDLER.format(calls=str(calls), target=str(target)))
    p.told, p.target = told, target
    write_deltalake(target, pa.table({"id": [0]}))
    p.feed("events", [{"id": 1}, {"id": 2}, {"id": 100}])
    return p


@pytest.mark.parity(
    "same", "1.7", "foreach_batch_sink: batch_id counts from 0, and again after a full refresh"
)
@pytest.mark.parity("same", "1.7", "foreach_batch_sink: several flows, df.sparkSession, MERGE by path")
@pytest.mark.parity("same", "1.7", "foreach_batch_sink: nothing is known of what it writes")
@pytest.mark.parity(
    "differs", "1.7", "foreach_batch_sink: names of pipeline tables inside the handler",
    "the handler is plain Spark, without a catalog of the pipeline: use paths",
)  # fmt: skip
def test_a_handler_is_given_each_batch(handled):
    p = handled
    first = p.update().by_name()["merged"]
    assert p.told() == [[0, 1, [100], "UTC"], [0, 2, [1, 2], "UTC"]]
    assert (first.kind, str(first.state), first.rows_in, first.rows_written) == (
        "sink",
        "COMPLETED",
        None,
        None,
    )
    p.feed("events", [{"id": 3}])
    result = p.update()
    assert p.told() == [[1, 0, [], "UTC"], [1, 1, [3], "UTC"]]
    seen = [(e.name, e.reader, e.passed, e.failed) for e in result.by_name()["seen"].expectations]
    assert sorted(seen) == [("odd", "main.default.large", 1, 0), ("odd", "main.default.small", 1, 0)]
    p.update(FULL)
    assert p.told() == [[0, 1, [100], "UTC"], [0, 3, [1, 2, 3], "UTC"]]
    assert ids(p.target) == [0, 1, 2, 3]


@pytest.mark.parity(
    "same", "1.7", "foreach_batch_sink is at least once: a batch that was not committed comes again"
)
def test_a_handler_gets_a_batch_again_that_was_not_committed(handled):
    p = handled
    p.update()
    p.told()
    killed_before_its_commit(p, "small")
    p.update()
    assert p.told() == [[0, 2, [1, 2], "UTC"]]


def test_an_error_of_a_handler_shows_the_users_line(pipeline):
    p = pipeline("""
import dlt
@dlt.foreach_batch_sink
def broken(df, batch_id):
    raise ValueError("no such thing")

@dlt.append_flow(target="broken")
def f():
    return spark.readStream.table("events")
""")
    p.feed("events", [{"id": 1}])
    result = p.update()
    error = result.datasets[0].error.splitlines()
    assert (result.exit_code, str(result.datasets[0].state)) == (1, "FAILED")
    assert error[0] == "ValueError: no such thing"
    assert error[1].endswith('pipeline.py", line 5, in broken')


CUSTOM = """
import dlt
from pyspark.sql.datasource import DataSource, DataSourceStreamWriter, WriterCommitMessage

class Lines(DataSource):
    @classmethod
    def name(cls):
        return "lines"

    def streamWriter(self, schema, overwrite):
        return Writer(self.options["folder"])

class Writer(DataSourceStreamWriter):
    def __init__(self, folder):
        self.folder = folder

    def write(self, rows):
        from pyspark import TaskContext
        partition = TaskContext.get().partitionId()
        with open(f"{self.folder}/part{partition}", "a") as file:
            file.writelines(f"{row.k} {row.n}\\n" for row in rows)
        return WriterCommitMessage()

spark.dataSource.register(Lines)
dlt.create_sink(name="out", format="lines", options={"folder": FOLDER})

@dlt.append_flow(target="out")
def told():
    return spark.readStream.table("events")
"""


@pytest.mark.parity("same", "1.7", "A sink of any Python data source that the sources register")
def test_a_data_source_of_the_user_is_a_sink(pipeline, tmp_path):
    folder = tmp_path / "lines"
    folder.mkdir()
    p = pipeline(CUSTOM.replace("FOLDER", repr(str(folder))))
    p.feed("events", [{"k": "a", "n": 1}, {"k": "b", "n": 2}])
    p.update()
    p.feed("events", [{"k": "c", "n": 3}])
    assert p.update().by_name()["out"].rows_written == 1
    found = [line for file in folder.iterdir() for line in file.read_text().splitlines()]
    assert sorted(found) == ["a 1", "b 2", "c 3"]


COUNTED = """
import dlt
from pathlib import Path

@dlt.foreach_batch_sink
def out(df, batch_id):
    with Path({calls!r}).open("a") as file:
        file.writelines(f"{{batch_id}} {{r.k}} {{r.n}}\\n" for r in df.orderBy("k").collect())

@dlt.{flow}
def totals():
    return spark.readStream.table("events").groupBy("k").agg({{"*": "count"}}).toDF("k", "n")
"""


@pytest.mark.parity("same", "1.3", "update_flow writes into a sink what has changed (output mode update)")
def test_an_update_flow_gives_the_rows_that_changed(pipeline, tmp_path):
    flow = 'update_flow(target="out", spark_conf={"spark.sql.shuffle.partitions": "1"})'
    p = pipeline(COUNTED.format(calls=str(tmp_path / "calls"), flow=flow))
    p.feed("events", [{"k": "a"}, {"k": "a"}, {"k": "b"}])
    p.update()
    p.feed("events", [{"k": "b"}])
    p.update()
    assert (tmp_path / "calls").read_text().splitlines() == ["0 a 2", "0 b 1", "1 b 2"]
    assert {e.details["flow_type"] for e in p.events if e.event_type == "flow_definition"} == {"UPDATE"}


def test_an_aggregate_without_watermark_is_not_appended_to_a_sink(pipeline, tmp_path):
    p = pipeline(COUNTED.format(calls=str(tmp_path / "calls"), flow='append_flow(target="out")'))
    p.feed("events", [{"k": "a"}])
    (problem,) = p.problems()
    assert problem.condition == "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION"
    assert "not in append mode" in problem.message


STREAM = 'return spark.readStream.format("rate").load()'
SINK = 'dlt.create_sink("s", "noop")\n'
FLOW = f'@dlt.append_flow(target="s")\ndef f():\n    {STREAM}\n'


@pytest.mark.parity(
    "same", "1.7", "Into a sink: no batch, no once flow, no expectations; nothing reads from it"
)
@pytest.mark.parity("same", "1.3", "update_flow only into a sink, and none of Delta's")
@pytest.mark.parity("refused", "1.3", "The trigger RealTime of update_flow", "leave pipelines.trigger out")
@pytest.mark.parity(
    "refused", "1.7", "databricks.serviceCredential of a Kafka sink", "the broker's own options"
)
@pytest.mark.parametrize(
    ("source", "condition", "line"),
    [
        (SINK + FLOW.replace("readStream", "read").replace('format("rate").load()', "range(1)").replace("spark.read.", "spark."),
         "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_SINK", 3),
        (SINK + '@dlt.append_flow(target="s", once=True)\ndef f():\n    return spark.range(1)',
         "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_SINK", 3),
        (SINK + FLOW + '@dlt.table\ndef t():\n    return dlt.read("s")', "SINK_NOT_READABLE", 8),
        (SINK, "PIPELINE_DATASET_WITHOUT_FLOW", 2),
        (SINK + FLOW + "@dlt.table\ndef s():\n    return spark.range(1)", "PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT", 2),
        (SINK + FLOW + "@dlt.view\ndef s():\n    return spark.range(1)", "PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT", 6),
        (SINK + FLOW + SINK, "PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT", 6),
        (SINK + FLOW.replace("def f", '@dlt.expect("a", "1 = 1")\ndef f'), "EXPECTATIONS_ON_FLOW", 3),
        (SINK + '@dlt.expect("a", "1 = 1")\n' + FLOW, "EXPECTATIONS_ON_FLOW", 3),
        ('dlt.create_sink("a.b", "noop")', "SINK_NAME_TOO_MANY_NAME_PARTS", 2),
        ('dlt.create_sink("s", 5)', "NOT_EXPECTED_TYPE", 2),
        ('dlt.create_sink("s", "delta", {})', "DELTA_SINK_WITHOUT_PLACE", 2),
        ('dlt.create_sink("s", "delta", {"path": "/x", "tableName": "a.b.c"})', "DELTA_SINK_WITHOUT_PLACE", 2),
        ('dlt.create_sink("s", "delta", {"tableName": "b.c"})\n' + FLOW, "DELTA_SINK_TABLE_NOT_QUALIFIED", 2),
        ('dlt.create_sink("s", "delta", {"tableName": "main.default.t"})\n' + FLOW
         + "@dlt.table\ndef t():\n    return spark.range(1)", "DELTA_SINK_INTO_PIPELINE_TABLE", 2),
        ('dlt.create_sink("s", "delta", {"path": "/etc"})\n' + FLOW, "DELTA_SINK_INTO_OTHER_DATA", 2),
        ('dlt.create_sink("s", "kafka", {"topic": "t", "databricks.serviceCredential": "c"})', "Unsupported", 2),
        ('dlt.create_sink("s", "kafka", {"kafka.bootstrap.servers": "h:1", "topic": "t"})\n'
         + FLOW.replace(".load()", '.load().select("timestamp")'), "KAFKA_SINK_COLUMN_MISSING", 3),
        ('dlt.create_sink("s", "kafka", {"topic": "t"})\n' + FLOW, "KAFKA_SINK_WITHOUT_SERVERS", 2),
        ("@dlt.foreach_batch_sink\ndef s(df):\n    pass", "FOREACH_BATCH_SINK_PARAMETERS", 2),
        ('@dlt.foreach_batch_sink\n@dlt.expect("a", "1 = 1")\ndef s(df, n):\n    pass', "EXPECTATIONS_ON_FLOW", 2),
        (FLOW.replace("append", "update") + '@dlt.table(name="s")\ndef t():\n    return spark.range(1)',
         "UPDATE_FLOW_TARGET_NOT_SUPPORTED", 2),
        ('dlt.create_sink("s", "delta", {"path": "/nowhere"})\n' + FLOW.replace("append", "update"),
         "UPDATE_FLOW_TARGET_NOT_SUPPORTED", 3),
        (FLOW.replace('append_flow(target="s")', "update_flow()"), "PIPELINE_FLOW_WITHOUT_TARGET", 2),
        (SINK + FLOW.replace('append_flow(target="s")', 'update_flow(target="s", spark_conf={"pipelines.trigger": "RealTime"})'),
         "Unsupported", 3),
    ],
)  # fmt: skip
def test_what_a_sink_can_not_take_is_refused_by_name(pipeline, source, condition, line):
    problems = pipeline(f"import dlt\n{source}\n").problems()
    assert (problems[0].condition, problems[0].origin.line) == (condition, line)
    assert problems[0].hint


def test_a_flow_that_looks_at_data_is_refused_once_it_is_known_to_be_a_batch(pipeline):
    p = pipeline("""
import dlt
dlt.create_sink("s", "noop")
@dlt.append_flow(target="s")
def f():
    spark.read.table("events").count()
    return spark.read.table("events")
""")
    p.feed("events", [{"id": 1}])
    assert p.problems() == ()
    assert p.update().datasets[0].error.startswith("[INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_SINK]")
